"""Sealed rows open only whole, in their place, under their key."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.state import CannotOpen
from gateway.state.sealing import open_row, seal_row

KEY = b"k" * 32


@given(st.binary(max_size=200))
def test_what_is_sealed_opens(data: bytes) -> None:
    """Any bytes come back, and are not in what is stored."""
    row_key, sealed = seal_row(KEY, "row", data)
    assert open_row(KEY, "row", row_key, sealed) == data
    assert len(data) < 4 or data not in row_key + sealed


def test_two_rows_never_share_a_key() -> None:
    """The same data sealed twice has nothing in common."""
    one, other = seal_row(KEY, "row", b"same"), seal_row(KEY, "row", b"same")
    assert {*one}.isdisjoint(other)


@pytest.mark.parametrize("place", [0, 1])
def test_any_change_is_refused(place: int) -> None:
    """Each byte of the row's key and of the data counts."""
    stored = list(seal_row(KEY, "row", b"data"))
    whole = stored[place]
    for at in range(len(whole)):
        stored[place] = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
        with pytest.raises(CannotOpen):
            open_row(KEY, "row", *stored)
        stored[place] = whole[:at]
        with pytest.raises(CannotOpen):
            open_row(KEY, "row", *stored)


def test_another_key_or_row_is_refused() -> None:
    """Neither another key nor another row opens it."""
    row_key, sealed = seal_row(KEY, "row", b"data")
    with pytest.raises(CannotOpen):
        open_row(b"l" * 32, "row", row_key, sealed)
    with pytest.raises(CannotOpen):
        open_row(KEY, "wor", row_key, sealed)
