"""What may still come of a question before any record is read.

The requester's rendering is made of this and of nothing else, so that it can tell no
fact of a record.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

from gateway.canonical import Json, canonical, digest
from gateway.policy.decision import (
    MOST_KEPT,
    AskDecision,
    Decision,
    Outcome,
    Verdicts,
    clause_list,
    clause_number,
    merged,
    obligations,
    possible_duties,
)
from gateway.policy.question import AskKey
from gateway.policy.requesterrow import RequesterRow
from gateway.policy.table import Line, Obligation, Reason, RuleRef, Table

__all__ = ["Screen", "ScreenAsk", "Screens", "requester_view"]

OUTCOMES: Mapping[str, Outcome] = {
    "prohibit": "withhold",
    "review": "wait",
    "require": "release",
    "permit": "release",
    "permit_discretion": "wait",
}
_CLOSED = ("prohibit", "review", "permit_discretion", "require", "permit")


@dataclass(frozen=True, kw_only=True)
class ScreenAsk:
    """What may come of one ask, whatever the record says.

    ``decision`` is there if no fact of a record can change it. ``reasons``,
    ``obligations`` and ``change`` depend on no fact of a record. ``duties`` are the
    codes of every obligation that some record could bring.
    """

    kind: str
    use: str
    category: str
    effects: frozenset[str]
    outcomes: frozenset[str]
    needs: frozenset[str]
    rules: tuple[RuleRef, ...]
    reasons: tuple[Reason, ...]
    obligations: tuple[Obligation, ...]
    change: tuple[str, ...]
    duties: frozenset[str]
    decision: AskDecision

    @property
    def definite(self) -> str | None:
        """The effect, if only one is possible."""
        return next(iter(self.effects)) if len(self.effects) == 1 else None

    @cached_property
    def told(self) -> Mapping[str, Json]:
        """What a requester is told of it, as plain data, made once."""
        return _row(self, self.definite or "depends").document()


@dataclass(frozen=True, kw_only=True, eq=False)
class Screen:
    """The screen of one question, by identity; ``answer`` digests the rows it is of."""

    revision: str
    asks: Mapping[AskKey, ScreenAsk]
    answer: str = ""

    @cached_property
    def open(self) -> bool:
        """Whether any ask to release may be released or may wait for a person."""
        asks = (ask for ask in self.asks.values() if ask.use == "release")
        return any(ask.outcomes != {"withhold"} for ask in asks)

    @cached_property
    def needs(self) -> frozenset[str]:
        """Every fact of a record, or of a category of it, that would settle it."""
        return frozenset(fact for ask in self.asks.values() for fact in ask.needs)

    def definite(self, ask: AskKey) -> str | None:
        """Return the effect of an ask if only one is possible."""
        return self.asks[ask].definite

    def as_decision(self) -> Decision | None:
        """Return the decision, if no fact of a record is needed."""
        return None if self.needs else self._decision

    @cached_property
    def _decision(self) -> Decision:
        asks = {key: ask.decision for key, ask in self.asks.items()}
        return Decision(revision=self.revision, asks=MappingProxyType(asks))

    @cached_property
    def told(self) -> tuple[tuple[AskKey, Mapping[str, Json]], ...]:
        """Each ask with what a requester is told of it, as plain data."""
        return tuple((key, ask.told) for key, ask in self.asks.items())

    def document(self) -> dict[str, Json]:
        """Return the screen as plain data: the internal rendering."""
        return {
            "schema": "sallyport.screen/1",
            "revision": self.revision,
            "asks": [
                {
                    "kind": ask.kind,
                    "use": ask.use,
                    "category": ask.category,
                    "effects": [*sorted(ask.effects)],
                    "needs": [*sorted(ask.needs)],
                    "rules": [rule.id for rule in ask.rules],
                }
                for ask in self.asks.values()
            ],
        }


class Screens:
    """Turns the numbers of a screen's answer into a screen; one a revision.

    Questions differ more than what comes of their parts: the few distinct asks of a
    revision are kept, with what is told of each.
    """

    def __init__(self, *, table: Table, verdicts: Verdicts, revision: str) -> None:
        """Take the table and the verdicts of the revision."""
        self._table = table
        self._verdicts = verdicts
        self._revision = revision
        self._kept: dict[tuple[AskKey, bytes], ScreenAsk] = {}

    def screen(
        self, keys: Sequence[AskKey], rows: Sequence[Mapping[str, Json]]
    ) -> Screen:
        """Return the screen that an engine's rows say, in the question's order.

        Raises:
            KeyError, TypeError, ValueError: for rows that are not an answer.
        """
        asks = {key: self._ask(key, row) for key, row in zip(keys, rows, strict=True)}
        said = digest(canonical([*rows]))
        return Screen(revision=self._revision, asks=MappingProxyType(asks), answer=said)

    def _ask(self, key: AskKey, row: Mapping[str, Json]) -> ScreenAsk:
        """Return one ask, made once for each thing that a row may say of it."""
        said = (key, canonical(row))
        kept = self._kept.get(said)
        if kept is None:
            if len(self._kept) > MOST_KEPT:
                self._kept.clear()
            kept = self._settled(key, row) if "by" in row else self._undecided(key, row)
            self._kept[said] = kept
        return kept

    def _settled(self, key: AskKey, row: Mapping[str, Json]) -> ScreenAsk:
        """Return the ask that no fact of a record can change."""
        decision = self._verdicts.verdict(key, row)
        line = self._table.line(clause_number(row["by"]))
        reason = Reason(code=line.reason, citation=line.citation, title=line.title)
        kind, use, category = key
        return ScreenAsk(
            kind=kind,
            use=use,
            category=category,
            effects=frozenset({line.effect}),
            outcomes=frozenset({decision.outcome}),
            needs=frozenset(),
            rules=(line.rule,),
            reasons=(reason,),
            obligations=decision.obligations,
            change=_change([line], {decision.outcome}),
            duties=frozenset(due.code for due in decision.obligations),
            decision=decision,
        )

    def _undecided(self, key: AskKey, row: Mapping[str, Json]) -> ScreenAsk:
        """Return the ask that depends on facts, or that facts may close otherwise."""
        numbers = [clause_number(number) for number in clause_list(row["may"])]
        lines = [self._table.line(number) for number in numbers]
        said = [clause_number(number) for number in clause_list(row["said"])]
        needs = frozenset(str(fact) for fact in clause_list(row["needs"]))
        effects = frozenset(line.effect for line in lines)
        outcomes = frozenset(OUTCOMES[effect] for effect in effects)
        kind, use, category = key
        closed = {n: _CLOSED.index(self._table.line(n).effect) for n in numbers}
        strongest = min(numbers, key=lambda n: (closed[n], n))
        return ScreenAsk(
            kind=kind,
            use=use,
            category=category,
            effects=effects,
            outcomes=outcomes,
            needs=needs,
            rules=_refs(lines),
            reasons=_reasons(lines),
            obligations=_always(self._table.lines(said), lines),
            change=_change(lines, outcomes),
            duties=possible_duties([*lines, *self._table.lines(said)]),
            decision=self._verdicts.verdict(
                key, {"by": strongest, "outcome": "withhold", "said": list(said)}
            ),
        )


def requester_view(
    screen: Screen, decision: Decision | None = None
) -> tuple[RequesterRow, ...]:
    """Return the requester's rendering, in the order of the asks.

    ``effect`` is the decision's where one is given, else the screen's, or ``depends``
    where more than one is possible. All else is of the screen only: no case, fact,
    reviewer or fact-dependent reason.
    """
    return tuple(
        _row(
            ask,
            decision.asks[key].effect
            if decision is not None
            else ask.definite or "depends",
        )
        for key, ask in screen.asks.items()
    )


def _row(ask: ScreenAsk, effect: str) -> RequesterRow:
    return RequesterRow(
        kind=ask.kind,
        use=ask.use,
        category=ask.category,
        effect=effect,
        reasons=ask.reasons,
        change=ask.change,
        obligations=tuple(due.document() for due in ask.obligations),
    )


def _refs(lines: Iterable[Line]) -> tuple[RuleRef, ...]:
    refs = {line.rule.id: line.rule for line in lines}
    return tuple(refs[name] for name in sorted(refs))


def _reasons(lines: Sequence[Line]) -> tuple[Reason, ...]:
    """Return rules' own reasons: cases are left out, they would tell facts.

    So are bars that depend on the record, unless nothing else decides: they may
    stand behind any answer, and naming them would only raise a question.
    """
    plain = [line for line in lines if line.layer != "record_bar"]
    found = {
        Reason(
            code=line.rule_reason, citation=line.rule.citation, title=line.rule.title
        )
        for line in plain or lines
    }
    return tuple(sorted(found, key=lambda r: (r.code, r.citation, r.title)))


def _always(said: Sequence[Line], deciding: Sequence[Line]) -> tuple[Obligation, ...]:
    """Return what is due whichever clause of each rule speaks and decides.

    A rule that may stay silent promises nothing.
    """
    effects = {line.says for line in deciding}
    by_rule: dict[str, list[Line]] = {}
    for line in said:
        by_rule.setdefault(line.rule.id, []).append(line)
    due: list[Obligation] = []
    for lines in by_rule.values():
        if all(line.pending for line in lines):
            continue  # the rule may be silent
        ways = [obligations([line], effect) for line in lines for effect in effects]
        due += [one for one in ways[0] if all(one in way for way in ways)]
    return merged(due)


def _change(lines: Iterable[Line], outcomes: Iterable[str]) -> tuple[str, ...]:
    """Return what would change it, where something is not released."""
    if set(outcomes) == {"release"}:
        return ()
    return tuple(sorted({word for line in lines for word in line.change}))
