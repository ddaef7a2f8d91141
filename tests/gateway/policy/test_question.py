"""Questions: words checked, defaults left out, canonical bytes pinned."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.policy import Ask, InvalidQuestion, Question, Vector
from gateway.policy.parties import classes_of, parties_of, recipient_of
from tests.gateway.policy.small import question, vocabulary

WORDS = vocabulary()


def test_canonical_bytes() -> None:
    """The same question is the same bytes, whatever order it was asked in."""
    made = question(
        WORDS,
        ("read", "release", "home"),
        ("read", "match", "number"),
        ("read", "release", "date"),
        papers={
            "paper.warrant.judge": "issuer_confirmed",
            "paper.warrant.clerk": "absent",
        },
        agreement="none",
        level=2,
    )
    paper = b'{"paper.warrant.judge":"issuer_confirmed"}'
    assert made.canonical == (
        b'{"asks":[{"categories":["number"],"facts":%s,"kind":"read","use":"match"},'
        b'{"categories":["date","home"],"facts":%s,"kind":"read","use":"release"}],'
        b'"custodian":"sheriff","dataset":"jail","day":20260120,'
        b'"facts":{"level":2,"purpose":"civil"},"records":"pending",'
        b'"requester":"ice","schema":"sallyport.question/1"}'
    ) % (paper, paper)
    assert made.ask_keys == (
        ("read", "match", "number"),
        ("read", "release", "date"),
        ("read", "release", "home"),
    )
    assert (
        made.digest
        == question(
            WORDS,
            *reversed(made.ask_keys),
            papers={"paper.warrant.judge": "issuer_confirmed"},
            level=2,
        ).digest
    )


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"custodian": "sherif"}, "custodian: sherif .*did you mean sheriff"),
    ({"dataset_kind": "jale"}, "dataset: jale"),
    ({"requester_class": "icy"}, "requester: icy"),
    ({"recipient": "icy"}, "recipient: icy .*did you mean ice"),
    ({"day": 20260120_0}, "day: is not a day"),
    ({"asks": []}, "nothing is asked"),
    ({"asks": [Ask(kind="reed", use="release", category="date")]}, "asks.0.kind: reed"),
    ({"asks": [Ask(kind="read", use="releese", category="date")]}, "asks.0.use"),
    ({"asks": [Ask(kind="read", use="release", category="hold")]}, "asks.0.category"),
    ({"asks": [Ask(kind="hold", use="release", category="date")]}, "asks.0.category"),
    ({"asks": [Ask(kind="read", use="release", category="date")] * 2}, "asked twice"),
    (
        {
            "asks": [
                Ask(kind="read", use="release", category="date", facts={"bulk": True})
            ]
        },
        "asks.0.facts: bulk is no fact of this place",
    ),
    ({"facts": {"convicted": True}}, "facts: convicted is no fact of this place"),
    ({"facts": {"level": 4}}, "facts.level: not a value"),
    ({"facts": {"level": True}}, "facts.level: not a value"),
    ({"facts": {"bulk": "true"}}, "facts.bulk: not a value; true or false"),
    ({"facts": {"agreement": "pending"}}, "facts.agreement"),
    ({"facts": {"agreement": 1.5}}, "facts.agreement"),
    ({"facts": {"nothing": 1}}, "nothing is no fact"),
]


@pytest.mark.parametrize(
    ("members", "says"), WRONG, ids=[str(i) for i in range(len(WRONG))]
)
def test_wrong_questions(members: dict[str, Any], says: str) -> None:
    """A wrong word, value or place is refused, never guessed."""
    asked: dict[str, Any] = {
        "vocabulary": WORDS,
        "day": 20260120,
        "custodian": "sheriff",
        "dataset_kind": "jail",
        "requester_class": "ice",
        "facts": {},
        "asks": [Ask(kind="read", use="release", category="date")],
    }
    with pytest.raises(InvalidQuestion, match=says):
        Question.build(**{**asked, **members})


@pytest.mark.parametrize(
    ("last", "next_"), [(19000101, 18991231), (21991231, 22000101)]
)
def test_the_first_and_the_last_day(last: int, next_: int) -> None:
    """The law of three centuries can be asked for, and no other day's."""
    assert f'"day":{last}'.encode() in question(WORDS, day=last).canonical
    with pytest.raises(InvalidQuestion, match="day: is not a day"):
        question(WORDS, day=next_)


