"""The fold of all acts: what is in force, and acts that cannot follow."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.act import Act
from gateway.acts import (
    ActEvent,
    ActMalformed,
    ActOutOfOrder,
    ActsInForce,
    closing,
    fold,
    paper,
    parse_note,
    reopening,
    start,
    stop,
)
from tests.gateway.county import (
    BOTH,
    GENESIS,
    LATE,
    ORIGIN,
    activated,
    cut,
    lifted,
    signed,
)

Step = Callable[[ActsInForce], Act]
"""Makes the next act from what is in force."""


def begins(_in_force: ActsInForce) -> Act:
    """Return genesis."""
    return GENESIS


def found(state: str, face: str = "none") -> Step:
    """Return what makes the next word on a paper."""

    def build(in_force: ActsInForce) -> Act:
        confirmed = state == "issuer_confirmed"
        statement = paper(
            origin=ORIGIN,
            commitment="d" * 64,
            state=state,
            face=face,
            expires=LATE if confirmed else "never",
        )
        return signed(in_force.numbered(statement), *(BOTH if confirmed else ()))

    return build


def log(*steps: Step) -> list[ActEvent]:
    """Return acts as entries 0, 10, 20, ... of a log, an hour apart."""
    events: list[ActEvent] = []
    for place, step in enumerate(steps):
        in_force = fold(events)
        at_ms = place * 3_600_000
        events.append(ActEvent(index=place * 10, at_ms=at_ms, act=step(in_force)))
    return events


def test_the_last_activation_is_in_force() -> None:
    """A later activation replaces an earlier one, with its entry's hour."""
    standing = fold(
        log(
            begins,
            lambda held: activated(held, policy="old"),
            lambda held: activated(held, policy="new"),
        )
    )
    assert standing.activation is not None
    assert standing.activation.policy == "new"
    assert standing.activation.index == 20
    assert standing.activation.at_ms == 7_200_000


def test_cut_offs_hold_until_they_are_lifted() -> None:
    """A lift ends the cut-off it names and no other."""
    standing = fold(
        log(
            begins,
            lambda held: cut(held, "ice"),
            lambda held: cut(held, "hsi"),
            lambda held: lifted(held, 0),
        )
    )
    assert [item.name for item in standing.cutoffs] == ["hsi"]
    assert cut(standing).statement.counter == 2


def closes(held: ActsInForce) -> Act:
    """Return a closing."""
    return Act(
        statement=held.numbered(closing(origin=ORIGIN, cause="policy-disagreement"))
    )


def reopens(number: int) -> Step:
    """Return what ends the closing with this number."""

    def build(held: ActsInForce) -> Act:
        act = reopening(origin=ORIGIN, reopens=number, reason="resolved")
        return Act(statement=held.numbered(act))

    return build


def starts(held: ActsInForce) -> Act:
    """Return a start."""
    act = start(origin=ORIGIN, activation=0, version="1", witness="none")
    return Act(statement=held.numbered(act))


def test_a_closing_holds_until_it_is_reopened() -> None:
    """It outlives starts and activations; a later one has to be reopened too."""
    begun: list[Step] = [begins, activated, closes]
    assert fold(log(begins, activated)).closed is None
    assert fold(log(*begun, starts, activated)).closed == 0
    assert fold(log(*begun, reopens(0))).closed is None
    assert fold(log(*begun, reopens(0), closes)).closed == 1
    assert fold(log(*begun, closes)).closed == 1


@pytest.mark.parametrize(
    "acts",
    [
        [reopens(0)],
        [closes, reopens(1)],
        [closes, closes, reopens(0)],
        [closes, reopens(0), reopens(0)],
    ],
)
def test_only_what_is_closed_is_reopened(acts: list[Step]) -> None:
    """Reopening names the closing that holds, once."""
    with pytest.raises(ActOutOfOrder, match="not one that still holds"):
        fold(log(begins, *acts))


def test_a_cut_off_of_all_has_no_name() -> None:
    """The dash of the statement is the empty name again."""
    assert fold(log(begins, cut)).cutoffs[0].name == ""


