"""The tree against its signed root: what was altered is named, at whatever level."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from audit.report import Outcome, Report
from audit.tiles import ENTRIES, WIDTH, Tile, entries_of
from tests.audit.builders import write_tree
from tests.audit.verified import check


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a tree of 66,000 short entries: three levels, partial at each."""
    folder = tmp_path_factory.mktemp("big")
    write_tree(folder, [b"entry %d" % number for number in range(66_000)])
    return folder


def altered(big: Path, tmp_path: Path, name: str, at: int) -> Report:
    """Verify a copy of the tree in which one byte of one file is flipped."""
    copy = tmp_path / "copy"
    shutil.copytree(big, copy, copy_function=_link)
    data = bytearray((big / name).read_bytes())
    data[at] ^= 0x10
    (copy / name).unlink()
    (copy / name).write_bytes(data)
    return check(copy, leaves=False)


def _link(source: str, target: str) -> None:
    Path(target).hardlink_to(source)


@pytest.mark.parametrize(
    ("name", "at", "index"),
    [
        ("tile/entries/000", 2, 0),
        ("tile/entries/000", 5, 0),
        ("tile/entries/000", 1, 0),
        ("tile/entries/100", 500, None),
        ("tile/entries/255", 0, 65280),
        ("tile/entries/257.p/208", 40, None),
        ("tile/0/000", 0, 0),
        ("tile/0/200", 33, 51201),
        ("tile/0/256", 8191, 65791),
        ("tile/0/257.p/208", 5, 65792),
        ("tile/1/000", 1000, None),
        ("tile/1/001.p/1", 7, None),
        ("tile/2/000.p/1", 7, None),
    ],
)
def test_a_flip_in_a_large_tree_is_found_where_it_is(
    big: Path, tmp_path: Path, name: str, at: int, index: int | None
) -> None:
    """A flip at any level is found at its file and, for entries, at its index."""
    report = altered(big, tmp_path, name, at)

    assert [each.where for each in report.findings] == [name]
    assert report.outcome() is Outcome.TAMPERED
    if index is not None:
        assert report.findings[0].index == index
    if name.startswith("tile/entries"):
        found = report.findings[0].index
        assert found is not None
        bundle = Tile(level=ENTRIES, index=found // WIDTH)
        width = min(WIDTH, 66_000 - bundle.index * WIDTH)
        lengths = [2 + len(e) for e in entries_of((big / name).read_bytes(), width)]
        place = found % WIDTH
        assert sum(lengths[:place]) <= at < sum(lengths[: place + 1])


@pytest.mark.parametrize("jobs", [1, 2])
def test_processes_find_the_same(big: Path, jobs: int) -> None:
    """The check gives the same with one process and with two."""
    counted: list[int] = []
    report = check(big, leaves=False, jobs=jobs, progress=counted.append)

    assert report.findings == []
    assert sum(counted) == 66_000


@pytest.mark.parametrize("jobs", [1, 2])
def test_processes_find_the_same_alteration(
    big: Path, tmp_path: Path, jobs: int
) -> None:
    """An altered entry has the same finding with one process and with two."""
    copy = tmp_path / "copy"
    shutil.copytree(big, copy)
    path = copy / "tile" / "entries" / "200"
    data = bytearray(path.read_bytes())
    data[3] ^= 1
    path.write_bytes(data)
    report = check(copy, leaves=False, jobs=jobs)

    assert [(each.where, each.index) for each in report.findings] == [
        ("tile/entries/200", 51200)
    ]


@pytest.mark.parametrize(
    "name",
    ["tile/entries/003", "tile/0/003", "tile/1/000", "tile/entries/257.p/208"],
)
def test_missing_and_longer_files_are_named(
    big: Path, tmp_path: Path, name: str
) -> None:
    """A file that is gone, cut, or longer than it may be is named."""
    for change in (None, b"", (big / name).read_bytes() + b"\x00"):
        copy = tmp_path / "copy"
        shutil.copytree(big, copy, copy_function=_link)
        (copy / name).unlink()
        if change is not None:
            (copy / name).write_bytes(change)
        report = check(copy, leaves=False)
        assert {each.where for each in report.findings} == {name}
        shutil.rmtree(copy)


def rewritten(big: Path, tmp_path: Path) -> Path:
    """Return a copy in which one bundle and its tile were both written anew."""
    copy = tmp_path / "copy"
    shutil.copytree(big, copy, copy_function=_link)
    other = tmp_path / "other"
    leaves = [b"entry %d" % number for number in range(66_000)]
    leaves[777] = b"entry 778"
    write_tree(other, leaves)
    for name in ("tile/entries/003", "tile/0/003"):
        (copy / name).unlink()
        shutil.copy(other / name, copy / name)
    return copy


def test_an_entry_rewritten_with_its_tile_is_found(big: Path, tmp_path: Path) -> None:
    """The hash above still tells that the bundle and its tile were rewritten."""
    report = check(rewritten(big, tmp_path), leaves=False)

    assert [each.where for each in report.findings] == ["tile/entries/003"]
    assert "both rewritten" in report.findings[0].reason


def test_a_tree_rewritten_to_the_top_is_found(big: Path, tmp_path: Path) -> None:
    """Where every tile was made anew, the signed root still says no."""
    other = tmp_path / "other"
    write_tree(other, [b"entry %d" % (number + 1) for number in range(66_000)])
    shutil.copy(big / "checkpoint", other / "checkpoint")
    report = check(other, leaves=False)

    assert report.findings[-1].where == "tree of 66000"
    assert report.outcome() is Outcome.TAMPERED


def test_two_alterations_are_both_named(big: Path, tmp_path: Path) -> None:
    """An entry and another bundle's tile, both flipped, are both named."""
    copy = tmp_path / "copy"
    shutil.copytree(big, copy)
    for name in ("tile/entries/001", "tile/0/007", "tile/1/000"):
        data = bytearray((copy / name).read_bytes())
        data[4] ^= 1
        (copy / name).write_bytes(data)
    report = check(copy, leaves=False)

    assert {each.where for each in report.findings} == {
        "tile/entries/001",
        "tile/0/007",
        "tile/1/000",
    }


def flip(folder: Path, name: str, *places: int) -> None:
    """Flip a bit at some places of a file."""
    data = bytearray((folder / name).read_bytes())
    for at in places:
        data[at] ^= 1
    (folder / name).write_bytes(data)


def test_what_was_altered_at_every_level_is_still_told(
    big: Path, tmp_path: Path
) -> None:
    """As much as can be told, never nothing, whatever is altered together."""
    cases: list[tuple[dict[str, tuple[int, ...]], set[str]]] = [
        # an entry, and the top of the tree
        (
            {"tile/entries/003": (5,), "tile/2/000.p/1": (1,)},
            {"tile/entries/003", "tile/2/000.p/1"},
        ),
        # an entry and another hash of the same bundle
        (
            {"tile/entries/003": (5,), "tile/0/003": (320,)},
            {"tile/entries/003"},
        ),
        # the same, and the tile above
        (
            {"tile/entries/003": (5,), "tile/0/003": (320,), "tile/1/000": (96,)},
            {"tile/1/000", "tile/entries/003"},
        ),
        # both halves of the unfinished bundle
        (
            {"tile/entries/257.p/208": (5,), "tile/0/257.p/208": (320,)},
            {"tile/entries/257.p/208", "tree of 66000"},
        ),
        # a bundle whose tile is cut
        (
            {"tile/entries/257.p/208": (0,), "tile/0/257.p/208": ()},
            {"tile/entries/257.p/208", "tile/0/257.p/208", "tree of 66000"},
        ),
    ]
    for number, (flips, wheres) in enumerate(cases):
        copy = tmp_path / str(number)
        shutil.copytree(big, copy)
        for name, places in flips.items():
            flip(copy, name, *places)
            if not places:
                path = copy / name
                path.write_bytes(path.read_bytes()[:-1])
        report = check(copy, leaves=False)
        assert {each.where for each in report.findings} == wheres, number


# --- tiles of other sizes ----------------------------------------------------------


def test_older_partial_tiles_are_compared_too(tmp_path: Path) -> None:
    """Tiles of earlier sizes that still lie there must be starts of those in force."""
    write_tree(tmp_path, [b"entry %d" % number for number in range(10)])
    write_tree(tmp_path, [b"entry %d" % number for number in range(300)])
    assert check(tmp_path, leaves=False).findings == []

    old = tmp_path / "tile" / "entries" / "000.p" / "10"
    whole = old.read_bytes()
    old.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert [each.where for each in check(tmp_path, leaves=False).findings] == [
        "tile/entries/000.p/10"
    ]
    (found,) = check(tmp_path, leaves=False).findings
    assert (found.index, found.reason) == (
        9,
        "not the start of the tile in force, from byte 89",
    )
    old.write_bytes((tmp_path / "tile" / "entries" / "000").read_bytes()[:99])
    (found,) = check(tmp_path, leaves=False).findings
    assert found.index == 10
    old.write_bytes((tmp_path / "tile" / "entries" / "000").read_bytes()[:90])
    hashes = tmp_path / "tile" / "0" / "000.p" / "10"
    whole = hashes.read_bytes()
    hashes.write_bytes(whole[:70] + b"xxxx" + whole[74:])
    (found,) = check(tmp_path, leaves=False).findings
    assert (found.where, found.index) == ("tile/0/000.p/10", 2)
    hashes.write_bytes(whole)
    old.rename(old.with_name("ten"))
    report = check(tmp_path, leaves=False)
    assert report.findings[0].where == "tile/entries/000.p/ten"


def test_tiles_of_a_later_size_are_let_be(tmp_path: Path) -> None:
    """A log that goes on while it is read is not tampering."""
    write_tree(tmp_path, [b"entry %d" % number for number in range(10)])
    earlier = (tmp_path / "checkpoint").read_bytes()
    write_tree(tmp_path, [b"entry %d" % number for number in range(300)])
    (tmp_path / "checkpoint").write_bytes(earlier)
    report = check(tmp_path, leaves=False)
    assert report.findings == []
    assert report.notices[0].startswith("tiles of 300 entries lie here")

    # Only wider partial tiles are left: they are cut, and it is said.
    write_tree(tmp_path / "b", [b"entry %d" % number for number in range(20)])
    (tmp_path / "b" / "checkpoint").write_bytes(earlier)
    report = check(tmp_path / "b", leaves=False)
    assert report.findings == []
    assert report.notices[0].startswith("tiles of 20 entries lie here")


def test_a_full_bundle_that_is_too_short_is_named(tmp_path: Path) -> None:
    """A partial one cut from it can't be had."""
    write_tree(tmp_path, [b"entry %d" % number for number in range(10)])
    shutil.rmtree(tmp_path / "tile" / "entries" / "000.p")
    (tmp_path / "tile" / "entries" / "000").write_bytes(b"\x00\x01a")
    report = check(tmp_path, leaves=False)

    assert "bundle-short" in report.findings[0].reason
    shutil.rmtree(tmp_path / "tile" / "0")
    (tmp_path / "tile" / "0").mkdir()
    (tmp_path / "tile" / "0" / "000").write_bytes(b"x")
    assert check(tmp_path, leaves=False).outcome() is Outcome.TAMPERED
