"""Many questions made few: one for each that can be answered differently."""

from __future__ import annotations

import orjson

from gateway.policy import Vector
from gateway.policy.compare.batch import (
    RECORDS_A_CALL,
    boundaries,
    grouped,
    keys_of,
)
from gateway.policy.compare.past import Past, past_of
from gateway.policy.law import DayTest, Rule
from tests.gateway.policy.small import question, vocabulary

WORDS = vocabulary()
DAYS = [20200101, 20260101]


def past(day: int = 20260120, count: int = 1, **facts: int | bool) -> Past:
    """Return a question of a day about a record."""
    made = past_of(question(WORDS, day=day), Vector(facts=facts))
    return Past(question=made.question, count=count)


def test_days_between_changes_are_one() -> None:
    """Questions of two days on which the same law holds are asked once."""
    asked = [past(20260120), past(20260301, count=2), past(20251231), past(20190101)]
    groups = grouped(asked, WORDS, DAYS)
    assert [group.document["day"] for group in groups] == [20260101, 20200101, 19000101]
    assert [sum(group.records.values()) for group in groups] == [3, 1, 1]


def test_days_are_kept_where_years_are_counted() -> None:
    """A fact that is a day is looked at from the day of the question."""
    asked = [
        past(20260120, validated_on=20210119),
        past(20260121, validated_on=20210119),
    ]
    assert len(grouped(asked, WORDS, DAYS)) == 2
    dated = question(WORDS, day=20260120)
    vectors = [Vector(categories={"date": {"public": True}}), Vector()]
    every = [past_of(dated, vector) for vector in vectors]
    assert len(grouped(every, WORDS, DAYS)) == 1


def test_calls() -> None:
    """Records of one question go together, at most 32; pending goes alone."""
    asked = [past(level=i) for i in range(RECORDS_A_CALL + 1)]
    (group,) = grouped(asked, WORDS, DAYS)
    first, second = group.calls()
    assert [len(orjson.loads(text)["records"]) for text, _ in (first, second)] == [
        32,
        1,
    ]
    assert first[1] == [1] * 32
    screened = past_of(question(WORDS), None)
    both = grouped([screened, screened, past()], WORDS, DAYS)
    assert [len(group.records) for group in both] == [1, 1]
    ((text, counts),) = both[0].calls()
    assert (orjson.loads(text)["records"], counts) == ("pending", [2])


def test_text_is_canonical() -> None:
    """What is asked is the canonical question."""
    made = past(20260101, convicted=True)
    (group,) = grouped([made], WORDS, DAYS)
    ((text, _),) = group.calls()
    assert text == made.question
    assert keys_of(group.document) == [("read", "release", "date")]


def test_boundaries(law: Rule) -> None:
    """Rules begin and end, and so do their conditions on the day."""
    assert boundaries([law]) == [20190101, 20210101, 20230101, 20250101, 99999999]
    assert DayTest(start=1, end=2).start == 1