def test_who_gets_it() -> None:
    """Another recipient is a part of the question; oneself is none."""
    asked: dict[str, Any] = {
        "vocabulary": WORDS,
        "day": 20260120,
        "custodian": "sheriff",
        "dataset_kind": "jail",
        "requester_class": "police",
        "facts": {},
        "asks": [Ask(kind="read", use="release", category="date")],
    }
    own = Question.build(**asked)
    assert classes_of(own.document) == ("police",)
    assert Question.build(**asked, recipient="police").canonical == own.canonical
    other = Question.build(**asked, recipient="ice")
    assert classes_of(other.document) == ("police", "ice")
    assert other.digest != own.digest
    assert other.document["recipient_facts"] == {}
    held = {**asked, "facts": {"agreement": "in_force", "bulk": True}}
    sent = Question.build(**held, recipient="ice").document
    assert sent["recipient_facts"] == {"bulk": True}
    assert [party["facts"] for party in parties_of(sent)] == [
        {"agreement": "in_force", "bulk": True},
        {"bulk": True},
    ]
    assert parties_of(own.document) == (own.document,)
    assert recipient_of({"recipient": "ice"}, WORDS) == "ice"
    assert recipient_of({"recipient": "nobody"}, WORDS) == ""
    assert recipient_of({}, WORDS) == ""


def test_unknown_may_be_said() -> None:
    """That something is unknown is a value of every fact."""
    assert b'"agreement":"unknown"' in question(WORDS, agreement="unknown").canonical


def test_vectors() -> None:
    """A vector is its known facts; what is unknown is left out."""
    one = Vector(
        facts={"sealed": True, "convicted": "unknown"}, categories={"date": {}}
    )
    assert one == Vector(facts={"sealed": True})
    assert (one.facts, one.categories) == ({"sealed": True}, {})
    assert hash(one) == hash(Vector(facts={"sealed": True}))
    assert one != Vector()
    assert one != "vector"
    assert Vector.unknown(["sealed"]) == Vector()


@pytest.mark.parametrize(
    ("vector", "says"),
    [
        (Vector(facts={"bulk": True}), "records.facts: bulk"),
        (Vector(facts={"public": True}), "records.facts: public"),
        (Vector(facts={"validated_on": 5}), "a day, YYYYMMDD"),
        (Vector(categories={"datum": {"public": True}}), "records: datum"),
        (Vector(categories={"date": {"sealed": True}}), "categories.date: sealed"),
    ],
    ids=["request", "category", "day", "word", "record"],
)
def test_vectors_are_checked(vector: Vector, says: str) -> None:
    """Facts that are not of a record are refused."""
    with pytest.raises(InvalidQuestion, match=says):
        question(WORDS).check(vector, WORDS)


def test_vocabulary_answers() -> None:
    """The vocabulary says which values are right."""
    assert WORDS.sayable.keys() == {"need"}
    assert WORDS.describe("paper.warrant.judge").startswith("one of absent")
    assert WORDS.describe("agreement") == "one of in_force, none"
    assert WORDS.accepts("paper.warrant.judge", "unverified")
    assert not WORDS.accepts("paper.warrant.judge", "unknown")
    assert not WORDS.accepts("nothing", True)
    assert WORDS.accepts("recipient", "nobody")
    assert (WORDS.has_fields("read"), WORDS.category_of_kind("hold")) == (True, "hold")
