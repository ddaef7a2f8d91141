"""Sets as integers are the sets that they stand for."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.policy.bitset import Unions, bits, members, union

PLACES = st.frozensets(st.integers(0, 70))


def written(places: frozenset[int]) -> int:
    """Return a set of places as an integer."""
    return sum(1 << place for place in places)


@given(PLACES)
def test_members_are_those_of_the_set(places: frozenset[int]) -> None:
    """Every place once, the smallest first."""
    assert [*members(written(places))] == sorted(places)


@given(st.lists(st.booleans()))
def test_flags_are_places(flags: list[bool]) -> None:
    """A place is in the set where its flag is true."""
    assert [*members(bits(flags))] == [i for i, flag in enumerate(flags) if flag]


@given(st.data(), st.lists(PLACES, max_size=20))
def test_the_union_of_a_choice(data: st.DataObject, sets: list[frozenset[int]]) -> None:
    """It is the same eight at a time as one at a time, and as of sets."""
    chosen = data.draw(
        st.frozensets(st.sampled_from(range(len(sets))))
        if sets
        else st.just(frozenset())
    )
    expected = written(frozenset().union(*(sets[i] for i in chosen)))
    each = [written(some) for some in sets]

    assert union(each[i] for i in chosen) == expected
    assert Unions(each).of(written(chosen)) == expected
