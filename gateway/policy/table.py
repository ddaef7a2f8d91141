"""From the numbers in an answer back to words: rules, cases, obligations."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass

from gateway.canonical import Json
from gateway.policy.clauses import CONFLICT, SILENT, Clause
from gateway.policy.law import Case, Due, Rule
from gateway.policy.rules import LAYERS, Layer
from gateway.policy.words import Document

__all__ = [
    "CaseRow",
    "ClauseRow",
    "Line",
    "Obligation",
    "Reason",
    "RuleRef",
    "RuleRow",
    "Table",
    "TableText",
    "table_document",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleRef:
    """A rule as answers name it; only ``public_id`` may stand in a public leaf."""

    id: str
    public_id: str
    citation: str
    title: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Obligation:
    """Something that must be done; who does it, the vocabulary says."""

    code: str
    parameters: tuple[tuple[str, Json], ...]
    rule: str

    def document(self) -> dict[str, Json]:
        """Return ``{"do": code, parameter: value}``."""
        return {"do": self.code, **dict(self.parameters)}


@dataclass(frozen=True, kw_only=True, slots=True)
class Reason:
    """Why, for a requester: a closed code, the law, a sentence."""

    code: str
    citation: str
    title: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """What one number stands for."""

    rule: RuleRef
    case: str
    layer: Layer | None
    says: str
    title: str
    citation: str
    reason: str
    reviewer: str
    discretion: bool
    exercised: bool
    by_unknown: bool
    pending: bool
    obligations: tuple[Obligation, ...]
    obligations_on: Mapping[str, tuple[Obligation, ...]]
    rule_reason: str
    change: tuple[str, ...]

    @property
    def effect(self) -> str:
        """The effect, with discretion that nobody exercised told apart."""
        waits = self.says == "permit" and self.discretion and not self.exercised
        return "permit_discretion" if waits else self.says


SPOKEN = frozenset({"prohibit", "review", "require", "permit"})
"""What a rule may be heard to say; a lifted bar and a doubt are not heard."""
NOBODY = RuleRef(
    id="none", public_id="none", citation="", title="No rule opens it, so it is closed."
)
CLASH = RuleRef(
    id="conflict",
    public_id="conflict",
    citation="",
    title="Two laws of the same rank say the opposite.",
)


class CaseRow(Document):
    """One case in the table document."""

    title: str
    citation: str
    reason: str
    reviewer: str
    discretion: bool
    exercised: bool
    obligations: list[dict[str, object]]
    obligations_on: dict[str, list[dict[str, object]]]
    reveals: list[str]
    reveals_citation: str


class RuleRow(Document):
    """One rule in the table document."""

    public_id: str
    title: str
    citation: str
    layer: Layer
    reason: str
    change: list[str]
    cases: dict[str, CaseRow]


class ClauseRow(Document):
    """One clause in the table document."""

    rule: str
    case: str
    says: str
    by_unknown: bool
    pending: bool


class TableText(Document):
    """The table document of a bundle."""

    rules: dict[str, RuleRow]
    clauses: dict[str, ClauseRow]


class Table:
    """Looks up numbers; built once a revision."""

    def __init__(self, document: object) -> None:
        """Read the table document of a bundle."""
        text = TableText.model_validate(document)
        refs = {
            name: RuleRef(
                id=name, public_id=row.public_id, citation=row.citation, title=row.title
            )
            for name, row in text.rules.items()
        }
        self.rules: Mapping[str, RuleRef] = refs
        self._lines = {
            int(number): _line(row, text.rules[row.rule], refs[row.rule])
            for number, row in text.clauses.items()
        }
        self._lines[SILENT] = _without_rule(NOBODY, None, "prohibit", "NO_RULE")
        for i, layer in enumerate(LAYERS):
            number = (i + 1) * 1_000_000 + CONFLICT
            self._lines[number] = _without_rule(CLASH, layer, "review", "CONFLICT")

    def line(self, number: int) -> Line:
        """Return what a number stands for; KeyError for one that stands for nothing."""
        return self._lines[number]

    def lines(self, numbers: Iterable[int]) -> list[Line]:
        """Return what rules said, without lifted bars, doubts and the silence."""
        found = [self._lines[number] for number in numbers if number != SILENT]
        return [line for line in found if line.says in SPOKEN]


def table_document(
    rules: Iterable[Rule], clauses: Mapping[int, Clause], pending: Container[str]
) -> dict[str, object]:
    """Return the table as the bundle carries it.

    ``pending`` holds the numbers, as text, of clauses that need a record's facts.
    """
    return {
        "rules": {
            rule.id: {
                "public_id": rule.public_id,
                "title": rule.title,
                "citation": rule.citation,
                "layer": rule.layer,
                "reason": rule.reason,
                "change": list(rule.change),
                "cases": {case.id: _case_row(case) for case in rule.cases},
            }
            for rule in rules
        },
        "clauses": {
            str(number): {
                "rule": clause.rule.id,
                "case": clause.case.id,
                "says": clause.says,
                "by_unknown": clause.by_unknown,
                "pending": str(number) in pending,
            }
            for number, clause in clauses.items()
        },
    }


def _case_row(case: Case) -> dict[str, object]:
    return {
        "title": case.title,
        "citation": case.citation,
        "reason": case.reason,
        "reviewer": case.reviewer,
        "discretion": case.discretion,
        "exercised": case.exercised,
        "obligations": [_due_row(due) for due in case.obligations],
        "obligations_on": {
            effect: [_due_row(due) for due in dues]
            for effect, dues in case.obligations_on.items()
        },
        "reveals": list(case.reveals),
        "reveals_citation": case.reveals_citation,
    }


def _due_row(due: Due) -> dict[str, object]:
    pairs = {k: list(v) if isinstance(v, tuple) else v for k, v in due.parameters}
    return {"do": due.code, **pairs}


def _line(row: ClauseRow, rule: RuleRow, ref: RuleRef) -> Line:
    case = rule.cases[row.case]
    return Line(
        rule=ref,
        case=row.case,
        layer=rule.layer,
        says=row.says,
        title=case.title,
        citation=case.citation,
        reason=case.reason,
        reviewer=case.reviewer,
        discretion=case.discretion,
        exercised=case.exercised,
        by_unknown=row.by_unknown,
        pending=row.pending,
        obligations=_obligations(case.obligations, ref),
        obligations_on={
            effect: _obligations(dues, ref)
            for effect, dues in case.obligations_on.items()
        },
        rule_reason=rule.reason,
        change=tuple(rule.change),
    )


def _obligations(
    rows: Iterable[Mapping[str, object]], ref: RuleRef
) -> tuple[Obligation, ...]:
    return tuple(
        Obligation(
            code=str(row["do"]),
            parameters=tuple(sorted((k, v) for k, v in row.items() if k != "do")),  # type: ignore[misc]  # parameters are Json, checked when the rule was read
            rule=ref.id,
        )
        for row in rows
    )


def _without_rule(rule: RuleRef, layer: Layer | None, says: str, reason: str) -> Line:
    return Line(
        rule=rule,
        case="",
        layer=layer,
        says=says,
        title=rule.title,
        citation="",
        reason=reason,
        reviewer="counsel",
        discretion=False,
        exercised=False,
        by_unknown=False,
        pending=False,
        obligations=(),
        obligations_on={},
        rule_reason=reason,
        change=(),
    )
