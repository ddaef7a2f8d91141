"""No case is unreachable, no condition can never hold, no rule is shadowed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gateway.policy.prove.logic import Bool, both, either
from gateway.policy.prove.proof import Counterexample, Proof
from gateway.policy.prove.search import Search
from gateway.policy.prove.stack import Stack

__all__ = ["Unheard", "heard", "reachable", "unheard"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Unheard:
    """A rule, or a case of it, that no question can make heard; and why."""

    rule: str
    case: str
    why: str

    def __str__(self) -> str:
        """Render as one line."""
        return f"{self.rule}{'#' if self.case else ''}{self.case}: {self.why}"


def reachable(stack: Stack) -> Proof:
    """Prove that every case of every rule speaks in answer to some question."""
    return Proof(
        id="reachable",
        says="Every case of every rule speaks in answer to some question.",
        broken_by=tuple(Counterexample(says=str(one)) for one in unheard(stack)),
    )


def unheard(stack: Stack) -> list[Unheard]:
    """Return the cases that never speak: impossible, or behind others that always do."""
    walks = _Walks(stack)
    search = walks.search()
    return [
        Unheard(rule=rule, case=case, why=walks.why(search, rule, case))
        for rule, case in walks.cases
        if not search.possible(f"speaks {rule}#{case}")
    ]


class _Walks:
    """The cases of each rule in order, with the clauses that they are."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        rows = stack.law.table.clauses
        self.cases: dict[tuple[str, str], list[int]] = {
            (name, case): []
            for name, rule in stack.law.table.rules.items()
            for case in rule.cases
        }
        for number, row in rows.items():
            if row.says != "doubt":
                self.cases[row.rule, row.case].append(int(number))
        for key, numbers in self.cases.items():
            said = [n for n in numbers if rows[str(n)].says != "lift"]
            # A bar that papers lift is a clause of its last case, which speaks besides.
            self.cases[key] = said or numbers

    def search(self) -> Search:
        answer = self._stack.answer
        claims: dict[str, Bool] = {}
        for (rule, case), numbers in self.cases.items():
            name = f"{rule}#{case}"
            claims[f"speaks {name}"] = either(answer.speaks[n] for n in numbers)
            claims[f"holds {name}"] = either(
                both([answer.reaches[n], answer.holds[n]]) for n in numbers
            )
        return self._stack.search(claims)

    def why(self, search: Search, rule: str, case: str) -> str:
        """Return why a case never speaks."""
        holds = f"holds {rule}#{case}"
        if not search.possible(holds):
            return "its conditions can never hold together"
        others = [
            f"#{other}" if other else "the rule itself"
            for name, other in self.cases
            if name == rule
            and other != case
            and search.possible(holds, f"speaks {rule}#{other}")
        ]
        return f"where it holds, another case always speaks first: {', '.join(others)}"


def heard(stack: Stack) -> Proof:
    """Prove that each rule decides some question, or adds a duty where it speaks."""
    answer, table = stack.answer, stack.law.table
    deciding: dict[str, list[Bool]] = {name: [] for name in table.rules}
    for number, row in table.clauses.items():
        if row.says not in {"doubt", "lift"}:
            deciding[row.rule].append(answer.by(int(number)))
    idle = [
        name
        for name, rule in table.rules.items()
        if not any(case.obligations or case.obligations_on for case in rule.cases.values())
    ]
    search = stack.search({name: either(deciding[name]) for name in idle})
    return Proof(
        id="heard",
        says="Every rule decides some question, or adds a duty where it speaks.",
        broken_by=tuple(
            Counterexample(says=f"{name}: wherever it speaks, another rule decides")
            for name in idle
            if not search.possible(name)
        ),
    )
