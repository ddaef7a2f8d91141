"""What came back, read as a requester would read it: status, reasons, receipt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

__all__ = ["Given", "Ground", "Outcome", "Row", "read_outcome"]

_WORDS: Final = {202: "waiting", 401: "not_authenticated", 403: "refused"}
_OK: Final = 200
_OPEN: Final = frozenset({"released", "review"})

_OPENING: Final = (
    "JUDICIAL_PROCESS",
    "RULE_REQUIRES",
    "CONVICTION_LISTED",
    "STATUS_SAVING",
    "RULE_PERMITS",
    "INSTRUMENT_UNVERIFIED",
    "DISCRETION",
)
"""Reasons that open something, the weightiest first."""

_DECIDERS: Final = {
    "counsel_review": "the county's counsel",
    "privacy_officer_review": "the privacy officer",
    "attorney_general_approval": "the attorney general",
    "governor_approval": "the governor",
    "board_approval": "the board",
}
"""Duties that name who decides; elsewhere the county says."""

_FOR_SOME: Final = ("RECORD_TOO_OLD", "VICTIM_PROTECTED", "SEALED", "JUVENILE")
"""Reasons that reach some records of a kind only; an answer never says which."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ground:
    """One reason: its code, what the rule says, and where it is written."""

    code: str
    title: str
    citation: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """What is said about some of the things that were asked for.

    ``grounds`` come in the order a reader wants: what weighs most for this outcome
    first, what reaches only some records last.
    """

    names: tuple[str, ...]
    outcome: str
    grounds: tuple[Ground, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Given:
    """What one record gave: fields with their values, and kinds that were granted."""

    subject: int
    """Place, from 0, of the person in the request."""
    values: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """One answer of the gateway.

    ``word`` is ``released``, ``partly_released``, ``waiting``, ``refused``,
    ``not_authenticated`` or ``unavailable``; ``entry`` is the answer's number in the
    log, or -1 where there is none (nobody was authenticated).
    """

    status: int
    word: str
    records: tuple[Given, ...]
    rows: tuple[Row, ...]
    change: tuple[str, ...]
    duties: tuple[str, ...]
    entry: int
    title: str
    due: str = ""
    """Until when a person decides, as the answer says it; empty where nobody must."""
    deciders: tuple[str, ...] = ()
    """Who decides, as the duties name them."""

    @property
    def kept_back(self) -> tuple[str, ...]:
        """What was asked for and not given."""
        given = {name for record in self.records for name in record.values}
        asked = (name for row in self.rows for name in row.names)
        return tuple(name for name in asked if name not in given)


def read_outcome(status: int, body: Mapping[str, Any]) -> Outcome:
    """Read an answer (``sallyport.answer/1``) or a problem document (RFC 9457)."""
    parts: list[Mapping[str, Any]] = list(body.get("decision") or ())
    word = body["status"] if status == _OK else _WORDS.get(status, "unavailable")
    waits = word == "waiting"
    return Outcome(
        status=status,
        word=str(word),
        records=tuple(_shown(record) for record in body.get("records") or ()),
        rows=_rows(parts, waits=waits),
        change=_unique(
            word for part in parts for word in part.get("what_would_change_it", ())
        ),
        duties=_unique(
            duty["do"] for part in parts for duty in part.get("obligations", ())
        ),
        entry=int((body.get("receipt") or {}).get("index", -1)),
        title=str(body.get("title", "")),
        due=str(body.get("due", "")),
        deciders=_unique(
            _DECIDERS[duty["do"]]
            for part in parts
            for duty in part.get("obligations", ())
            if duty["do"] in _DECIDERS
        ),
    )


def _rows(parts: Iterable[Mapping[str, Any]], *, waits: bool) -> tuple[Row, ...]:
    """Return the parts of a decision; those with the same reasons become one."""
    rows: dict[tuple[str, tuple[Ground, ...]], list[str]] = {}
    for part in parts:
        outcome = str(part["outcome"])
        grounds = _unique(
            Ground(
                code=reason["code"], title=reason["title"], citation=reason["citation"]
            )
            for reason in part["reasons"]
        )
        opens = outcome in _OPEN or (waits and outcome == "depends")
        told = tuple(sorted(grounds, key=partial(_weight, opens=opens)))
        rows.setdefault((outcome, told), []).extend(part["names"])
    return tuple(
        Row(names=tuple(names), outcome=outcome, grounds=grounds)
        for (outcome, grounds), names in rows.items()
    )


def _weight(ground: Ground, *, opens: bool) -> int:
    """Return how early a reason is told: small is early."""
    if ground.code in _FOR_SOME:
        return 20 + _FOR_SOME.index(ground.code)
    if ground.code not in _OPENING:
        return 10
    return _OPENING.index(ground.code) + (0 if opens else 30)


def _shown(record: Mapping[str, Any]) -> Given:
    """Return what one record of an answer gives."""
    granted = dict.fromkeys(record["granted"], "granted")
    return Given(subject=record["subject"], values={**record["fields"], **granted})


def _unique(items: Iterable[Any]) -> tuple[Any, ...]:
    """Return the items once each, in order."""
    return tuple(dict.fromkeys(items))
