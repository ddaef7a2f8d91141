"""Errors say what they know, each to the one who needs it."""

from __future__ import annotations

import pytest

from gateway import errors
from gateway.errors import (
    Cause,
    GatewayError,
    InvalidFile,
    MalformedRequest,
    Mistake,
    Unauthenticated,
    Unavailable,
)


def test_the_causes_are_a_closed_list() -> None:
    """The causes of a 503 are part of the interface: a new one is a decision."""
    assert [str(cause) for cause in Cause] == [
        "policy-unavailable",
        "policy-disagreement",
        "log-unavailable",
        "source-unavailable",
        "identity-unavailable",
        "state-unavailable",
        "clock",
        "overloaded",
        "stopping",
    ]


def test_the_tree() -> None:
    """Whoever catches the base catches each of them."""
    kinds = [getattr(errors, name) for name in errors.__all__]
    classes = [kind for kind in kinds if isinstance(kind, type)]
    exceptions = [kind for kind in classes if issubclass(kind, Exception)]

    assert all(issubclass(kind, GatewayError) for kind in exceptions)


def test_unavailable() -> None:
    """The cause is for the requester, the detail for the operator."""
    error = Unavailable(Cause.CLOCK, "ran back 7 s")

    assert (error.cause, error.detail) == (Cause.CLOCK, "ran back 7 s")
    assert str(error) == "clock: ran back 7 s"
    assert str(Unavailable(Cause.STOPPING)) == "stopping"


@pytest.mark.parametrize(
    ("advice", "line"),
    [
        ("", "/fields/0: no such field"),
        ("did you?", "/fields/0: no such field; did you?"),
    ],
)
def test_mistakes_read_as_lines(advice: str, line: str) -> None:
    """A mistake is one line: where, what, and what would be right."""
    mistake = Mistake(path="/fields/0", problem="no such field", advice=advice)

    assert str(mistake) == line


def test_every_mistake_is_carried() -> None:
    """Nobody has to ask twice to hear of the second mistake."""
    mistakes = [Mistake(path=f"a.yaml:{n}", problem="wrong") for n in range(3)]

    assert InvalidFile(mistakes).mistakes == tuple(mistakes)
    assert str(InvalidFile(mistakes)).count("\n") == 2
    request = MalformedRequest(422, mistakes)
    assert (request.status, request.mistakes) == (422, tuple(mistakes))


def test_unauthenticated() -> None:
    """The reason is a word for the count of failures."""
    assert Unauthenticated("expired").reason == "expired"
