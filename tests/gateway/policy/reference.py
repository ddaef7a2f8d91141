"""A second evaluator, straight from the rules and from nothing compiled: the oracle.

Slow and plain on purpose: three-valued truth, the walk over cases, the fold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.policy.law import (
    Case,
    Comparison,
    Condition,
    DayTest,
    Known,
    PaperTest,
    Rule,
    ValueTest,
)
from gateway.policy.vocabulary import EXISTENCE, Vocabulary

EFFECTS = ("prohibit", "review", "require", "permit")


@dataclass(frozen=True)
class Voice:
    """What one rule says."""

    rule: Rule
    case: Case
    effect: str

    @property
    def order(self) -> tuple[object, ...]:
        """Strength within a layer, then who is named among equals."""
        case = self.case
        if self.effect == "permit":
            waits = case.discretion and not case.exercised
            flags = (not waits, case.may_restrict)
        elif self.effect == "prohibit":
            flags = (self.rule.resists_saving, case.may_expand)
        else:
            flags = (False, self.effect == "review" and case.may_restrict)
        return (EFFECTS.index(self.effect), *flags, self.rule.rank, self.rule.id)


@dataclass(frozen=True)
class Answer:
    """What a question comes to for one ask."""

    effect: str
    outcome: str
    rule: str
    case: str
    spoke: frozenset[tuple[str, str, str]]


class Reference:
    """Decides by rules."""

    def __init__(self, vocabulary: Vocabulary, rules: list[Rule]) -> None:
        self.vocabulary = vocabulary
        self.rules = rules

    def answers(
        self, question: Mapping[str, Any], record: Mapping[str, Any]
    ) -> list[Answer]:
        """Return one answer for each ask, in the question's order."""
        return [
            self.answer(question, record, ask, category)
            for ask in question["asks"]
            for category in ask["categories"]
        ]

    def answer(
        self,
        question: Mapping[str, Any],
        record: Mapping[str, Any],
        ask: Mapping[str, Any],
        category: str,
    ) -> Answer:
        """Return what one ask comes to."""
        facts = {
            **question["facts"],
            **ask["facts"],
            **record["facts"],
            **record["categories"].get(category, {}),
        }
        voices: dict[str, list[Voice]] = {}
        for rule in self.rules:
            voice = self.says(rule, question, ask, category, facts)
            if voice is not None:
                voices.setdefault(rule.layer, []).append(voice)
        return self.fold(voices)

    def says(  # noqa: C901, PLR0911 - the walk, told as the statute is read
        self,
        rule: Rule,
        question: Mapping[str, Any],
        ask: Mapping[str, Any],
        category: str,
        facts: Mapping[str, Any],
    ) -> Voice | None:
        """Return what one rule says, or nothing."""
        day = question["day"]
        if not rule.start <= day < rule.end:
            return None
        reached = self.reached(rule, question, ask, category)
        if reached is False:
            return None
        if reached and any(self.truth(paper, facts, day) for paper in rule.lifted_by):
            return None
        doubt: Case | None = None
        for case in rule.cases:
            tests = [self.truth(c, facts, day) for c in (*rule.when, *case.when)]
            holds = _all([reached, *tests])
            if holds is False:
                continue
            if case.effect in {"permit", "require"}:
                if holds:
                    return self.ended(rule, case, case.effect, doubt)
            elif holds:
                return self.ended(rule, case, case.effect, doubt)
            elif case.effect == "prohibit" and case.on_unknown == "prohibit":
                return Voice(rule, case, "prohibit")
            elif doubt is None:
                doubt = case
        return None if doubt is None else Voice(rule, doubt, "review")

    def ended(
        self, rule: Rule, case: Case, effect: str, doubt: Case | None
    ) -> Voice | None:
        """Return what a walk comes to that ended at a case."""
        if doubt is not None and effect != "prohibit":
            return Voice(rule, doubt, "review")
        if rule.layer == "record_bar" and effect == "permit":
            return None
        return Voice(rule, case, effect)

    def reached(
        self,
        rule: Rule,
        question: Mapping[str, Any],
        ask: Mapping[str, Any],
        category: str,
    ) -> bool | None:
        """Tell whether a rule reaches an ask; not known without a purpose."""
        reach = rule.reach
        kind, use = ask["kind"], ask["use"]
        if (
            question["custodian"] not in reach.custodians
            or question["dataset"] not in reach.datasets
            or question["requester"] not in reach.requesters
            or kind not in reach.kinds
            or use not in reach.uses
            or not self.reaches_category(rule, kind, category)
        ):
            return False
        purpose = question["facts"].get("purpose", "unknown")
        if purpose == "unknown":
            return True if reach.any_purpose else None
        return purpose in reach.purposes

    def reaches_category(self, rule: Rule, kind: str, category: str) -> bool:
        """Tell whether a rule reaches a category with a kind."""
        reach = rule.reach
        own = self.vocabulary.kinds[kind].category
        if category in reach.barred_categories:
            return False
        if category == EXISTENCE:
            return EXISTENCE in reach.named_categories
        if own is not None and category == own:
            if reach.named_categories:
                return own in reach.named_categories
            return kind in reach.named_kinds
        if own is not None and kind not in reach.named_kinds:
            return False
        return not reach.named_categories or category in reach.named_categories

    def truth(
        self, condition: Condition, facts: Mapping[str, Any], day: int
    ) -> bool | None:
        """Tell whether a condition is true, false or not known."""
        if isinstance(condition, DayTest):
            return bool(condition.start <= day < condition.end)
        if isinstance(condition, PaperTest):
            found = any(
                facts.get(f, "absent") in condition.states for f in condition.facts
            )
            return found != condition.negated
        value = facts.get(condition.fact, self.vocabulary.default(condition.fact))
        if isinstance(condition, Known):
            return None if value == "unknown" else True
        if value == "unknown":
            return None
        if isinstance(condition, ValueTest):
            return str(value).lower() in condition.values
        return bool(_compared(condition, value, day))

    def fold(self, voices: Mapping[str, list[Voice]]) -> Answer:
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
        for layer in ("state", "federal_permission", "agency_default"):
            if layer in strongest:
                now, silent = strongest[layer], False
                effect = now.effect
                said = {voice.effect for voice in voices[layer]}
                if {"prohibit", "require"} <= said:
                    now, effect = None, "review"
                break
        conflict = not silent and now is None
        for voice in sorted(voices.get("overlay", []), key=lambda v: v.order):
            if silent or (now is not None and _may(voice.effect, effect, now)):
                now, effect = voice, voice.effect
                break
        saved = strongest.get("saving")
        resists = now is not None and now.rule.resists_saving
        if saved is not None and effect == "prohibit" and not resists:
            now, effect = saved, "permit"
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


def _may(local: str, below: str, now: Voice) -> bool:
    if below == "prohibit":
        return local == "permit" and now.case.may_expand
    if below == "require":
        return False
    narrows = EFFECTS.index(local) < EFFECTS.index(below)
    return narrows and now.case.may_restrict


def _all(values: list[bool | None]) -> bool | None:
    if False in values:
        return False
    return None if None in values else True


def _compared(test: Comparison, value: int, day: int) -> bool:
    bound = day - 10_000 * test.bound if test.years else test.bound
    return {
        "lt": value < bound,
        "gt": value > bound,
        "ge": value >= bound,
        "eq": value == bound,
        "ne": value != bound,
    }[test.op]
