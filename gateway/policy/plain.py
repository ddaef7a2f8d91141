"""A second evaluator, straight from the rules and from nothing compiled.

Slow and plain on purpose: three-valued truth and the walk over cases here, the fold in
:mod:`gateway.policy.plainfold`. It decides nothing: what it says of the conformance
questions is what an engine must say before it is believed, so an evaluator that is
broken cannot vouch for itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.canonical import canonical
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
from gateway.policy.parties import parties_of
from gateway.policy.plainfold import BASES, Answer, Voice, fold, stricter
from gateway.policy.vocabulary import EXISTENCE, Vocabulary

__all__ = ["Plain"]


class Plain:
    """Decides by a stack's rules, read as they are written."""

    def __init__(self, vocabulary: Vocabulary, rules: Sequence[Rule]) -> None:
        """Take resolved rules; their order does not matter."""
        self.vocabulary = vocabulary
        self._rules = rules
        self._near: dict[tuple[str, str, str], list[Rule]] = {}
        self._answered: dict[bytes, Answer] = {}

    def answers(
        self, question: Mapping[str, Any], record: Mapping[str, Any]
    ) -> list[Answer]:
        """Return one answer for each ask, in the question's order.

        Where another is to get what is asked, it is asked for both, and what closes
        more stands.
        """
        parties = parties_of(question)
        return [
            stricter([self._answer(party, record, ask, category) for party in parties])
            for ask in question["asks"]
            for category in ask["categories"]
        ]

    def _answer(
        self,
        question: Mapping[str, Any],
        record: Mapping[str, Any],
        ask: Mapping[str, Any],
        category: str,
    ) -> Answer:
        """Return what one ask comes to; the same ask again comes to the same."""
        facts = {
            **question["facts"],
            **ask["facts"],
            **record["facts"],
            **record["categories"].get(category, {}),
        }
        where = (question["custodian"], question["dataset"], question["requester"])
        key = canonical(
            [*where, question["day"], ask["kind"], ask["use"], category, facts]
        )
        if key not in self._answered:
            self._answered[key] = self._folded(question, ask, category, facts)
        return self._answered[key]

    def _folded(
        self,
        question: Mapping[str, Any],
        ask: Mapping[str, Any],
        category: str,
        facts: Mapping[str, Any],
    ) -> Answer:
        """Return what the rules come to, one by one."""
        voices: dict[str, list[Voice]] = {}
        doubts: set[str] = set()
        for rule in self._here(question):
            if self._may_require(rule, question, ask, category, facts):
                doubts.add(rule.layer)
            voice = self.says(rule, question, ask, category, facts)
            if voice is not None:
                voices.setdefault(rule.layer, []).append(voice)
        return fold(voices, doubts)

    def _here(self, question: Mapping[str, Any]) -> list[Rule]:
        """Return the rules that reach this custodian, dataset and requester."""
        where = (question["custodian"], question["dataset"], question["requester"])
        if where not in self._near:
            custodian, dataset, requester = where
            self._near[where] = [
                rule
                for rule in self._rules
                if custodian in rule.reach.custodians
                and dataset in rule.reach.datasets
                and requester in rule.reach.requesters
            ]
        return self._near[where]

    def says(  # noqa: C901, PLR0911 - the walk, told as the statute is read
        self,
        rule: Rule,
        question: Mapping[str, Any],
        ask: Mapping[str, Any],
        category: str,
        facts: Mapping[str, Any],
    ) -> Voice | None:
        """Return what one rule says, or nothing; ``facts`` are all of one ask."""
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
            holds = self._holds(rule, case, facts, day, reached=reached)
            if holds is False:
                continue
            if case.effect in {"permit", "require"}:
                if holds:
                    return self._ended(rule, case, case.effect, doubt)
            elif holds:
                return self._ended(rule, case, case.effect, doubt)
            elif case.effect == "prohibit" and case.on_unknown == "prohibit":
                return Voice(rule, case, "prohibit", certain=False)
            elif doubt is None:
                doubt = case
        return None if doubt is None else Voice(rule, doubt, "review")

    def _ended(
        self, rule: Rule, case: Case, effect: str, doubt: Case | None
    ) -> Voice | None:
        """Return what a walk comes to that ended at a case."""
        if doubt is not None and effect != "prohibit":
            return Voice(rule, doubt, "review")
        if rule.layer == "record_bar" and effect == "permit":
            return None
        return Voice(rule, case, effect, certain=doubt is None)

    def _may_require(
        self,
        rule: Rule,
        question: Mapping[str, Any],
        ask: Mapping[str, Any],
        category: str,
        facts: Mapping[str, Any],
    ) -> bool:
        """Tell whether a rule that stands below might turn out to require."""
        if rule.layer not in BASES or not _requires(rule):
            return False
        day = question["day"]
        reached = self.reached(rule, question, ask, category)
        if not rule.start <= day < rule.end or reached is False:
            return False
        for case in rule.cases:
            holds = self._holds(rule, case, facts, day, reached=reached)
            if holds is None and case.effect == "require":
                return True
            if holds:
                return False
        return False

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
            kind not in reach.kinds
            or use not in reach.uses
            or not self._reaches_category(rule, kind, category)
        ):
            return False
        purpose = question["facts"].get("purpose", "unknown")
        if purpose == "unknown":
            return True if reach.any_purpose else None
        return purpose in reach.purposes

    def _reaches_category(self, rule: Rule, kind: str, category: str) -> bool:
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

    def _holds(
        self,
        rule: Rule,
        case: Case,
        facts: Mapping[str, Any],
        day: int,
        *,
        reached: bool | None,
    ) -> bool | None:
        """Tell whether a case of a rule holds; one test that is false ends it."""
        holds = reached
        for condition in (*rule.when, *case.when):
            true = self.truth(condition, facts, day)
            if true is False:
                return False
            if true is None:
                holds = None
        return holds

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
        return _compared(condition, value, day)


def _requires(rule: Rule) -> bool:
    return any(case.effect == "require" for case in rule.cases)


def _compared(test: Comparison, value: int, day: int) -> bool | None:
    if test.years and value > day:
        return None
    bound = day - 10_000 * test.bound if test.years else test.bound
    return {
        "lt": value < bound,
        "gt": value > bound,
        "ge": value >= bound,
        "le": value <= bound,
        "eq": value == bound,
        "ne": value != bound,
    }[test.op]
