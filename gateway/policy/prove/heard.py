"""No case is unreachable, no condition can never hold, no rule is shadowed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gateway.policy.compile import compile_rules
from gateway.policy.law import Rule
from gateway.policy.prove.law import read_law
from gateway.policy.prove.logic import Bool, both, either
from gateway.policy.prove.results import Counterexample, Proof, Unheard, case_name
from gateway.policy.prove.search import Search
from gateway.policy.prove.theory import Theory
from gateway.policy.prove.usual import Usual
from gateway.policy.table import table_document
from gateway.policy.vocabulary import Vocabulary

__all__ = ["heard", "reachable", "unheard"]


def unheard(vocabulary: Vocabulary, rules: Sequence[Rule]) -> list[Unheard]:
    """Return every rule and case of a stack that changes no answer to any question."""
    compiled = compile_rules(vocabulary, rules)
    # Which clauses wait for a record is read from the data, not from the table.
    table = table_document(rules, compiled.clauses, pending=())
    theory = Theory(read_law(compiled.data, table, vocabulary), Usual({}))
    return [*_silent(theory), *_shadowed(theory)]


def reachable(theory: Theory) -> Proof:
    """Prove that every case of every rule speaks in answer to some question."""
    return Proof(
        id="reachable",
        says="Every case of every rule speaks in answer to some question.",
        broken_by=tuple(Counterexample(says=str(one)) for one in _silent(theory)),
    )


def heard(theory: Theory) -> Proof:
    """Prove that each rule decides some question, or adds a duty where it speaks."""
    return Proof(
        id="heard",
        says="Every rule decides some question, or adds a duty where it speaks.",
        broken_by=tuple(Counterexample(says=str(one)) for one in _shadowed(theory)),
    )


def _silent(theory: Theory) -> Iterator[Unheard]:
    """Yield the cases that never speak."""
    cases = _cases(theory)
    search = theory.search(dict(_speaking(theory, cases)))
    for rule, case in cases:
        if not search.possible(f"speaks {case_name(rule, case)}"):
            yield _why(search, list(cases), rule, case)


def _cases(theory: Theory) -> dict[tuple[str, str], list[int]]:
    """Return the clauses that each case of each rule is."""
    table = theory.law.table
    cases: dict[tuple[str, str], list[int]] = {
        (name, case): [] for name, rule in table.rules.items() for case in rule.cases
    }
    for number, row in table.clauses.items():
        if row.says != "doubt":
            cases[row.rule, row.case].append(int(number))
    for key, numbers in cases.items():
        # A bar that papers lift is a clause of its last case, which speaks besides.
        said = [n for n in numbers if table.clauses[str(n)].says != "lift"]
        cases[key] = said or numbers
    return cases


def _speaking(
    theory: Theory, cases: dict[tuple[str, str], list[int]]
) -> Iterator[tuple[str, Bool]]:
    """Yield for each case, by name, when it speaks, and when it holds."""
    answer = theory.answer
    for (rule, case), numbers in cases.items():
        name = case_name(rule, case)
        yield f"speaks {name}", either(answer.speaks[n] for n in numbers)
        holds = [both([answer.reaches[n], answer.holds[n]]) for n in numbers]
        yield f"holds {name}", either(holds)


def _why(
    search: Search, cases: Sequence[tuple[str, str]], rule: str, case: str
) -> Unheard:
    """Return why a case never speaks."""
    holds = f"holds {case_name(rule, case)}"
    if not search.possible(holds):
        said = "its conditions can never hold together"
        return Unheard(code="never_holds", rule=rule, case=case, said=said)
    others = [
        case_name(rule, other)
        for name, other in cases
        if name == rule
        and other != case
        and search.possible(holds, f"speaks {case_name(rule, other)}")
    ]
    said = "where it holds, another case always speaks first"
    return Unheard(
        code="unreachable", rule=rule, case=case, said=said, by=tuple(others)
    )


def _shadowed(theory: Theory) -> Iterator[Unheard]:
    """Yield the rules that decide nothing, and add no duty where they speak."""
    answer, table = theory.answer, theory.law.table
    deciding: dict[str, list[Bool]] = {name: [] for name in table.rules}
    speaking: dict[str, list[Bool]] = {name: [] for name in table.rules}
    for number, row in table.clauses.items():
        if row.says not in {"doubt", "lift"}:
            deciding[row.rule].append(answer.by(int(number)))
            speaking[row.rule].append(answer.speaks[int(number)])
    search = theory.search(
        {
            **{f"decides {name}": either(some) for name, some in deciding.items()},
            **{f"speaks {name}": either(some) for name, some in speaking.items()},
        }
    )
    for name, rule in table.rules.items():
        duties = [c for c in rule.cases.values() if c.obligations or c.obligations_on]
        speaks = f"speaks {name}"
        if duties or search.possible(f"decides {name}") or not search.possible(speaks):
            continue
        others = [
            other
            for other in table.rules
            if search.possible(speaks, f"decides {other}")
        ]
        said = "wherever it speaks, other rules decide"
        by = tuple(others)
        yield Unheard(code="shadowed", rule=name, case="", said=said, by=by)
