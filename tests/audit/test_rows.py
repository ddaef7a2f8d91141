"""What is said of each signature becomes one row for each category that is asked."""

from __future__ import annotations

from typing import Any

import pytest

from audit.rows import COMES_TO, DECISION, SCREEN, has_schema, with_rows

ASKED = {("read", "release"): frozenset({"date", "home", "name"})}
ASKS = [{"kind": "read", "use": "release", "categories": ["date", "home", "name"]}]
OPEN = {"by": "5430001", "said": ["5430001", "8130000"]}
CLOSED = {"by": "5100002", "said": ["5100002", "8130000"]}
OPEN_ROW = {
    "by": 5430001,
    "effect": "permit",
    "outcome": "release",
    "said": [5430001, 8130000],
}
CLOSED_ROW = {
    "by": 5100002,
    "effect": "prohibit",
    "outcome": "withhold",
    "said": [5100002, 8130000],
}


def group(**said: Any) -> dict[str, Any]:  # noqa: ANN401 - members of JSON
    """Return what rules say of one group of asks."""
    return {
        "signatures": {"*": "s0", "home": "s1"},
        "said": {"s0": OPEN, "s1": CLOSED},
        "own": {},
        **said,
    }


def decided(*groups: dict[str, Any]) -> dict[str, Any]:
    """Return the decision on one record."""
    records = [{"asks": [*groups]}]
    return {"schema": "sallyport.decision/2", "revision": "r", "records": records}


def screened(**said: Any) -> dict[str, Any]:  # noqa: ANN401 - members of JSON
    """Return the screen of one group, of which this is said."""
    asks = [group(said={"s0": said, "s1": CLOSED})]
    return {"schema": "sallyport.screen/2", "revision": "r", "asks": asks}


def rows(answer: dict[str, Any], asks: list[dict[str, Any]] = ASKS) -> Any:  # noqa: ANN401 - rows of JSON
    """Return the rows of the one record."""
    return with_rows(answer, asks, ASKED)["records"][0]["asks"]


def test_a_category_has_what_is_said_of_its_signature() -> None:
    """In the order of the question; those that are not listed have the star's."""
    answer = with_rows(decided(group()), ASKS, ASKED)

    assert answer["schema"] == DECISION
    assert answer["revision"] == "r"
    assert answer["records"] == [{"asks": [OPEN_ROW, CLOSED_ROW, OPEN_ROW]}]


def test_what_is_a_categorys_own_stands_before_its_signatures() -> None:
    """Facts may be known of one category."""
    assert rows(decided(group(own={"name": CLOSED})))[2] == CLOSED_ROW


def test_a_screen_says_what_is_possible() -> None:
    """Or what is decided, where nothing of a record matters."""
    possible = {"may": ["5100002", "5430001"], "said": ["5430001"], "needs": ["sealed"]}
    asks = [group(said={"s0": possible, "s1": CLOSED})]
    answer = {"schema": "sallyport.screen/2", "revision": "r", "asks": asks}

    found = with_rows(answer, ASKS, ASKED)

    assert found["schema"] == SCREEN
    assert found["asks"] == [
        {"may": [5100002, 5430001], "said": [5430001], "needs": ["sealed"]},
        CLOSED_ROW,
        {"may": [5100002, 5430001], "said": [5430001], "needs": ["sealed"]},
    ]


def test_what_may_not_be_asked_has_no_row() -> None:
    """Rules say of any word what they say of most; who knows the words passes it by."""
    asks = [{**ASKS[0], "categories": ["date", "anything"]}]

    assert rows(decided(group()), asks) == [OPEN_ROW]
    trusted = with_rows(decided(group()), asks, None)
    assert trusted["records"][0]["asks"] == [OPEN_ROW, OPEN_ROW]


def test_an_answer_to_other_asks_has_no_rows() -> None:
    """One group for each group of asks, or nothing was answered."""
    assert rows(decided()) == []
    assert rows(decided(group(), group())) == []


@pytest.mark.parametrize("schema", [SCREEN, DECISION])
def test_rows_of_older_rules_are_as_they_are(schema: str) -> None:
    """They wrote them out themselves."""
    answer = {"schema": schema, "asks": [], "records": []}

    assert with_rows(answer, ASKS, ASKED) == answer


def test_a_schema_is_known_in_both_forms() -> None:
    """Of signatures, or of the rows that are made of them."""
    assert has_schema({"schema": "sallyport.screen/2"}, SCREEN)
    assert has_schema({"schema": SCREEN}, SCREEN)
    assert not has_schema({"schema": "sallyport.decision/2"}, SCREEN)
    assert not has_schema({"schema": 2}, SCREEN)
    assert not has_schema({}, SCREEN)


ODD: list[Any] = [
    {},
    {"schema": []},
    {"schema": "sallyport.decision/2"},
    {"schema": "sallyport.screen/2", "asks": [7]},
    {"schema": "sallyport.screen/2", "asks": [{}]},
    decided(group(said={})),
    decided(group(said={"s0": OPEN})),
    decided(group(signatures={})),
    decided(group(said={"s0": {"by": "5430001"}, "s1": CLOSED})),
    decided(group(said={"s0": {**OPEN, "by": "5990001"}, "s1": CLOSED})),
    decided(group(said={"s0": {**OPEN, "by": 5430001}, "s1": CLOSED})),
    decided(group(said={"s0": {**OPEN, "said": [5430001]}, "s1": CLOSED})),
    decided(group(said={"s0": {**OPEN, "said": ["five"]}, "s1": CLOSED})),
    decided(group(own=None)),
    *(
        decided(group(said={"s0": {**OPEN, "by": by}, "s1": CLOSED}))
        for by in (
            "5430001 ",
            "\uff15430001",
            "5_430001",
            "+543001",
            "54300010",
            "0430001",
        )
    ),
    decided(group(said={"s0": {**OPEN, "said": [" 5430001"]}, "s1": CLOSED})),
    decided(group(said={"s0": {**OPEN, "said": "5430001"}, "s1": CLOSED})),
    decided(group(said={"s0": {**OPEN, "said": {"5430001": 0}}, "s1": CLOSED})),
    screened(may=["5430001"], said=["5430001"], needs="sealed"),
    screened(may=["5430001"], said=["5430001"], needs=[["sealed"]]),
    screened(may={"5430001": 0}, said=["5430001"], needs=[]),
]


@pytest.mark.parametrize("odd", ODD, ids=str)
def test_what_is_no_answer_has_no_rows(odd: dict[str, Any]) -> None:
    """Each raises what its readers turn into a word."""
    with pytest.raises((AttributeError, KeyError, TypeError, ValueError)):
        with_rows(odd, ASKS, ASKED)


def test_a_prohibit_is_withheld_and_a_review_waits() -> None:
    """Nothing is released but what is required, or permitted without discretion."""
    assert {outcome for digits, (_, outcome) in COMES_TO.items() if digits < "2"} == {
        "withhold"
    }
    released = {
        digits for digits, (_, outcome) in COMES_TO.items() if outcome[0] == "r"
    }
    assert released == {"30", "42", "43"}
