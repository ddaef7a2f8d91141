"""Commands as bytes: nothing but a named mistake escapes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.control import MalformedCommand, parse_command


def test_a_huge_command_is_refused() -> None:
    """The size is looked at before anything is parsed."""
    with pytest.raises(MalformedCommand, match="larger"):
        parse_command(b" " * 300_000)


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_by_name(data: bytes) -> None:
    """Nothing but MalformedCommand escapes."""
    with pytest.raises(MalformedCommand):
        parse_command(data)