def test_the_last_word_on_a_paper_counts() -> None:
    """A paper that was confirmed can be found revoked."""
    confirmed = found("issuer_confirmed", "f" * 64)
    standing = fold(log(begins, confirmed))
    assert standing.papers["d" * 64].face == "f" * 64
    standing = fold(log(begins, confirmed, found("revoked")))
    assert standing.papers["d" * 64].state == "revoked"
    assert standing.papers["d" * 64].index == 20


def test_runs_are_counted() -> None:
    """Starts and stops change nothing else."""
    one = start(origin=ORIGIN, activation=0, version="1", witness="none")
    end = stop(origin=ORIGIN, run=0)
    standing = fold(
        log(
            begins,
            activated,
            lambda held: Act(statement=held.numbered(one)),
            lambda held: Act(statement=held.numbered(end)),
        )
    )
    assert standing.numbered(one).counter == 1
    assert standing.activation is not None


@pytest.mark.parametrize(
    ("steps", "problem"),
    [
        ([activated], "genesis belongs at index 0 and nowhere else$"),
        ([begins, begins], "nowhere else; this log has begun already"),
        ([begins, lambda held: activated(held, "officer-1")], "only officer-1 has"),
        ([begins, activated, lambda _: activated(ActsInForce())], "the next is 1"),
        ([begins, lambda held: lifted(held, 0)], "cut-off 0 is not in force; none is"),
        (
            [begins, cut, lambda held: lifted(held, 7)],
            "cut-off 7 is not in force; 0 is",
        ),
        (
            [begins, lambda _: Act(statement=stop(origin="another.example", run=0))],
            "of another log",
        ),
    ],
)
def test_acts_that_cannot_follow_are_refused(
    steps: Sequence[Step], problem: str
) -> None:
    """One-handed, repeated, foreign, about nothing: named with its entry."""
    with pytest.raises(ActOutOfOrder, match=problem) as caught:
        fold(log(*steps))
    assert f"entry {(len(steps) - 1) * 10}" in str(caught.value)
    assert caught.value.reason in str(caught.value)


def test_what_is_no_act_is_refused_by_name() -> None:
    """The log's own errors don't leave here: a gateway's error does."""
    assert parse_note(GENESIS.note) == GENESIS
    with pytest.raises(ActMalformed, match="the first line is not"):
        parse_note(b"x\n\n")


STEPS: dict[str, Step] = {
    "cut": cut,
    "activate": activated,
    "paper": found("form_checked"),
    "lift": lambda held: lifted(held, held.cutoffs[0].number),
}


@given(st.lists(st.sampled_from(sorted(STEPS)), max_size=12))
def test_the_fold_is_the_same_in_any_two_parts(words: Sequence[str]) -> None:
    """Reading a log in parts, as a restart does, comes to the same."""
    standing = ActsInForce()
    events: list[ActEvent] = []
    for place, word in enumerate(["genesis", *words]):
        if word == "lift" and not standing.cutoffs:
            continue
        act = GENESIS if word == "genesis" else STEPS[word](standing)
        event = ActEvent(index=place, at_ms=place, act=act)
        standing = standing.after(event)
        events.append(event)
    assert fold(events) == standing
    in_force = {item.number for item in standing.cutoffs}
    every = {e.statement.counter for e in events if e.statement.act == "cutoff"}
    lifts = {
        int(e.statement["lifts"]) for e in events if e.statement.act == "cutoff-lift"
    }
    assert in_force == every - lifts


def test_what_holds_after_each_act_is_no_copy_of_what_held_before() -> None:
    """All that held after each of n papers is of the order of n, not of its square."""
    assert _held(800) < 8 * _held(200)


def _held(count: int) -> int:
    """Return the bytes of all that held after each of so many papers."""
    standing = ActsInForce().after(ActEvent(index=0, at_ms=0, act=GENESIS))
    acts = [
        Act(
            statement=standing.numbered(
                paper(origin=ORIGIN, commitment=f"{number:064x}", state="revoked")
            )
        )
        for number in range(count)
    ]
    every = []
    tracemalloc.start()
    try:
        for number, act in enumerate(acts, 1):
            standing = standing.after(ActEvent(index=number, at_ms=0, act=act))
            every.append(standing)
        return tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
