"""Places are shared out: in turn by client, with some kept for danger to life."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.places import Places, Ticket


def arrived(places: Places, who: str, count: int = 1, **more: bool) -> list[Ticket]:
    """Let requests arrive that are not turned away."""
    exigent = more.get("exigent", False)
    found = [places.arrive(who, exigent=exigent) for _ in range(count)]
    return [ticket for ticket in found if ticket is not None]


class Watched:
    """Places, and what has become of each request that arrived."""

    def __init__(self, *, most: int, reserve: int, queue: int) -> None:
        """Start with nobody."""
        self.most, self.reserve, self.queue = most, reserve, queue
        self.places = Places(most=most, reserve=reserve, queue=queue)
        self.there: list[Ticket] = []
        self.told: Counter[int] = Counter()

    def arrive(self, who: str, *, exigent: bool) -> None:
        """Let one arrive, and note what it is told later."""
        ticket = self.places.arrive(who, exigent=exigent)
        if ticket is None:
            return
        self.there.append(ticket)

        def tell(holds: bool) -> None:  # noqa: FBT001  # as it is called back
            self.told[id(ticket)] += 1
            assert ticket.holds is holds
            if not holds:
                self.there.remove(ticket)

        ticket.told = tell

    def leave(self, place: int) -> None:
        """Let one of those who are there go."""
        if self.there:
            self.places.leave(self.there.pop(place % len(self.there)))

    def check(self) -> None:
        """Hold what is there against the rules."""
        holding = [ticket for ticket in self.there if ticket.holds]
        ordinary = [ticket for ticket in holding if not ticket.exigent]
        waiting = [ticket for ticket in self.there if not ticket.holds]
        held = Counter(ticket.who for ticket in holding)
        share = max(1, (self.most - self.reserve) * 3 // 4)

        assert (self.places.holding, self.places.waiting) == (
            len(holding),
            len(waiting),
        )
        assert len(holding) <= self.most
        assert len(ordinary) <= self.most - self.reserve
        danger, others = len(holding) - len(ordinary), self.most - self.reserve
        most_danger = self.most - max(1, others // 2)
        assert danger <= most_danger
        assert max(held.values(), default=0) <= share
        assert len(waiting) <= self.queue
        assert max(self.told.values(), default=0) <= 1
        for ticket in waiting:  # nobody waits for a place that is free
            full = len(holding) == self.most
            taken, bound = (
                (danger, most_danger) if ticket.exigent else (len(ordinary), others)
            )
            assert full or taken == bound or held[ticket.who] == share


@given(
    most=st.integers(min_value=2, max_value=9),
    reserve=st.integers(min_value=1, max_value=8),
    queue=st.integers(min_value=0, max_value=6),
    steps=st.lists(
        st.one_of(
            st.tuples(st.sampled_from("abc"), st.booleans()),
            st.integers(min_value=0, max_value=50),
        ),
        max_size=60,
    ),
)
def test_the_rules_hold_whatever_happens(
    most: int, reserve: int, queue: int, steps: list[tuple[str, bool] | int]
) -> None:
    """Bounds, shares and the reserve hold; no place is free that somebody waits for."""
    watched = Watched(most=most, reserve=min(reserve, most - 1), queue=queue)
    for step in steps:
        if isinstance(step, int):
            watched.leave(step)
        else:
            watched.arrive(step[0], exigent=step[1])
        watched.check()
    while watched.there:
        watched.leave(0)
        watched.check()
    assert watched.places._lines == ({}, {})
    assert watched.places._held == {}


def test_clients_are_served_in_turn() -> None:
    """A client with fifty waiting and one with two get places alternately."""
    places = Places(most=3, reserve=1, queue=100)
    holding = arrived(places, "a") + arrived(places, "z")
    line = [
        ticket
        for who, count in (("a", 50), ("b", 2), ("c", 2))
        for ticket in arrived(places, who, count)
    ]
    order: list[object] = []
    for _ in range(7):
        places.leave(holding.pop(0))
        (served,) = [ticket for ticket in line if ticket.holds]
        line.remove(served)
        order.append(served.who)
        holding.append(served)

    assert order == ["a", "b", "c", "a", "b", "c", "a"]


def test_one_client_never_has_them_all() -> None:
    """However many it sends, a quarter of the places is left to others."""
    places = Places(most=9, reserve=1, queue=100)
    flood = arrived(places, "a", 50)

    assert sum(ticket.holds for ticket in flood) == 6
    assert [ticket.holds for ticket in arrived(places, "b", 3)] == [True, True, False]


def test_danger_has_places_of_its_own_and_goes_first() -> None:
    """The reserve is for exigent requests, and of those who wait they go first."""
    places = Places(most=4, reserve=1, queue=100)
    ordinary = [*arrived(places, "a", 2), *arrived(places, "b", 2)]
    danger = arrived(places, "c", 2, exigent=True)
    last = arrived(places, "d")

    assert [ticket.holds for ticket in ordinary] == [True, True, True, False]
    assert [ticket.holds for ticket in danger] == [True, False]
    places.leave(ordinary[0])
    assert danger[1].holds
    places.leave(danger[0])
    places.leave(danger[1])
    assert [ordinary[3].holds, last[0].holds] == [True, False]


def test_claims_of_danger_do_not_take_everything() -> None:
    """Two clients that claim it for all they send leave half of the others' places."""
    places = Places(most=9, reserve=1, queue=100)
    flood = [ticket for who in "ab" for ticket in arrived(places, who, 9, exigent=True)]

    assert sum(ticket.holds for ticket in flood) == 5
    assert sum(ticket.holds for ticket in arrived(places, "c", 9)) == 4


def test_a_full_queue_takes_from_the_longest_line() -> None:
    """A newcomer is let in for the newest of whoever has most waiting."""
    places = Places(most=2, reserve=1, queue=4)
    turned: list[bool] = []
    arrived(places, "z")
    line = arrived(places, "a", 3) + arrived(places, "b")
    line[2].told = turned.append

    assert places.arrive("a", exigent=False) is None
    assert places.arrive("c", exigent=False) is not None
    assert turned == [False]
    # Now the lines are of two, one and one: another of b would not be fairer.
    assert places.arrive("b", exigent=False) is None
    assert places.waiting == 4


def test_a_full_queue_makes_room_for_danger() -> None:
    """Any ordinary one makes room for an exigent one, never the other way round."""
    places = Places(most=2, reserve=1, queue=2)
    arrived(places, "z")
    arrived(places, "y", exigent=True)
    arrived(places, "a", 2)

    assert places.arrive("c", exigent=True) is not None
    assert places.arrive("c", exigent=True) is not None
    assert places.arrive("d", exigent=False) is None
    assert places.arrive("c", exigent=True) is None
    # Among themselves they are as fair as the others.
    assert places.arrive("d", exigent=True) is not None


@pytest.mark.parametrize("seed", range(3))
def test_whoever_waits_is_served(seed: int) -> None:
    """With one client sending all the time, another one's request gets its turn."""
    dice = random.Random(seed)  # noqa: S311 - a test's dice
    places = Places(most=5, reserve=1, queue=20)
    holding = arrived(places, "a", 30)
    arrived(places, "b", 2)
    (one,) = arrived(places, "b")
    served = 0
    while not one.holds:
        mine = [ticket for ticket in holding if ticket.holds]
        gone = dice.choice(mine)
        holding.remove(gone)
        places.leave(gone)
        holding += arrived(places, "a", 2)
        served += 1
        assert served <= 4
