"""A mapping in layers: what it holds, what is new in it, and what one entry costs."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from audit.growing import Growing

ENTRIES = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 3)), max_size=60)


def grown(entries: list[tuple[int, int]]) -> Growing[int, int]:
    """Return a mapping of entries, one after the other."""
    found: Growing[int, int] = Growing()
    for key, value in entries:
        found = found.with_entry(key, value)
    return found


@given(ENTRIES)
def test_it_is_the_dict_of_the_same_entries(entries: list[tuple[int, int]]) -> None:
    """In the same order, and whichever of them came twice."""
    found, same = grown(entries), dict(entries)

    assert [*found.items()] == [*same.items()]
    assert len(found) == len(same)
    assert [found.get(key) for key in range(22)] == [same.get(k) for k in range(22)]
    assert [key in found for key in range(22)] == [k in same for k in range(22)]


@given(ENTRIES, ENTRIES)
def test_its_news_are_what_an_earlier_one_has_not(
    before: list[tuple[int, int]], more: list[tuple[int, int]]
) -> None:
    """Or has otherwise; the earlier one stays as it was."""
    early = grown(before)
    late = early
    for key, value in more:
        late = late.with_entry(key, value)

    had = dict(before)
    want = {k: v for k, v in {**had, **dict(more)}.items() if had.get(k) != v}
    assert late.news(early) == want
    assert dict(early) == had


def test_one_more_entry_lays_few_of_the_others_anew() -> None:
    """A thousand entries are laid some ten times each, not five hundred times."""
    found: Growing[int, int] = Growing()
    laid = 0
    for key in range(1024):
        before = {id(layer) for layer in found._layers}
        found = found.with_entry(key, key)
        laid += sum(len(each) for each in found._layers if id(each) not in before)

    assert laid <= 1024 * 11
