"""Whom a family asked about: counted without looking at any record, and remembered."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import Limit
from gateway.identity import asked as asked_module
from gateway.identity.asked import Asked, AskedBefore, AskedRow, ordinal
from gateway.identity.persons import Parts

DAY, NEXT = 20260430, 20260501
ICE, SHERIFF = "dhs_immigration", "state_local"
WAY = ("criminal_investigation", "", "api")
OTHER = ("immigration_civil", "", "api")


def memory(*, people: int = 1000, guesses: int = 5, days: int = 30) -> AskedBefore:
    """Return an empty memory."""
    return AskedBefore(key=b"k" * 32, people=people, guesses=guesses, days=days)


def person(name: str, dob: str = "") -> Parts:
    """Return a person by name, or by name and birth date."""
    return (("dob", dob), ("name", name)) if dob else (("name", name),)


def look(  # noqa: PLR0917  # as it is read below
    kept: AskedBefore,
    people: Sequence[Parts],
    families: tuple[str, ...] = (ICE,),
    day: int = DAY,
    way: Sequence[str] = WAY,
    recipient: str = "",
) -> Asked:
    """Look at one request."""
    return kept.look(people, families=families, recipient=recipient, way=way, day=day)


def ask(kept: AskedBefore, *people: Parts, **more: object) -> Limit | None:
    """Look at one request and count it."""
    return kept.keep(look(kept, people, **more))  # type: ignore[arg-type]  # as look


class Counted:
    """The budgets as a clerk would keep them: lists of what was asked."""

    def __init__(self, *, people: int, guesses: int) -> None:
        """Start with an empty list a family."""
        self.most, self.guesses = people, guesses
        self.seen: dict[str, set[Parts]] = defaultdict(set)

    def ask(self, family: str, people: Sequence[Parts]) -> Limit | None:
        """Write down who is asked about, unless that is too many."""
        after = self.seen[family] | set(people)
        if after == self.seen[family]:
            return None
        if len(after) > self.most:
            return Limit.PEOPLE
        for each in people:
            for place, _ in enumerate(each):
                # The same in all parts but this one.
                alike = {
                    other
                    for other in after
                    if len(other) == len(each) > 1
                    and all(
                        a == b
                        for n, (a, b) in enumerate(zip(other, each, strict=True))
                        if n != place
                    )
                }
                if each not in self.seen[family] and len(alike) > self.guesses:
                    return Limit.GUESSES
        self.seen[family] = after
        return None


PEOPLE = st.builds(
    person, st.sampled_from("ABCD"), st.sampled_from(["", "1980-01-01", "1", "2", "3"])
)


@given(
    asks=st.lists(
        st.tuples(
            st.sampled_from([ICE, SHERIFF]),
            st.lists(PEOPLE, min_size=1, max_size=5),
        ),
        max_size=40,
    ),
    most=st.integers(min_value=1, max_value=12),
    guesses=st.integers(min_value=1, max_value=4),
)
def test_budgets_are_what_a_clerk_would_count(
    asks: list[tuple[str, list[Parts]]], most: int, guesses: int
) -> None:
    """Whoever asks in whatever order: refused when the lists say so, and only then."""
    kept, counted = (
        memory(people=most, guesses=guesses),
        Counted(people=most, guesses=guesses),
    )
    for family, people in asks:
        expected = counted.ask(family, people)

        assert ask(kept, *people, families=(family,)) == expected


def test_a_loop_over_dates_stops_at_the_budget() -> None:
    """The sixth birth date for one name is refused, each of the first five is not."""
    kept = memory()
    dates = [f"1980-{n // 28 + 1:02d}-{n % 28 + 1:02d}" for n in range(365)]

    found = [ask(kept, person("A", date)) for date in dates]

    assert found == [None] * 5 + [Limit.GUESSES] * 360


def test_a_list_of_guesses_is_refused_whole() -> None:
    """Fifty dates in one request are not five dates: nothing of it is counted."""
    kept = memory()

    assert ask(kept, *(person("A", str(n)) for n in range(50))) is Limit.GUESSES
    assert [ask(kept, person("A", str(n))) for n in range(5)] == [None] * 5


def test_asking_again_costs_nothing() -> None:
    """The same person all day is one person and one guess."""
    kept = memory(people=1, guesses=1)

    assert [ask(kept, person("A", "1")) for _ in range(9)] == [None] * 9


def test_a_family_is_counted_together_and_an_assigned_person_in_both() -> None:
    """What a deputy asks counts for the sheriff and for whom he is assigned to."""
    kept = memory(people=2)
    ask(kept, person("A"), families=(ICE, SHERIFF))
    ask(kept, person("B"), families=(ICE,))

    assert ask(kept, person("C"), families=(SHERIFF,)) is None
    assert ask(kept, person("D"), families=(ICE,)) is Limit.PEOPLE
    assert ask(kept, person("E"), families=(SHERIFF, ICE)) is Limit.PEOPLE


def test_a_new_day_is_a_new_budget_and_an_old_one_does_not_come_back() -> None:
    """Midnight gives everything back; a clock set back gives nothing."""
    kept = memory(people=1)

    assert ask(kept, person("A")) is None
    assert ask(kept, person("B"), day=NEXT) is None
    assert ask(kept, person("C"), day=DAY) is Limit.PEOPLE


def test_the_same_in_another_way_is_told() -> None:
    """Another purpose, recipient or channel for the same person is re-asking."""
    kept = memory()
    ask(kept, person("A"))

    assert not look(kept, [person("A")]).differently
    assert not look(kept, [person("B")], way=OTHER).differently
    for way in (OTHER, ("criminal_investigation", "ice_ero", "api"), (*WAY[:2], "x")):
        assert look(kept, [person("B"), person("A")], way=way).differently


def test_what_was_refused_by_a_budget_is_not_remembered() -> None:
    """A request of which nothing was looked at was not asked."""
    kept = memory(people=1)
    ask(kept, person("A"))
    ask(kept, person("B"))

    assert not look(kept, [person("B")], way=OTHER).differently


def test_going_through_a_neighbour_is_seen() -> None:
    """Asked for a family by another one, it counts as that family's asking too."""
    kept = memory()
    ask(kept, person("A"))
    through = (*WAY[:1], "ice_ero", "api")

    assert look(kept, [person("A")], (SHERIFF,), way=through, recipient=ICE).differently
    assert not look(kept, [person("A")], (SHERIFF,), way=through).differently
    ask(kept, person("B"), recipient=ICE, families=(SHERIFF,), way=through)
    assert look(kept, [person("B")], way=OTHER).differently
    # The neighbour's question is counted for the neighbour alone.
    assert ask(memory(people=1), person("C"), recipient=ICE) is None


