"""Conditions as they are decided, from conditions as they are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from gateway.errors import Mistake
from gateway.policy.law import (
    FIRST,
    LAST,
    Comparison,
    Condition,
    DayTest,
    Known,
    PaperTest,
    ValueTest,
)
from gateway.policy.lookup import UNKNOWN_WORD, Lookup, day_number
from gateway.policy.rules import ConditionText, Dates
from gateway.policy.vocabulary import ABSENT, UNKNOWN, paper_fact
from gateway.yamlfile import nearest

__all__ = ["ConditionReader"]

BOOLEANS = frozenset({"true", "false"})
"""The values of a boolean fact, as words."""


class ConditionReader:
    """Reads conditions; what is wrong is added to the lookup's mistakes."""

    def __init__(self, lookup: Lookup) -> None:
        """Take the lists that words are looked up in."""
        self._lookup = lookup
        self._vocabulary = lookup.vocabulary
        self._mistakes = lookup.mistakes

    def conditions(
        self, texts: Sequence[ConditionText], path: str
    ) -> tuple[Condition, ...]:
        """Return the conditions that can be read."""
        found = [self._condition(t, f"{path}.{i}") for i, t in enumerate(texts)]
        return tuple(condition for condition in found if condition is not None)

    def _condition(self, text: ConditionText, path: str) -> Condition | None:
        if text.day is not None:
            return _days(text.day)
        if text.fact is not None:
            return self._fact_test(text, text.fact, path)
        codes = text.paper or text.no_paper or []
        return self.paper_test(
            codes, text.by, text.state, path, negated=text.paper is None
        )

    def _fact_test(self, text: ConditionText, fact: str, path: str) -> Condition | None:
        if fact not in self._vocabulary.facts:
            self._lookup.listed(f"{path}.fact", fact, self._vocabulary.facts)
            return None
        if text.known:
            return Known(fact=fact)
        kind = self._vocabulary.facts[fact].type
        allowed = ALLOWED_TESTS[kind]
        if text.tests[0] not in allowed:
            problem = f"a {kind} cannot be tested so"
            advice = "use " + ", ".join(test.rstrip("_") for test in allowed)
            self._mistakes.append(Mistake(path=path, problem=problem, advice=advice))
            return None
        exact = text.is_ if text.is_ is not None else text.is_not
        if kind == "integer" and exact is not None:
            self._valued(fact, exact, path)
        if kind in {"integer", "day"}:
            return _comparison(text, fact)
        return self._value_test(text, fact, path)

    def _value_test(self, text: ConditionText, fact: str, path: str) -> ValueTest:
        negated = text.is_not is not None or text.not_in is not None
        single = text.is_ if text.is_ is not None else text.is_not
        listed = text.in_ or text.not_in or []
        given = listed if single is None else [single]
        for value in given:
            self._valued(fact, value, path)
        words = frozenset(_word(value) for value in given)
        domain = self._vocabulary.code_values.get(fact, BOOLEANS)
        return ValueTest(fact=fact, values=domain - words if negated else words)

    def _valued(self, fact: str, value: object, path: str) -> None:
        """Note a mistake unless a value may be stated for a fact, and is known."""
        if value == UNKNOWN or not self._vocabulary.accepts(fact, value):
            advice = nearest(str(value), self._vocabulary.code_values.get(fact, ()))
            advice = advice or self._vocabulary.describe(fact)
            problem = f"{value} is not a value of {fact}"
            self._mistakes.append(
                Mistake(path=path, problem=problem, advice=advice, code=UNKNOWN_WORD)
            )

    def paper_test(
        self,
        codes: Sequence[str],
        signers: Sequence[str] | None,
        state: str | Sequence[str] | None,
        path: str,
        *,
        negated: bool,
    ) -> PaperTest:
        """Return a test of papers: which types, which signers, which states."""
        known = self._vocabulary
        for code in codes:
            self._lookup.listed(f"{path}.paper", code, known.instruments)
        for signer in signers or ():
            self._lookup.listed(f"{path}.by", signer, known.signers)
        states: set[str] = set()
        for word in [state] if isinstance(state, str) else state or []:
            self._lookup.listed(
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


ALLOWED_TESTS: Mapping[str, tuple[str, ...]] = {
    "boolean": ("is_", "is_not"),
    "code": ("is_", "is_not", "in_", "not_in"),
    "integer": ("at_least", "at_most", "is_", "is_not"),
    "day": ("before", "after", "before_years", "within_years"),
}
"""The tests of each type of fact."""


def _comparison(text: ConditionText, fact: str) -> Comparison:
    """Return the comparison that the one test of a condition is."""
    (test,) = text.tests
    op, years = COMPARED[test]
    value = getattr(text, test)
    bound = day_number(value, FIRST) if isinstance(value, str) else value
    return Comparison(fact=fact, op=op, bound=bound, years=years)


COMPARED: Mapping[str, tuple[Literal["lt", "gt", "ge", "le", "eq", "ne"], bool]] = {
    "before": ("lt", False),
    "after": ("gt", False),
    "before_years": ("lt", True),
    "within_years": ("ge", True),
    "at_least": ("ge", False),
    "at_most": ("le", False),
    "is_": ("eq", False),
    "is_not": ("ne", False),
}


def _days(text: Dates) -> DayTest:
    start, end = day_number(text.from_, FIRST), day_number(text.until, LAST)
    return DayTest(start=start, end=end)


def _word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
