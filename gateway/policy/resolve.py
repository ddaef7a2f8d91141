"""From what is written to what is decided: every word looked up, all mistakes named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from gateway.errors import Mistake
from gateway.policy.conditions import ConditionReader
from gateway.policy.law import (
    FIRST,
    LAST,
    Case,
    Due,
    PaperTest,
    Reach,
    Rule,
)
from gateway.policy.lookup import Lookup, Words, day_number
from gateway.policy.parameters import wrong
from gateway.policy.rules import (
    CaseText,
    Effect,
    ObligationText,
    OverridingPaper,
    Reveals,
    RuleText,
    UnlessText,
)
from gateway.policy.rules import Reach as ReachText

__all__ = ["Resolver"]

REASONS: Mapping[Effect, str] = {
    "prohibit": "RULE_PROHIBITS",
    "review": "LAW_UNSETTLED",
    "require": "RULE_REQUIRES",
    "permit": "RULE_PERMITS",
}
CONFIRMED = "confirmed"


class Resolver:
    """Looks up the words of one pack's rules; mistakes go to the lookup."""

    def __init__(
        self,
        *,
        lookup: Lookup,
        pack: str,
        rank: int,
        may_restrict: bool,
        may_expand: bool,
        exercised: frozenset[str],
    ) -> None:
        """Take the pack's own words; ``exercised`` names rules or ``rule#case``."""
        self._lookup = lookup
        self._reader = ConditionReader(lookup)
        self._vocabulary = lookup.vocabulary
        self._pack = pack
        self._rank = rank
        self._may_restrict = may_restrict
        self._may_expand = may_expand
        self._exercised = exercised

    def rule(self, text: RuleText, file: str, index: int) -> Rule:
        """Return the rule; where words are wrong, mistakes are added instead."""
        path = f"{file}:{index}({text.id})"
        known = self._vocabulary
        own = self._case(text, text, f"{path}", "")
        unless = [
            self._case(case, text, f"{path}.unless.{case.id}", case.id)
            for case in text.unless
        ]
        for i, word in enumerate(text.change):
            allowed = [*known.change_words, *known.instruments]
            self._lookup.listed(f"{path}.change.{i}", word, allowed)
        return Rule(
            id=text.id,
            public_id=text.public_id or text.id,
            pack=self._pack,
            rank=self._rank,
            title=text.title,
            citation=text.citation,
            layer=text.layer,
            start=day_number(text.effective.from_, FIRST),
            end=day_number(text.effective.until, LAST),
            reach=self._reach(text.reach, f"{path}.reach"),
            when=self._reader.conditions(text.when, f"{path}.when"),
            cases=(*unless, own),
            lifted_by=self._lifted_by(text, path),
            change=tuple(text.change),
            reason=text.reason or REASONS[text.effect],
            resists_saving=text.resists_saving,
            file=path,
        )

    def _case(self, text: CaseText, rule: RuleText, path: str, case_id: str) -> Case:
        discretion = rule.layer == "saving" or _first(
            text.discretion, rule.discretion, otherwise=False
        )
        same = text.effect == rule.effect
        reason = text.reason or (rule.reason if same else None) or REASONS[text.effect]
        reviewer = text.reviewer or rule.reviewer or "counsel"
        self._lookup.listed(f"{path}.reason", reason, self._vocabulary.reason_codes)
        self._lookup.listed(f"{path}.reviewer", reviewer, self._vocabulary.reviewers)
        name = f"{rule.id}#{case_id}" if case_id else rule.id
        unless = text if isinstance(text, UnlessText) else None
        return Case(
            id=case_id,
            title=(unless and unless.title) or rule.title,
            citation=(unless and unless.citation) or rule.citation,
            when=self._reader.conditions(unless.when if unless else [], f"{path}.when"),
            effect=text.effect,
            discretion=bool(discretion) and text.effect == "permit",
            exercised=bool({name, rule.id} & self._exercised),
            on_unknown=self._on_unknown(text, rule),
            reviewer=reviewer,
            reason=reason,
            obligations=self._due_always(text, rule, path),
            obligations_on=self._due_on(text, rule, path),
            may_restrict=_first(
                text.local_may_restrict,
                rule.local_may_restrict,
                otherwise=self._may_restrict,
            ),
            may_expand=_first(
                text.local_may_expand,
                rule.local_may_expand,
                otherwise=self._may_expand,
            ),
            reveals=self._reveals(text.reveals or rule.reveals, path),
            reveals_citation=_cited(text.reveals or rule.reveals),
        )

    def _reveals(self, reveals: Reveals | None, path: str) -> tuple[str, ...]:
        if reveals is None:
            return ()
        known = self._vocabulary.categories
        words = self._lookup.words(reveals.categories, known, f"{path}.reveals")
        return tuple(sorted(words))

    def _on_unknown(
        self, text: CaseText, rule: RuleText
    ) -> Literal["prohibit", "review"]:
        chosen = text.on_unknown or rule.on_unknown
        return "review" if "review" in (chosen, text.effect) else "prohibit"

    def _reach(self, text: ReachText, path: str) -> Reach:
        known = self._vocabulary
        look = self._lookup.words
        named_kinds = look(text.kinds, known.kinds, f"{path}.kinds")
        named = look(text.categories, known.categories, f"{path}.categories")

        def reached(dimension: str, words: Words) -> frozenset[str]:
            here = look(getattr(text, dimension), words, f"{path}.{dimension}")
            no = f"not_{dimension}"
            barred = look(getattr(text, no), words, f"{path}.{no}")
            chosen = getattr(text, dimension)
            return (frozenset(words) if chosen is None else here) - barred

        categories = reached("categories", known.categories)
        return Reach(
            custodians=reached("custodians", known.custodian_types),
            requesters=reached("requesters", known.requester_classes),
            purposes=reached("purposes", known.purposes),
            kinds=reached("kinds", known.kinds),
            datasets=reached("datasets", known.datasets),
            categories=categories if named else categories & known.plain_categories,
            uses=frozenset(text.use),
            named_kinds=named_kinds,
            named_categories=named,
            barred_categories=self._lookup.words(
                text.not_categories, known.categories, f"{path}.not_categories"
            ),
            any_purpose=text.purposes is None and text.not_purposes is None,
        )

    def _lifted_by(self, text: RuleText, path: str) -> tuple[PaperTest, ...]:
        papers = [
            item if isinstance(item, OverridingPaper) else OverridingPaper(paper=[item])
            for item in text.overridable_by or ()
        ]
        return tuple(
            self._reader.paper_test(
                item.paper, item.by, CONFIRMED, f"{path}.overridable_by", negated=False
            )
            for item in papers
        )

    def _due_always(self, text: CaseText, rule: RuleText, path: str) -> tuple[Due, ...]:
        own = text.obligations
        dues = own if own is not None else rule.obligations
        return self._dues(dues or [], f"{path}.obligations")

    def _due_on(
        self, text: CaseText, rule: RuleText, path: str
    ) -> dict[str, tuple[Due, ...]]:
        own = text.obligations_on
        by_effect = own if own is not None else rule.obligations_on
        return {
            effect: self._dues(dues, f"{path}.obligations_on.{effect}")
            for effect, dues in (by_effect or {}).items()
        }

    def _dues(
        self, items: Sequence[str | ObligationText], path: str
    ) -> tuple[Due, ...]:
        return tuple(self._due(item, f"{path}.{i}") for i, item in enumerate(items))

    def _due(self, item: str | ObligationText, path: str) -> Due:
        code = item if isinstance(item, str) else item.do
        given = {} if isinstance(item, str) else item.parameters
        self._lookup.listed(path, code, self._vocabulary.obligations)
        known = self._vocabulary.obligations.get(code)
        parameters = known.parameters if known else {}
        for name, value in given.items():
            if known is not None:
                self._lookup.listed(f"{path}.{name}", name, parameters)
            words = self._vocabulary.parameter_words.get(name)
            for word in value if isinstance(value, list) else [value]:
                if words is not None and isinstance(word, str):
                    self._lookup.listed(f"{path}.{name}", word, words)
        self._lookup.mistakes += (
            Mistake(path=path, problem=problem) for problem in wrong(given, parameters)
        )
        pairs = sorted((name, _frozen(value)) for name, value in given.items())
        return Due(code=code, parameters=tuple(pairs))


def _cited(reveals: Reveals | None) -> str:
    return "" if reveals is None else reveals.citation


def _frozen(value: object) -> str | bool | int | tuple[str, ...]:
    if isinstance(value, list):
        return tuple(str(item) for item in value)
    return value if isinstance(value, bool | int) else str(value)


def _first(*values: bool | None, otherwise: bool) -> bool:
    return next((value for value in values if value is not None), otherwise)
