"""The order of laws in plain words: what the layers come to, from below.

The part of :mod:`gateway.policy.plain` that knows layers; nothing here is compiled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from gateway.policy.law import Case, Rule

__all__ = ["BASES", "Answer", "Voice", "fold", "stricter"]

OPENNESS = ("prohibit", "review", "wait", "release")
EFFECTS = ("prohibit", "review", "require", "permit")
BASES = ("state", "federal_permission", "agency_default")


@dataclass(frozen=True)
class Voice:
    """What one rule says; ``certain`` if no unknown fact could make it say other.

    Unless it opened: an exception that is not known to hold may still.
    """

    rule: Rule
    case: Case
    effect: str
    certain: bool = True

    @property
    def order(self) -> tuple[object, ...]:
        """Strength within a layer, then who is named among equals."""
        place = (self.rule.rank, self.rule.id)
        return (EFFECTS.index(self.effect), *self._flags(), *place)

    def _flags(self) -> tuple[int, bool]:
        """Return what goes first among voices of one effect: what is least open."""
        case = self.case
        if self.effect == "permit":
            waits = case.discretion and not case.exercised
            return (not waits, case.may_restrict)
        if self.effect == "review":
            return (0, case.may_restrict)
        if self.effect == "require" or self.rule.layer == "record_bar":
            return (0, case.may_expand and self.effect == "prohibit")
        if not self.certain:
            return (2, False)
        return (not self.rule.resists_saving, case.may_expand)


@dataclass(frozen=True)
class Answer:
    """What a question comes to for one ask."""

    effect: str
    outcome: str
    rule: str
    case: str
    spoke: frozenset[tuple[str, str, str]]


def stricter(answers: Sequence[Answer]) -> Answer:
    """Return the answer that closes most, the first of equals, for all that spoke."""

    def openness(answer: Answer) -> int:
        closes = answer.effect in {"prohibit", "review"}
        return OPENNESS.index(answer.effect if closes else answer.outcome)

    closest = min(answers, key=openness)
    return replace(closest, spoke=frozenset().union(*(a.spoke for a in answers)))


def fold(voices: Mapping[str, list[Voice]], doubts: set[str]) -> Answer:
    """Fold what the layers say, from below."""
    spoke = frozenset(
        (voice.rule.id, voice.case.id, voice.effect)
        for layer in voices.values()
        for voice in layer
    )
    strongest = {
        layer: min(here, key=lambda voice: voice.order)
        for layer, here in voices.items()
    }
    now: Voice | None = None
    effect, silent = "prohibit", True
    standing: list[Voice] = []
    doubted = False
    for layer in BASES:
        if layer in strongest:
            now, silent = strongest[layer], False
            effect, standing, doubted = now.effect, voices[layer], layer in doubts
            said = {voice.effect for voice in standing}
            if {"prohibit", "require"} <= said:
                now, effect = None, "review"
            break
    conflict = not silent and now is None
    mixed = doubted or any(_hinders(voice) for voice in standing)
    local = strongest.get("overlay")
    if local is not None and (
        silent or (now is not None and _may(local.effect, effect, now, mixed=mixed))
    ):
        now, effect = local, local.effect
    saved = strongest.get("saving")
    saveable = now is None or (now.certain and not now.rule.resists_saving)
    if saved is not None and effect == "prohibit" and saveable:
        locals_ = voices.get("overlay", [])
        held = [v for v in (*locals_, *standing) if _hinders(v)]
        reviews = [voice for voice in held if voice.effect == "review"]
        if not doubted and held == reviews:
            now = (
                min(reviews, key=lambda v: (v.rule.layer != "overlay", v.order))
                if reviews
                else saved
            )
            effect = now.effect
    paper = strongest.get("process")
    if paper is not None and (
        paper.effect == "require" or effect in {"prohibit", "review"}
    ):
        now, effect = paper, paper.effect
    bar = strongest.get("record_bar")
    if bar is not None and (bar.effect == "prohibit" or effect != "prohibit"):
        now, effect = bar, bar.effect
    return _answer(now, effect, spoke, conflict=conflict)


def _answer(
    now: Voice | None,
    effect: str,
    spoke: frozenset[tuple[str, str, str]],
    *,
    conflict: bool,
) -> Answer:
    if now is None:
        rule, case = ("conflict" if conflict else "none"), ""
        outcome = "wait" if conflict else "withhold"
        return Answer(effect, outcome, rule, case, spoke)
    waits = now.case.discretion and not now.case.exercised
    outcome = {
        "prohibit": "withhold",
        "review": "wait",
        "require": "release",
        "permit": "wait" if waits else "release",
    }[effect]
    return Answer(effect, outcome, now.rule.id, now.case.id, spoke)


def _hinders(voice: Voice) -> bool:
    """Tell whether a prohibit beside this is not lifted, or lifted to this."""
    if voice.effect == "prohibit":
        return not voice.certain
    return voice.effect == "review"


def _may(local: str, below: str, now: Voice, *, mixed: bool) -> bool:
    if below == "prohibit":
        expands = now.certain and now.case.may_expand
        # What the default alone closes may also be left to a person.
        defaulted = now.rule.layer == "agency_default"
        opens = local == "permit" or (local == "review" and defaulted)
        return opens and expands and not mixed
    if below == "require":
        return False
    narrows = EFFECTS.index(local) < EFFECTS.index(below)
    return narrows and now.case.may_restrict
