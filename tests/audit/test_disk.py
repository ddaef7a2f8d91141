"""Files are written whole, however little the system takes at a time."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit import disk
from audit.disk import no_faults, write_all, write_once


@given(
    pieces=st.lists(st.binary(max_size=20), max_size=12),
    most=st.integers(min_value=1, max_value=9),
    taken=st.integers(min_value=1, max_value=50),
)
def test_pieces_are_written_in_order_and_whole(
    pieces: list[bytes], most: int, taken: int
) -> None:
    """A call may take a few pieces, and of those a few bytes."""
    really = os.writev

    def little(handle: int, given: Sequence[memoryview]) -> int:
        assert len(given) <= most
        return really(handle, [b"".join(given)[:taken]])

    with tempfile.TemporaryFile() as file, pytest.MonkeyPatch.context() as patched:
        patched.setattr(disk, "_MOST_PIECES", most)
        patched.setattr(os, "writev", little)
        write_all(file.fileno(), pieces)
        file.seek(0)
        assert file.read() == b"".join(pieces)


def test_a_file_of_many_pieces(tmp_path: Path) -> None:
    """More than the system takes at once."""
    pieces = [bytes([number % 256]) * (number % 7) for number in range(5_000)]
    path = tmp_path / "a" / "file"

    assert write_once(path, *pieces, faults=no_faults)
    assert not write_once(path, *pieces, faults=no_faults)
    assert path.read_bytes() == b"".join(pieces)
