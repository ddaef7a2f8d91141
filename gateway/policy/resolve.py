"""From what is written to what is decided: every word looked up, all mistakes named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, TypeAlias, cast

from gateway.errors import Mistake
from gateway.policy.law import (
    FIRST,
    LAST,
    Case,
    Comparison,
    Condition,
    DayTest,
    Due,
    Known,
    PaperTest,
    Reach,
    Rule,
    ValueTest,
)
from gateway.policy.rules import (
    CaseText,
    ConditionText,
    Dates,
    Effect,
    ObligationText,
    OverridingPaper,
    RuleText,
    UnlessText,
)
from gateway.policy.rules import Reach as ReachText
from gateway.policy.vocabulary import (
    ABSENT,
    EXISTENCE,
    UNKNOWN,
    Vocabulary,
    paper_fact,
)
from gateway.yamlfile import nearest

__all__ = ["Resolver", "day_number"]

GROUP = "group:"
REASONS: Mapping[Effect, str] = {
    "prohibit": "RULE_PROHIBITS",
    "review": "LAW_UNSETTLED",
    "require": "RULE_REQUIRES",
    "permit": "RULE_PERMITS",
}
CONFIRMED = "confirmed"
BOOLEANS = frozenset({"true", "false"})
Words: TypeAlias = Iterable[str]


def day_number(text: str | None, otherwise: int) -> int:
    """Return an ISO day as the integer YYYYMMDD."""
    return otherwise if text is None else int(text.replace("-", ""))


class Resolver:
    """Looks up the words of one pack's rules; collects mistakes in ``mistakes``."""

    def __init__(
        self,
        *,
        vocabulary: Vocabulary,
        pack: str,
        rank: int,
        groups: Mapping[str, Sequence[str]],
        may_restrict: bool,
        may_expand: bool,
        exercised: frozenset[str],
        mistakes: list[Mistake],
    ) -> None:
        """Take the pack's own words; ``exercised`` names rules or ``rule#case``."""
        self._vocabulary = vocabulary
        self._pack = pack
        self._rank = rank
        self._groups = groups
        self._may_restrict = may_restrict
        self._may_expand = may_expand
        self._exercised = exercised
        self._mistakes = mistakes

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
            self._listed(f"{path}.change.{i}", word, allowed)
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
            when=self._conditions(text.when, f"{path}.when"),
            cases=(*unless, own),
            lifted_by=self._lifted_by(text, path),
            change=tuple(text.change),
            reason=text.reason or REASONS[text.effect],
            resists_saving=text.resists_saving,
            file=path,
        )

    def _case(self, text: CaseText, rule: RuleText, path: str, case_id: str) -> Case:
        first = isinstance(text, UnlessText)
        discretion = rule.layer == "saving" or _first(
            text.discretion, rule.discretion, otherwise=False
        )
        same = text.effect == rule.effect
        reason = text.reason or (rule.reason if same else None) or REASONS[text.effect]
        reviewer = text.reviewer or rule.reviewer or "counsel"
        self._listed(f"{path}.reason", reason, self._vocabulary.reason_codes)
        self._listed(f"{path}.reviewer", reviewer, self._vocabulary.reviewers)
        name = f"{rule.id}#{case_id}" if case_id else rule.id
        due = text.obligations if text.obligations is not None else rule.obligations
        due_on = (
            text.obligations_on
            if text.obligations_on is not None
            else rule.obligations_on
        )
        title = text.title if isinstance(text, UnlessText) else None
        citation = text.citation if isinstance(text, UnlessText) else None
        return Case(
            id=case_id,
            title=title or rule.title,
            citation=citation or rule.citation,
            when=self._conditions(text.when, f"{path}.when") if first else (),
            effect=text.effect,
            discretion=bool(discretion) and text.effect == "permit",
            exercised=bool({name, rule.id} & self._exercised),
            on_unknown=self._on_unknown(text, rule),
            reviewer=reviewer,
            reason=reason,
            obligations=self._dues(due or [], f"{path}.obligations"),
            obligations_on={
                effect: self._dues(dues, f"{path}.obligations_on.{effect}")
                for effect, dues in (due_on or {}).items()
            },
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
            reveals=self._reveals(text, rule, path),
        )

    def _reveals(self, text: CaseText, rule: RuleText, path: str) -> tuple[str, ...]:
        reveals = text.reveals or rule.reveals
        if reveals is None:
            return ()
        known = self._vocabulary.categories
        return tuple(sorted(self._words(reveals.categories, known, f"{path}.reveals")))

    def _on_unknown(
        self, text: CaseText, rule: RuleText
    ) -> Literal["prohibit", "review"]:
        chosen = text.on_unknown or rule.on_unknown
        return "review" if "review" in (chosen, text.effect) else "prohibit"

    def _reach(self, text: ReachText, path: str) -> Reach:
        known = self._vocabulary
        named_kinds = self._words(text.kinds, known.kinds, f"{path}.kinds")
        named = self._words(text.categories, known.categories, f"{path}.categories")

        def reached(dimension: str, words: Words) -> frozenset[str]:
            here = self._words(getattr(text, dimension), words, f"{path}.{dimension}")
            not_path = f"{path}.not_{dimension}"
            barred = self._words(getattr(text, f"not_{dimension}"), words, not_path)
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
            barred_categories=self._words(
                text.not_categories, known.categories, f"{path}.not_categories"
            ),
            any_purpose=text.purposes is None and text.not_purposes is None,
        )

    def _conditions(
        self, texts: Sequence[ConditionText], path: str
    ) -> tuple[Condition, ...]:
        found = [self._condition(t, f"{path}.{i}") for i, t in enumerate(texts)]
        return tuple(condition for condition in found if condition is not None)

    def _condition(self, text: ConditionText, path: str) -> Condition | None:
        if text.day is not None:
            return _days(text.day)
        if text.fact is None:
            codes = text.paper or text.no_paper or []
            return self._paper_test(
                codes, text.by, text.state, path, negated=text.paper is None
            )
        if text.fact not in self._vocabulary.facts:
            self._listed(f"{path}.fact", text.fact, self._vocabulary.facts)
            return None
        if text.known:
            return Known(fact=text.fact)
        kind = self._vocabulary.facts[text.fact].type
        allowed = ALLOWED_TESTS[kind]
        if text.tests[0] not in allowed:
            problem = f"a {kind} cannot be tested so"
            advice = "use " + ", ".join(test.rstrip("_") for test in allowed)
            self._mistakes.append(Mistake(path=path, problem=problem, advice=advice))
            return None
        if kind in {"integer", "day"}:
            return _comparison(text, text.fact)
        return self._value_test(text, text.fact, path)

    def _value_test(self, text: ConditionText, fact: str, path: str) -> ValueTest:
        negated = text.is_not is not None or text.not_in is not None
        single = text.is_ if text.is_ is not None else text.is_not
        listed = text.in_ or text.not_in or []
        given = listed if single is None else [single]
        for value in given:
            if value == UNKNOWN or not self._vocabulary.accepts(fact, value):
                advice = nearest(str(value), self._vocabulary.code_values.get(fact, ()))
                advice = advice or self._vocabulary.describe(fact)
                problem = f"{value} is not a value of {fact}"
                self._mistakes.append(
                    Mistake(path=path, problem=problem, advice=advice)
                )
        words = frozenset(_word(value) for value in given)
        domain = self._vocabulary.code_values.get(fact, BOOLEANS)
        return ValueTest(fact=fact, values=domain - words if negated else words)

    def _paper_test(
        self,
        codes: Sequence[str],
        signers: Sequence[str] | None,
        state: str | Sequence[str] | None,
        path: str,
        *,
        negated: bool,
    ) -> PaperTest:
        known = self._vocabulary
        for code in codes:
            self._listed(f"{path}.paper", code, known.instruments)
        for signer in signers or ():
            self._listed(f"{path}.by", signer, known.signers)
        states: set[str] = set()
        for word in [state] if isinstance(state, str) else state or []:
            self._listed(
                f"{path}.state", word, [*known.paper_groups, *known.paper_states]
            )
            states |= set(known.paper_groups.get(word, [word]))
        if ABSENT in states:
            problem = "ask for no_paper with state any instead of absent"
            self._mistakes.append(Mistake(path=f"{path}.state", problem=problem))
        facts = frozenset(
            paper_fact(code, signer)
            for code in codes
            if code in known.instruments
            for signer in known.instruments[code].signers
            if signers is None or signer in signers
        )
        if not facts and all(code in known.instruments for code in codes):
            problem = "none of these papers has such a signer"
            self._mistakes.append(Mistake(path=path, problem=problem))
        return PaperTest(facts=facts, states=frozenset(states), negated=negated)

    def _lifted_by(self, text: RuleText, path: str) -> tuple[PaperTest, ...]:
        papers = [
            item if isinstance(item, OverridingPaper) else OverridingPaper(paper=[item])
            for item in text.overridable_by or ()
        ]
        return tuple(
            self._paper_test(
                item.paper, item.by, CONFIRMED, f"{path}.overridable_by", negated=False
            )
            for item in papers
        )

    def _dues(
        self, items: Sequence[str | ObligationText], path: str
    ) -> tuple[Due, ...]:
        return tuple(self._due(item, f"{path}.{i}") for i, item in enumerate(items))

    def _due(self, item: str | ObligationText, path: str) -> Due:
        code = item if isinstance(item, str) else item.do
        given = {} if isinstance(item, str) else item.parameters
        self._listed(path, code, self._vocabulary.obligations)
        known = self._vocabulary.obligations.get(code)
        parameters = known.parameters if known else {}
        for name, value in given.items():
            if known is not None:
                self._listed(f"{path}.{name}", name, parameters)
            kind = parameters.get(name)
            if kind is not None and not isinstance(value, PARAMETER_TYPES[kind]):
                problem = f"{name} must be a {kind}"
                self._mistakes.append(Mistake(path=path, problem=problem))
        pairs = sorted((name, _frozen(value)) for name, value in given.items())
        return Due(code=code, parameters=tuple(pairs))

    def _words(
        self, words: Sequence[str] | None, known: Words, path: str
    ) -> frozenset[str]:
        listed = frozenset(known)
        found: set[str] = set()
        for word in words or ():
            group = word.removeprefix(GROUP)
            if group != word:
                self._listed(path, group, self._groups)
                members = list(self._groups.get(group, ()))
            else:
                members = [word]
            for member in members:
                self._listed(path, member, listed)
            found |= set(members)
        return frozenset(found) & listed

    def _listed(self, path: str, word: str, words: Words) -> None:
        """Note a mistake unless the word is in the list."""
        words = list(words)
        if word not in words:
            advice = nearest(word, words)
            self._mistakes.append(
                Mistake(path=path, problem=f"{word} is not a known word", advice=advice)
            )


