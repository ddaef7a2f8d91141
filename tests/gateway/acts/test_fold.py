"""The fold of all acts: what is in force, and acts that cannot follow."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.acts import (
    ActEvent,
    ActOutOfOrder,
    ActsInForce,
    Statement,
    activation,
    closing,
    cutoff,
    cutoff_lift,
    fold,
    genesis,
    paper,
    reopening,
    start,
    stop,
)

ORIGIN = "sallyport.example/log"
GENESIS = genesis(origin=ORIGIN, cfg="c" * 64)


def events(*statements: Statement) -> list[ActEvent]:
    """Return the statements as entries 0, 10, 20, ... of a log."""
    return [
        ActEvent(index=place * 10, at_ms=place * 3_600_000, statement=statement)
        for place, statement in enumerate(statements)
    ]


def activated(counter: int, policy: str = "p1") -> Statement:
    """Return an activation."""
    return activation(
        origin=ORIGIN,
        counter=counter,
        policy=policy,
        bundle="e" * 64,
        manifest="b" * 64,
        witness="none",
        reason="scheduled",
    )


def cut(counter: int, name: str = "ice") -> Statement:
    """Return a cut-off of an agency."""
    return cutoff(
        origin=ORIGIN, counter=counter, scope="agency", name=name, reason="legal_order"
    )


def lifted(counter: int, lifts: int) -> Statement:
    """Return the lift of a cut-off."""
    return cutoff_lift(origin=ORIGIN, counter=counter, lifts=lifts, reason="resolved")


def found(counter: int, state: str) -> Statement:
    """Return the state of a paper."""
    return paper(origin=ORIGIN, counter=counter, commitment="d" * 64, state=state)


def test_the_last_activation_is_in_force() -> None:
    """A later activation replaces an earlier one, with its entry's hour."""
    standing = fold(events(GENESIS, activated(0, "old"), activated(1, "new")))
    assert standing.activation is not None
    assert standing.activation.policy == "new"
    assert standing.activation.index == 20
    assert standing.activation.at_ms == 7_200_000


def test_cut_offs_hold_until_they_are_lifted() -> None:
    """A lift ends the cut-off it names and no other."""
    standing = fold(events(GENESIS, cut(0), cut(1, "hsi"), lifted(0, 0)))
    assert [item.name for item in standing.cutoffs] == ["hsi"]
    assert standing.next_counter("cutoff") == 2


def closed(counter: int) -> Statement:
    """Return a closing."""
    return closing(origin=ORIGIN, counter=counter)


def reopened(counter: int, reopens: int) -> Statement:
    """Return the end of a closing."""
    return reopening(origin=ORIGIN, counter=counter, reopens=reopens, reason="resolved")


def test_a_closing_holds_until_it_is_reopened() -> None:
    """It outlives starts and activations; a later one has to be reopened too."""
    begun = [GENESIS, activated(0), closed(0)]
    started = start(origin=ORIGIN, counter=0, activation=0, version="1", witness="none")
    assert fold(events(GENESIS, activated(0))).closed is None
    assert fold(events(*begun, started, activated(1))).closed == 0
    assert fold(events(*begun, reopened(0, 0))).closed is None
    assert fold(events(*begun, reopened(0, 0), closed(1))).closed == 1
    assert fold(events(*begun, closed(1))).closed == 1


@pytest.mark.parametrize(
    "acts",
    [
        [reopened(0, 0)],
        [closed(0), reopened(0, 1)],
        [closed(0), closed(1), reopened(0, 0)],
        [closed(0), reopened(0, 0), reopened(1, 0)],
    ],
)
def test_only_what_is_closed_is_reopened(acts: list[Statement]) -> None:
    """Reopening names the closing that holds, once."""
    with pytest.raises(ActOutOfOrder, match="reopens"):
        fold(events(GENESIS, *acts))


def test_a_cut_off_of_all_has_no_name() -> None:
    """The dash of the statement is the empty name again."""
    act = cutoff(origin=ORIGIN, counter=0, scope="all", name="", reason="mistake")
    assert fold(events(GENESIS, act)).cutoffs[0].name == ""


def test_the_last_word_on_a_paper_counts() -> None:
    """A paper that was confirmed can be found revoked."""
    standing = fold(events(GENESIS, found(0, "issuer_confirmed"), found(1, "revoked")))
    assert standing.papers["d" * 64].state == "revoked"
    assert standing.papers["d" * 64].index == 20


def test_runs_are_counted() -> None:
    """Starts and stops change nothing else."""
    one = start(origin=ORIGIN, counter=0, activation=0, version="1", witness="none")
    end = stop(origin=ORIGIN, counter=0, run=0)
    standing = fold(events(GENESIS, activated(0), one, end))
    assert standing.next_counter("start") == 1
    assert standing.activation is not None


@pytest.mark.parametrize(
    ("statements", "problem"),
    [
        ([activated(0)], "genesis belongs at index 0"),
        ([GENESIS, GENESIS], "genesis belongs at index 0"),
        ([GENESIS, activated(1)], "its counter should be 0"),
        ([GENESIS, activated(0), activated(0)], "its counter should be 1"),
        ([GENESIS, activated(0), activated(2)], "its counter should be 1"),
        ([GENESIS, lifted(0, 0)], "which is not in force"),
        ([GENESIS, cut(0), lifted(0, 0), lifted(1, 0)], "which is not in force"),
        (
            [GENESIS, stop(origin="another.example", counter=0, run=0)],
            "of another log",
        ),
    ],
)
def test_acts_that_cannot_follow_are_refused(
    statements: list[Statement], problem: str
) -> None:
    """A missing, repeated or foreign act is named with its entry."""
    with pytest.raises(ActOutOfOrder, match=problem) as caught:
        fold(events(*statements))
    assert f"entry {(len(statements) - 1) * 10}" in str(caught.value)


@given(st.lists(st.sampled_from(["cut", "lift", "activate", "paper"]), max_size=30))
def test_the_fold_is_the_same_in_any_two_parts(steps: Sequence[str]) -> None:
    """Reading a log in parts, as a restart does, comes to the same."""
    standing = ActsInForce()
    log: list[ActEvent] = []
    for place, step in enumerate(["genesis", *steps]):
        statement = _next(step, standing)
        if statement is not None:
            event = ActEvent(index=place, at_ms=place, statement=statement)
            standing = standing.after(event)
            log.append(event)
    assert fold(log) == standing
    in_force = {item.number for item in standing.cutoffs}
    lifts = {int(e.statement["lifts"]) for e in log if e.statement.act == "cutoff-lift"}
    every = {e.statement.counter for e in log if e.statement.act == "cutoff"}
    assert in_force == every - lifts


def _next(step: str, standing: ActsInForce) -> Statement | None:
    """Return the next statement of a kind that can follow, or None."""
    if step == "genesis":
        return GENESIS
    if step == "activate":
        return activated(standing.next_counter("activation"))
    if step == "paper":
        return found(standing.next_counter("paper"), "form_checked")
    if step == "cut":
        return cut(standing.next_counter("cutoff"))
    if not standing.cutoffs:
        return None
    return lifted(standing.next_counter("cutoff-lift"), standing.cutoffs[0].number)
