"""A file of sentences reads as far as it can: one that is wrong hides no other."""

from __future__ import annotations

import json

from gateway.policy.nevertext import texts_of

GOOD = {
    "id": "a",
    "says": "Nobody gets a home.",
    "citation": "Law 9",
    "never": {"outcomes": ["release"]},
}


def read(invariants: object) -> tuple[list[tuple[int, str]], list[str]]:
    """Return the sentences that read, with their places, and the mistakes."""
    text = {"schema": "sallyport.must_never/1", "invariants": invariants}
    found, mistakes = texts_of(json.dumps(text).encode(), "must_never.yaml")
    return [(i, one.id) for i, one in found], [*map(str, mistakes)]


def test_sentences_that_read() -> None:
    """All of them, in their order."""
    assert read([GOOD, {**GOOD, "id": "b"}]) == ([(0, "a"), (1, "b")], [])


def test_a_sentence_that_does_not_read() -> None:
    """The others keep their places."""
    found, mistakes = read([{**GOOD, "colour": 1}, {**GOOD, "id": "b"}, 7])
    assert found == [(1, "b")]
    assert [said.split(": ")[0] for said in mistakes] == [
        "must_never.yaml:invariants.0.colour",
        "must_never.yaml:invariants.2",
    ]


def test_a_file_that_is_none() -> None:
    """Has no sentence, and says why."""
    assert read("all")[0] == []
    assert len(read("all")[1]) == 1
    assert texts_of(b"[]", "m.yaml")[0] == ()
    assert texts_of(b"a: [", "m.yaml")[0] == ()
