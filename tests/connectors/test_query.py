"""A query is checked before anything is compiled."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import InvalidQuery, Query, Table
from connectors.query import check

TABLE = Table(name="t", key=("k",), columns=(("a", "a"),))


@given(text=st.text(st.characters(), max_size=20))
def test_text_is_bindable_or_refused(text: str) -> None:
    """Every text that is Unicode passes; one with a lone surrogate does not."""
    query = Query(table=TABLE, filters=(("a", text),))
    try:
        text.encode()
    except UnicodeEncodeError:
        with pytest.raises(InvalidQuery):
            check(query, max_rows=500)
    else:
        check(query, max_rows=500)


@given(number=st.integers())
def test_integers_are_of_64_bits(number: int) -> None:
    """What no database holds is refused before it is bound."""
    query = Query(table=TABLE, keys=(number,))
    if -(2**63) <= number < 2**63:
        check(query, max_rows=500)
    else:
        with pytest.raises(InvalidQuery):
            check(query, max_rows=500)


@pytest.mark.parametrize("tag", ["", "a", "A-Z_09", "x" * 64])
def test_exchange_ids(tag: str) -> None:
    """Letters, digits, hyphen and underscore, up to 64."""
    check(Query(table=TABLE, exchange=tag), max_rows=500)


@pytest.mark.parametrize("tag", ["a b", "*/", "ä", "x" * 65, "a\n"])
def test_other_exchange_ids(tag: str) -> None:
    """Nothing that could end a comment."""
    with pytest.raises(InvalidQuery):
        check(Query(table=TABLE, exchange=tag), max_rows=500)


def test_no_value_in_the_message() -> None:
    """A mistake is named without what was typed."""
    with pytest.raises(InvalidQuery) as caught:
        check(Query(table=TABLE, filters=(("a", "GARCIA\ud800"),)), max_rows=500)

    assert "GARCIA" not in str(caught.value)
