"""One review as a value: its times, and its state to the requester."""

from __future__ import annotations

import pytest

from gateway.state import Review, ReviewState


def review(state: ReviewState) -> Review:
    """Return a review in a state."""
    return Review(
        exchange="ab" * 16,
        state=state,
        role="counsel",
        created_ms=0,
        due_ms=1_795_420_800_999,
        revision="r",
        entry=1,
        receipt={},
        agency="ice",
        client="c",
    )


@pytest.mark.parametrize(
    ("state", "word"),
    [
        (ReviewState.WAITING, "waiting"),
        (ReviewState.APPROVED, "approved"),
        (ReviewState.WITHDRAWN, "withdrawn"),
        (ReviewState.DENIED, "denied"),
        (ReviewState.EXPIRED, "denied"),
    ],
)
def test_the_requester_sees_one_word_for_every_refusal(
    state: ReviewState, word: str
) -> None:
    """Refused and run out of time are the same word."""
    assert review(state).state_for_requester == word


def test_due_is_whole_seconds_in_utc() -> None:
    """RFC 3339, cut to the second."""
    assert review(ReviewState.WAITING).due == "2026-11-23T08:00:00Z"