ALLOWED_TESTS: Mapping[str, tuple[str, ...]] = {
    "boolean": ("is_", "is_not"),
    "code": ("is_", "is_not", "in_", "not_in"),
    "integer": ("at_least", "is_", "is_not"),
    "day": ("before", "after", "before_years", "within_years"),
}

PARAMETER_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "code": str,
    "integer": int,
    "boolean": bool,
    "list": list,
    "day": str,
}


def _comparison(text: ConditionText, fact: str) -> Comparison:
    match text.tests[0]:
        case "before":
            return Comparison(fact=fact, op="lt", bound=day_number(text.before, FIRST))
        case "after":
            return Comparison(fact=fact, op="gt", bound=day_number(text.after, LAST))
        case "before_years":
            years = cast("int", text.before_years)
            return Comparison(fact=fact, op="lt", bound=years, years=True)
        case "within_years":
            years = cast("int", text.within_years)
            return Comparison(fact=fact, op="ge", bound=years, years=True)
        case "is_":
            return Comparison(fact=fact, op="eq", bound=cast("int", text.is_))
        case "is_not":
            return Comparison(fact=fact, op="ne", bound=cast("int", text.is_not))
        case _:
            return Comparison(fact=fact, op="ge", bound=cast("int", text.at_least))


def _days(text: Dates) -> DayTest:
    start, end = day_number(text.from_, FIRST), day_number(text.until, LAST)
    return DayTest(start=start, end=end)


def _word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _frozen(value: object) -> str | bool | int | tuple[str, ...]:
    if isinstance(value, list):
        return tuple(str(item) for item in value)
    return value if isinstance(value, bool | int) else str(value)


def _first(*values: bool | None, otherwise: bool) -> bool:
    return next((value for value in values if value is not None), otherwise)
