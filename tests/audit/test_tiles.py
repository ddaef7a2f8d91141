"""Tile paths, widths and bundles."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.errors import Malformed
from audit.tiles import (
    ENTRIES,
    WIDTH,
    Tile,
    entries_of,
    hashes_of,
    pack_entries,
    tiles_of,
)


def test_paths_of_the_specification() -> None:
    """Numbers go in groups of three digits, all but the last with an x."""
    assert Tile(level=0, index=1234067).path == "tile/0/x001/x234/067"
    assert Tile(level=ENTRIES, index=5, width=3).path == "tile/entries/005.p/3"


@given(st.integers(ENTRIES, 63), st.integers(0, 10**12), st.integers(1, WIDTH))
def test_a_path_reads_back(level: int, index: int, width: int) -> None:
    """Every tile has one path and every such path one tile."""
    tile = Tile(level=level, index=index, width=width)

    assert Tile.parse(tile.path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile/0/1",
        "tile/0/x000/001",
        "tile/0/001/002",
        "tile/00/001",
        "tile/64/001",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/300",
        "tile/0/000.p/05",
        "tile/0/../000",
        "/tile/0/000",
        "tile/0/000\n",
        "tile/0/\u0660\u0660\u0660",
        "acts/x",
        "tile/0/" + "x123/" * 7 + "456",
        "tile/0/" + "x123/" * 2000 + "456",
    ],
)
def test_no_other_path_is_one(path: str) -> None:
    """Whatever is not the one spelling of a tile is refused by name."""
    with pytest.raises(Malformed, match="tile-path"):
        Tile.parse(path)


def test_the_tiles_of_the_specifications_example() -> None:
    """A tree of 70,000 has 273 full tiles and one of 112 at level 0, and so on."""
    tiles = list(tiles_of(70_000))

    assert sum(t.level == 0 and t.width == WIDTH for t in tiles) == 273
    assert [t for t in tiles if t.width != WIDTH] == [
        Tile(level=0, index=273, width=112),
        Tile(level=1, index=1, width=17),
        Tile(level=2, index=0, width=1),
    ]
    assert [t.width for t in tiles_of(256)] == [256, 1]
    assert list(tiles_of(0)) == []
    assert all(tile.within(70_000) for tile in tiles)
    assert not any(tile.within(69_999) for tile in tiles if tile.width == 112)


@given(st.lists(st.binary(max_size=70), max_size=20), st.data())
def test_bundles_read_back(entries: list[bytes], data: st.DataObject) -> None:
    """A bundle gives its entries, or as many of the first as asked."""
    width = data.draw(st.integers(0, len(entries)))

    assert entries_of(pack_entries(entries), width) == entries[:width]


@pytest.mark.parametrize("bundle", [b"", b"\x00", b"\x00\x02a", b"\x00\x01a\x00"])
def test_short_bundles_are_named(bundle: bytes) -> None:
    """A bundle that ends inside an entry says at which byte."""
    with pytest.raises(Malformed, match="bundle-short: entry"):
        entries_of(bundle, 2)


def test_a_tile_cut_inside_a_hash_is_refused() -> None:
    """Hashes are 32 bytes each."""
    assert hashes_of(bytes(64)) == [bytes(32), bytes(32)]
    with pytest.raises(Malformed, match="tile-length"):
        hashes_of(bytes(33))