@pytest.mark.parametrize(("days", "later"), [(30, True), (29, False), (0, False)])
def test_ways_are_remembered_for_some_days(days: int, *, later: bool) -> None:
    """Thirty days after 30 April is 30 May; none at all is none at all."""
    kept = memory(days=days)
    ask(kept, person("A"))

    assert look(kept, [person("A")], way=OTHER, day=20260530).differently is later


@given(
    asks=st.lists(
        st.tuples(st.integers(min_value=0, max_value=3), st.sampled_from("wxyz")),
        max_size=30,
    )
)
def test_two_ways_are_enough_to_remember(asks: list[tuple[int, str]]) -> None:
    """Keeping the newest two tells the same as keeping all of them."""
    kept, every = memory(days=2), list[tuple[int, str]]()
    date = dt.date(2026, 4, 20)
    for ahead, word in asks:
        date += dt.timedelta(days=ahead)
        day = int(f"{date:%Y%m%d}")
        way = (word, "", "api")
        expected = any(w != word and ordinal(day) - ordinal(d) <= 2 for d, w in every)

        assert look(kept, [person("A")], way=way, day=day).differently is expected
        ask(kept, person("A"), way=way, day=day)
        kept.forget(day=day)
        every.append((day, word))


def test_memory_is_given_back() -> None:
    """What is too old is forgotten, here and by who stores it."""
    kept = memory(days=30)
    ask(kept, person("A"))

    assert kept.forget(day=20260530) == ordinal(DAY)
    assert kept._ways
    assert kept.forget(day=20260531) == ordinal(DAY) + 1
    assert (kept._ways, kept._by_day) == ({}, {})


def test_a_restart_changes_nothing() -> None:
    """A memory made of what another one stored refuses and tells the same."""
    kept, again = memory(people=4, guesses=2), memory(people=4, guesses=2)
    ask(kept, person("A", "1"), person("A", "2"))
    ask(kept, person("B"), families=(SHERIFF,), recipient=ICE, day=DAY)
    rows = kept.unwritten()
    again.load(rows, day=DAY)
    again.load(rows, day=DAY)  # twice is once

    for each in (kept, again):
        assert kept.unwritten() == []
        assert ask(each, person("A", "3")) is Limit.GUESSES
        assert ask(each, person("C"), person("D"), person("E")) is Limit.PEOPLE
        assert look(each, [person("B")], way=OTHER).differently
    # Of the day before only the ways count.
    later = memory(people=1)
    later.load(rows, day=NEXT)
    assert ask(later, person("Z"), day=NEXT) is None
    assert look(later, [person("A", "1")], way=OTHER, day=NEXT).differently


def test_what_could_not_be_stored_is_given_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Rows that were taken back come again, once each, and are bounded."""
    kept = memory()
    ask(kept, person("A"))
    taken = kept.unwritten()
    ask(kept, person("A"), day=NEXT)
    kept.again(taken)

    (row,) = kept.unwritten()
    assert row.day == ordinal(NEXT)
    monkeypatch.setattr(asked_module, "_MOST_UNWRITTEN", 1)
    ask(kept, person("B"), person("C"))
    kept.again([AskedRow(ICE, b"p" * 8, b"w" * 8, 1, b"")])
    assert len(kept.unwritten()) == 1


def test_asking_in_turns_does_not_fill_memory() -> None:
    """Three ways in turn for one person are one person, whatever the number."""
    kept = memory()
    for number in range(300):
        ask(kept, person("A"), way=(str(number % 3), "", "api"))

    assert len(kept._ways) == 1
    assert sum(map(len, kept._by_day.values())) == 1
    assert len(kept.unwritten()) == 3
