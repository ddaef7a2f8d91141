"""A page as it was decided, and what the law hangs on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.answering.found import PageRead, Record
from gateway.answering.prospect import Prospect
from gateway.answering.verdict import Verdict, needs_person
from gateway.canonical import Json
from gateway.recording.duties import Owed, owed_for
from gateway.recording.scene import Scene

__all__ = ["SHOWING", "Made", "owing"]

SHOWING = frozenset({Verdict.RELEASED, Verdict.PARTLY})
"""Verdicts with which something is shown."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Made:
    """A page as it was decided, what of it is shown, and what accounts for it."""

    page: PageRead
    verdict: Verdict
    shown: tuple[Record, ...]
    account: Mapping[str, Json]


def owing(scene: Scene, prospect: Prospect, made: Made) -> tuple[Owed, bool]:
    """Return what the law hangs on a page, and whether something waits for a person."""
    records = made.page.records
    waiting = made.verdict is Verdict.WAITING or (
        made.verdict in SHOWING
        and needs_person(prospect, records, subjects=len(scene.inquiry.subjects))
    )
    owed = owed_for(
        prospect.screen,
        [record.decision for record in records],
        hidden=_hides(scene, prospect, made),
    )
    return owed, waiting


def _hides(scene: Scene, prospect: Prospect, made: Made) -> bool:
    """Tell whether a task that is stored, or is not, could tell who is there."""
    if prospect.existence_open or not made.page.asked_source:
        return False
    missing = len({record.subject for record in made.shown}) < max(
        1, len(scene.inquiry.subjects)
    )
    obligations = scene.law.policy.vocabulary.obligations
    return missing and any(
        obligations[code].executor == "task" for code in prospect.duties
    )
