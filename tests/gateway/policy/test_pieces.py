"""A question's halves, asked apart, say what the question says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.policy.pieces import halves, together

GROUPS = st.lists(
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from(["read", "notify"]),
            "categories": st.lists(st.sampled_from("abcde"), max_size=4),
        }
    ),
    max_size=3,
)
RECORDS = st.one_of(
    st.just("pending"),
    st.lists(st.fixed_dictionaries({"facts": st.integers(0, 99)}), max_size=4),
)


def answered(question: Mapping[str, Any]) -> dict[str, Any]:
    """Return an answer whose rows say what they are rows of."""
    records, pending = question["records"], question["records"] == "pending"
    decided = [
        {
            "asks": [
                {"of": [record, group["kind"], category]}
                for group in question["asks"]
                for category in group["categories"]
            ]
        }
        for record in ([{}] if pending else records)
    ]
    return {"schema": "odd", **(decided[0] if pending else {"records": decided})}


def in_halves(question: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answer by halves, and halves of halves."""
    parts = halves(question)
    if parts is None:
        return answered(question)
    return together(question, *(in_halves(part) for part in parts))


@given(asks=GROUPS, records=RECORDS)
def test_the_answer_by_halves_is_the_answer(
    asks: list[Any], records: list[Any] | str
) -> None:
    """Row by row and in order, down to one record and one category."""
    question = {"day": 20260101, "asks": asks, "records": records}

    assert in_halves(question) == answered(question)


@given(asks=GROUPS, records=RECORDS)
def test_a_half_is_less(asks: list[Any], records: list[Any] | str) -> None:
    """Each half has fewer records, asks or categories, so halving ends."""
    question = {"day": 20260101, "asks": asks, "records": records}

    def size(of: Mapping[str, Any]) -> int:
        known = 1 if of["records"] == "pending" else len(of["records"])
        return known + sum(1 + len(group["categories"]) for group in of["asks"])

    parts = halves(question)
    if parts is None:
        assert len(asks) <= 1
        assert records == "pending" or len(records) <= 1
    else:
        assert max(map(size, parts)) < size(question)
        assert all(part["day"] == question["day"] for part in parts)


ONE: dict[str, Any] = {"facts": {}}
ASK = {"kind": "read", "categories": ["a", "b"]}


@pytest.mark.parametrize(
    ("records", "answer"),
    [
        ("pending", {"asks": 1}),
        ("pending", {}),
        ([ONE, ONE], {"records": {}}),
        ([ONE], {"records": [1]}),
        ([ONE], {"records": [{"asks": 1}]}),
        ([ONE], {"records": [{"asks": []}, {"asks": []}]}),
    ],
)
def test_odd_answers_do_not_join(
    records: list[Any] | str, answer: dict[str, Any]
) -> None:
    """What is not of the form that an answer has makes none."""
    right = answered({"asks": [ASK], "records": records})
    question = {"asks": [ASK], "records": records}

    with pytest.raises((KeyError, TypeError, ValueError)):
        together(question, right, answer)
    with pytest.raises((KeyError, TypeError, ValueError)):
        together(question, answer, right)
