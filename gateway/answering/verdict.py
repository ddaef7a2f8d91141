"""What one page comes to, and what may be told of it; pure.

An answer that releases nothing is made of the fact-free screen alone, so that none,
several and withheld are the same bytes. What was released tells no more than itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TypeAlias

from gateway.answering.found import Record
from gateway.asking.inquiry import EXISTENCE, Inquiry
from gateway.canonical import Json
from gateway.policy import Screen

__all__ = [
    "Verdict",
    "available",
    "existence_open",
    "judge",
    "matching_open",
    "may_wait",
    "needs_person",
    "rendering",
    "waits",
    "worth_reading",
]

RELEASE = frozenset({"release"})

AskKey: TypeAlias = tuple[str, str, str]
"""Kind, use, category."""


class Verdict(StrEnum):
    """The outcome of one page; also the public word in its leaf."""

    RELEASED = "released"
    PARTLY = "partly_released"
    WAITING = "waiting"
    REFUSED = "refused"


def existence_open(inquiry: Inquiry, screen: Screen) -> bool:
    """Tell whether the requester may learn that there is, or is not, a record.

    True when a rule permits ``record_exists``, or when the screen already permits
    something asked for any record, whatever its facts.
    """
    exists = [key for key in screen.asks if key[1:] == ("release", EXISTENCE)]
    keys = [*exists, *inquiry.release_asks()]
    return any(screen.asks[key].outcomes == RELEASE for key in keys)


def matching_open(inquiry: Inquiry, screen: Screen) -> bool:
    """Tell whether every selector given may be used to find a person."""
    return all(screen.asks[key].outcomes == RELEASE for key in inquiry.match_asks())


def worth_reading(inquiry: Inquiry, screen: Screen) -> bool:
    """Tell whether a record could change anything: else the source stays untouched.

    What the screen alone sends to a person needs no record to do so.
    """
    asks = [screen.asks[key] for key in inquiry.release_asks()]
    return matching_open(inquiry, screen) and any(
        "release" in ask.outcomes or (len(ask.outcomes) > 1 and ask.needs)
        for ask in asks
    )


def may_wait(inquiry: Inquiry, screen: Screen) -> bool:
    """Tell whether some record, whatever its facts, could send this to a person."""
    return any("wait" in screen.asks[key].outcomes for key in inquiry.release_asks())


def waits(inquiry: Inquiry, records: Sequence[Record]) -> bool:
    """Tell whether something of these records needs a person."""
    return any(
        record.decision.asks[key].outcome == "wait"
        for record in records
        for key in inquiry.release_asks()
    )


def needs_person(inquiry: Inquiry, screen: Screen, records: Sequence[Record]) -> bool:
    """Tell whether a row for a person is stored beside what is released.

    Where existence is not told, those of whom nothing is shown count alike whether
    they wait, are withheld or are not there: a row can be looked up.
    """
    if existence_open(inquiry, screen):
        return waits(inquiry, records)
    shown = [record for record in records if record.releases]
    missing = len({record.subject for record in shown}) < max(1, len(inquiry.subjects))
    return waits(inquiry, shown) or (missing and may_wait(inquiry, screen))


def available(inquiry: Inquiry, records: Sequence[Record]) -> list[str]:
    """Return the names of fields and kinds made available for some record."""
    names = {name for record in records for name in record.fields}
    names |= {kind for record in records for kind in record.granted}
    return [name for name in inquiry.names() if name in names]


def judge(inquiry: Inquiry, screen: Screen, records: Sequence[Record]) -> Verdict:
    """Return what the page comes to."""
    if not matching_open(inquiry, screen):
        return Verdict.REFUSED
    shown = [record for record in records if record.releases]
    if shown:
        # Beside what is released, one who is withheld must be as one who is not there.
        told = records if existence_open(inquiry, screen) else shown
        names = len(inquiry.names())
        whole = all(
            len(record.fields) + len(record.granted) == names for record in told
        )
        return Verdict.RELEASED if whole else Verdict.PARTLY
    if not existence_open(inquiry, screen):
        # The record's own facts must not show: only the screen decides the word.
        return Verdict.WAITING if may_wait(inquiry, screen) else Verdict.REFUSED
    if not records:
        return Verdict.RELEASED
    return Verdict.WAITING if waits(inquiry, records) else Verdict.REFUSED


def rendering(
    inquiry: Inquiry, screen: Screen, records: Sequence[Record]
) -> list[Json]:
    """Return the requester's rendering: one row for each thing asked for.

    Reasons, citations, what would change it and obligations are the screen's own.
    The outcome is the screen's too, unless something of the page is released: then
    it says what the page shows anyway.
    """
    shown = set(available(inquiry, records))
    closed = not matching_open(inquiry, screen)
    asked = _names(inquiry)
    rows: list[Json] = []
    for key, told in screen.told:
        names = asked.get(key)
        if names is None:
            continue
        if shown:
            outcome = _shown(key, names, shown, records)
        else:
            outcome = "withheld" if closed else _screened(screen.asks[key].outcomes)
        rows.append(
            {
                "kind": told["kind"],
                "category": told["category"],
                "names": [*names],
                "outcome": outcome,
                "reasons": told["reasons"],
                "what_would_change_it": told["what_would_change_it"],
                "obligations": told["obligations"],
            }
        )
    if inquiry.unclassified:
        rows.append(_unclassified(inquiry))
    return rows


def _names(inquiry: Inquiry) -> dict[AskKey, list[str]]:
    """Return the fields or the kind that each release ask is about."""
    names: dict[AskKey, list[str]] = {}
    for name, category in inquiry.categories.items():
        names.setdefault((inquiry.field_kind, "release", category), []).append(name)
    for kind, category in inquiry.grants.items():
        names[kind, "release", category] = [kind]
    return names


def _screened(outcomes: frozenset[str]) -> str:
    """Return the word for what the screen alone says."""
    if len(outcomes) > 1:
        return "depends"
    (outcome,) = outcomes
    return {"release": "released", "wait": "review"}.get(outcome, "withheld")


def _shown(
    key: AskKey,
    names: Sequence[str],
    shown: set[str],
    records: Sequence[Record],
) -> str:
    if not shown.isdisjoint(names):
        return "released"
    waiting = any(record.decision.asks[key].outcome == "wait" for record in records)
    return "review" if waiting else "withheld"


def _unclassified(inquiry: Inquiry) -> Json:
    """Return the row of the fields that nobody classified."""
    return {
        "kind": inquiry.field_kind,
        "category": "unreviewed",
        "names": list(inquiry.unclassified),
        "outcome": "withheld",
        "reasons": [
            {
                "code": "UNCLASSIFIED",
                "citation": "",
                "title": "Nobody has classified this field, so it is never shared.",
            }
        ],
        "what_would_change_it": [],
        "obligations": [],
    }
