"""What a question comes to for one record; typed, frozen, internal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Literal, TypeAlias

from gateway.canonical import Json, canonical, digest
from gateway.policy.question import AskKey
from gateway.policy.rules import LAYERS
from gateway.policy.table import Line, Obligation, RuleRef, Table

__all__ = [
    "MOST_KEPT",
    "AskDecision",
    "Decision",
    "LayerSaid",
    "Outcome",
    "Union",
    "Verdicts",
    "clause_list",
    "clause_number",
    "merged",
    "obligations",
    "possible_duties",
    "union",
]

Outcome: TypeAlias = Literal["release", "withhold", "wait"]
"""What happens after a local government's use of discretion."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LayerSaid:
    """What one layer said; a layer that is not listed was silent."""

    layer: str
    effect: str
    rule: str
    case: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AskDecision:
    """The decision on one category.

    ``effect`` is before discretion is exercised, ``outcome`` after it. ``reviewer``
    is a role where the outcome waits, else the empty string.
    """

    kind: str
    use: str
    category: str
    effect: str
    discretion: bool
    outcome: Outcome
    rule: RuleRef
    case: str
    reason: str
    reviewer: str
    layers: tuple[LayerSaid, ...]
    obligations: tuple[Obligation, ...]

    def document(self) -> dict[str, Json]:
        """Return the decision as plain data: the internal rendering."""
        return {
            "kind": self.kind,
            "use": self.use,
            "category": self.category,
            "effect": self.effect,
            "discretion": self.discretion,
            "outcome": self.outcome,
            "rule": self.rule.id,
            "citation": self.rule.citation,
            "case": self.case,
            "reason": self.reason,
            "reviewer": self.reviewer,
            "layers": [
                {
                    "layer": said.layer,
                    "effect": said.effect,
                    "rule": said.rule,
                    "case": said.case,
                }
                for said in self.layers
            ],
            "obligations": [due.document() for due in self.obligations],
        }


