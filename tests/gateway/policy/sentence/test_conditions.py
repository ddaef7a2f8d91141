"""Conditions in words, one for each form a condition has."""

from __future__ import annotations

import pytest

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
from gateway.policy.sentence.conditions import (
    all_text,
    condition_text,
    fact_text,
    period_text,
)
from tests.gateway.policy.small import vocabulary

JUDGE, CLERK = "paper.warrant.judge", "paper.warrant.clerk"
OFFICER = "paper.detainer.officer"


def value(fact: str, *values: str) -> ValueTest:
    """Return a test of values."""
    return ValueTest(fact=fact, values=frozenset(values))


def papers(*facts: str, states: str, negated: bool = False) -> PaperTest:
    """Return a test of papers."""
    return PaperTest(
        facts=frozenset(facts), states=frozenset(states.split()), negated=negated
    )


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        (value("convicted", "true"), '"convicted" is true'),
        (value("convicted", "true", "false"), '"convicted" is anything known'),
        (value("need", "false"), '"Need to know" is false'),
        (value("agreement"), '"agreement" is nothing it can be'),
        (value("agreement", "in_force"), '"agreement" is in force'),
        (value("purpose", "civil"), '"purpose" is civil'),
        (
            value("purpose", "civil", "crime"),
            '"purpose" is known, and not none given',
        ),
        (
            value("recipient", "ice", "fbi"),
            '"recipient" is fbi; or ice',
        ),
        (Known(fact="convicted"), '"convicted" is known'),
        (Comparison(fact="level", op="ge", bound=2), '"level" is at least 2'),
        (
            Comparison(fact="validated_on", op="lt", bound=20200131),
            '"validated on" is before 31 January 2020',
        ),
        (
            Comparison(fact="validated_on", op="lt", bound=5, years=True),
            '"validated on" is more than 5 years before the day of the question',
        ),
        (
            Comparison(fact="validated_on", op="ge", bound=1, years=True),
            '"validated on" is at most 1 year before the day of the question',
        ),
        (
            papers(JUDGE, CLERK, states="issuer_confirmed"),
            "one of these papers is confirmed: Warrant (W)",
        ),
        (
            papers(JUDGE, OFFICER, states="issuer_confirmed expired", negated=True),
            (
                "none of these papers is issuer confirmed; or expired:"
                " Warrant (W) signed by judge; or Detainer (D)"
            ),
        ),
        (
            papers(
                OFFICER, states="unverified issuer_confirmed outside_scope defective"
            ),
            "one of these papers is there, and not expired: Detainer (D)",
        ),
        (
            papers(OFFICER, states="absent unverified issuer_confirmed outside_scope"),
            (
                "one of these papers is absent; unverified; issuer confirmed; or"
                " outside scope: Detainer (D)"
            ),
        ),
        (papers(states=""), "one of these papers is in no state: none"),
        (DayTest(start=20200101, end=LAST), "the day is from 1 January 2020 on"),
    ],
)
def test_condition_text(condition: Condition, said: str) -> None:
    """A fact by its title, what it is compared with in words."""
    assert condition_text(condition, vocabulary()) == said


def test_all_text() -> None:
    """Conditions that must all hold are joined."""
    both: list[Condition] = [value("convicted", "true"), Known(fact="sealed")]
    assert all_text(both, vocabulary()) == '"convicted" is true, and "sealed" is known'


def test_fact_text() -> None:
    """A paper fact is the paper and who signed it."""
    assert fact_text(JUDGE, vocabulary()) == "Warrant (W) signed by judge"


def test_period_text() -> None:
    """Every form that a period has."""
    assert period_text(FIRST, LAST) == "any"
    assert period_text(FIRST, 20200101) == "before 1 January 2020"
    assert period_text(20200101, LAST) == "from 1 January 2020 on"
    assert period_text(20190101, 20200101) == (
        "from 1 January 2019 and before 1 January 2020"
    )
    assert period_text(20200101, 20200101) == "never"
