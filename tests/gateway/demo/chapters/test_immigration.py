"""The chapter of immigration enforcement under Illinois law."""

from __future__ import annotations

from gateway.demo.chapters import IMMIGRATION
from gateway.demo.scenes import Deed, Scene


def test_a_telephone_call_is_all_that_changes_the_answer() -> None:
    """One request waits until a clerk confirms its paper, and is then answered."""
    parts = IMMIGRATION.parts
    (place,) = [i for i, part in enumerate(parts) if isinstance(part, Deed)]
    before, after = parts[place - 1], parts[place + 1]

    assert isinstance(before, Scene)
    assert isinstance(after, Scene)
    assert before.body == after.body
    assert (before.expects, after.expects) == ("waiting", "released")


def test_the_deputy_is_refused_like_ice() -> None:
    """Who works for ICE today is under the same rule, whoever pays."""
    (deputy,) = [
        part
        for part in IMMIGRATION.parts
        if isinstance(part, Scene) and part.requester == "deputy-287g"
    ]

    assert deputy.expects == "refused"