@dataclass(frozen=True, kw_only=True, eq=False)
class Decision:
    """The decision on one record: one verdict for each ask; compared by identity.

    ``answer`` is the digest of the engine's rows, so that an auditor who asks again
    can compare; empty where the screen was the decision.
    """

    revision: str
    asks: Mapping[AskKey, AskDecision]
    answer: str = ""

    @cached_property
    def alone(self) -> Union:
        """What it comes to where it is the only one; records share decisions."""
        return _united(self.asks.values())

    def document(self) -> dict[str, Json]:
        """Return the decision as plain data: the internal rendering."""
        return {
            "schema": "sallyport.decision/1",
            "revision": self.revision,
            "asks": [ask.document() for ask in self.asks.values()],
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Union:
    """What the decisions on all records of an exchange come to together."""

    outcome: Outcome
    reviewers: tuple[str, ...]
    obligations: tuple[Obligation, ...]
    rules: tuple[RuleRef, ...]


def union(decisions: Iterable[Decision]) -> Union:
    """Return outcome, reviewers, obligations and deciding rules over records.

    Something released makes the outcome ``release``; else something that waits makes
    it ``wait``; else ``withhold``. Only asks to release count.
    """
    # Many records have the same decision, and it is the same object.
    distinct = tuple({id(decision): decision for decision in decisions}.values())
    if len(distinct) == 1:
        return distinct[0].alone
    return _united(ask for decision in distinct for ask in decision.asks.values())


def _united(every: Iterable[AskDecision]) -> Union:
    asks = [ask for ask in every if ask.use == "release"]
    outcomes = {ask.outcome for ask in asks}
    order: tuple[Outcome, ...] = ("release", "wait", "withhold")
    return Union(
        outcome=next((o for o in order if o in outcomes), "withhold"),
        reviewers=tuple(sorted({ask.reviewer for ask in asks} - {""})),
        obligations=merged(due for ask in asks for due in ask.obligations),
        rules=tuple(
            sorted(dict.fromkeys(ask.rule for ask in asks), key=lambda rule: rule.id)
        ),
    )


def merged(dues: Iterable[Obligation]) -> tuple[Obligation, ...]:
    """Return obligations without repetition, by code and parameters."""
    found: dict[tuple[str, str], Obligation] = {}
    for due in dues:
        found.setdefault((due.code, repr(due.parameters)), due)
    return tuple(found[key] for key in sorted(found))


class Verdicts:
    """Turns the numbers of an answer into decisions; one a revision.

    The few distinct verdicts of a revision are kept, so that a record costs little.
    """

    def __init__(self, *, table: Table, revision: str) -> None:
        """Take the table of the revision."""
        self._table = table
        self._revision = revision
        self._kept: dict[tuple[AskKey, int, str, tuple[int, ...]], AskDecision] = {}

    def decision(
        self, keys: Sequence[AskKey], rows: Sequence[Mapping[str, Json]]
    ) -> Decision:
        """Return the decision that an engine's rows say, in the question's order.

        Raises:
            KeyError, TypeError, ValueError: for rows that are not an answer.
        """
        asks = {
            key: self.verdict(key, row) for key, row in zip(keys, rows, strict=True)
        }
        return Decision(
            revision=self._revision,
            asks=MappingProxyType(asks),
            answer=digest(canonical([*rows])),
        )

    def verdict(self, key: AskKey, row: Mapping[str, Json]) -> AskDecision:
        """Return one ask's decision."""
        by, outcome = clause_number(row["by"]), row["outcome"]
        said = tuple(map(clause_number, clause_list(row["said"])))
        kept = (key, by, str(outcome), said)
        if kept not in self._kept:
            if len(self._kept) > MOST_KEPT:
                self._kept.clear()
            self._kept[kept] = self._made(key, by, _outcome(outcome), said)
        return self._kept[kept]

    def _made(
        self, key: AskKey, by: int, outcome: Outcome, said: tuple[int, ...]
    ) -> AskDecision:
        line = self._table.line(by)
        lines = self._table.lines(said)
        kind, use, category = key
        return AskDecision(
            kind=kind,
            use=use,
            category=category,
            effect=line.says,
            discretion=line.discretion,
            outcome=outcome,
            rule=line.rule,
            case=line.case,
            reason=line.reason,
            reviewer=line.reviewer if outcome == "wait" else "",
            layers=_layers(lines, line),
            obligations=obligations(lines, line.says),
        )


MOST_KEPT = 20_000


def obligations(lines: Sequence[Line], effect: str) -> tuple[Obligation, ...]:
    """Return what is due when these rules spoke and this effect stands."""
    always = (due for line in lines for due in line.obligations)
    fitting = (due for line in lines for due in line.obligations_on.get(effect, ()))
    return merged([*always, *fitting])


def possible_duties(lines: Iterable[Line]) -> frozenset[str]:
    """Return the codes of whatever may become due when these rules may speak."""
    return frozenset(
        due.code
        for line in lines
        for dues in (line.obligations, *line.obligations_on.values())
        for due in dues
    )


def clause_number(value: Json) -> int:
    """Return the number by which an answer names a clause; TypeError otherwise."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError("an answer names clauses by number")
    return value


def clause_list(value: Json) -> list[Json]:
    """Return the clauses that an answer lists; TypeError otherwise."""
    if not isinstance(value, list):
        raise TypeError("an answer lists clauses")
    return value


def _layers(lines: Sequence[Line], decides: Line) -> tuple[LayerSaid, ...]:
    """Return the strongest clause of each layer that spoke, top layer first.

    Of equals the one that decides; else the first.
    """
    found: list[LayerSaid] = []
    for layer in LAYERS:
        here = [line for line in lines if line.layer == layer]
        if here:
            effects = {line.says for line in here}
            clash = layer in LAYERS[4:] and {"prohibit", "require"} <= effects
            first = here[0]
            if decides in here and decides.says == first.says:
                first = decides
            found.append(
                LayerSaid(
                    layer=layer,
                    effect="review" if clash else first.says,
                    rule=first.rule.id,
                    case=first.case,
                )
            )
    return tuple(found)


def _outcome(word: Json) -> Outcome:
    match word:
        case "release" | "withhold" | "wait":
            return word
        case _:
            raise ValueError("an answer has an outcome that is no outcome")
