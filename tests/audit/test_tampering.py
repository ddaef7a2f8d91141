"""Every class of tampering is named, with the place where it was done."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from audit import believed, treecheck
from audit.believed import Believed
from audit.checking import Checking
from audit.checkpoint import Checkpoint, open_checkpoint
from audit.finding import Kind
from audit.keyring import Keyring
from audit.merkle import leaf_hash
from audit.reading import FolderSource
from audit.report import Report
from audit.tiles import ENTRIES, WIDTH, Tile, pack_entries
from audit.treecheck import check_tree
from tests.audit.builders import (
    GENESIS,
    KEYS,
    PEOPLE,
    leaf,
    signed,
    statement,
    write_act,
    write_schema,
    write_tree,
)
from tests.audit.tampered import LEAVES, check, found


def put(folder: Path, number: int, entries: Sequence[bytes]) -> None:
    """Write other entries into a bundle, and leave the tiles as they are."""
    width = min(WIDTH, 600 - number * WIDTH)
    path = folder / Tile(level=ENTRIES, index=number, width=width).path
    path.write_bytes(pack_entries(entries))


FIRST = LEAVES[:256]
SECOND = LEAVES[256:512]

CHANGES: dict[str, tuple[dict[int, list[bytes]], list[tuple[Kind, int]]]] = {
    "changed": (
        {0: [*FIRST[:7], b"other", *FIRST[8:]]},
        [(Kind.LEAF_CHANGED, 7)],
    ),
    "two changed": (
        {0: [*FIRST[:7], b"other", *FIRST[8:20], b"more", *FIRST[21:]]},
        [(Kind.LEAF_CHANGED, 7), (Kind.LEAF_CHANGED, 20)],
    ),
    "one removed": ({0: [*FIRST[:7], *FIRST[8:]]}, [(Kind.LEAF_REMOVED, 7)]),
    "several removed": ({0: [*FIRST[:7], *FIRST[9:]]}, [(Kind.LEAF_REMOVED, 7)]),
    "the first removed": ({0: FIRST[1:]}, [(Kind.LEAF_REMOVED, 0)]),
    "the last removed": ({1: SECOND[:-1]}, [(Kind.BUNDLE_TRUNCATED, 511)]),
    "removed, and all that follows moved up": (
        {
            0: [*FIRST[:7], *FIRST[8:], SECOND[0]],
            1: [*SECOND[1:], LEAVES[512]],
            2: [*LEAVES[513:], b"filler"],
        },
        [(Kind.LEAF_REMOVED, 7)],
    ),
    "inserted, and all that follows moved down": (
        {
            0: [*FIRST[:7], b"new", *FIRST[7:255]],
            1: [FIRST[255], *SECOND[:255]],
            2: [SECOND[255], *LEAVES[512:599]],
        },
        [(Kind.LEAF_INSERTED, 7)],
    ),
    "inserted": ({0: [*FIRST[:7], b"new", *FIRST[7:]]}, [(Kind.LEAF_INSERTED, 7)]),
    "two exchanged": (
        {1: [SECOND[1], SECOND[0], *SECOND[2:]]},
        [(Kind.LEAVES_REORDERED, 256)],
    ),
    "moved in one bundle, changed in the next": (
        {
            0: [*FIRST[:7], *FIRST[8:], SECOND[0]],
            1: [*SECOND[:5], b"other", *SECOND[6:]],
        },
        [(Kind.LEAF_REMOVED, 7), (Kind.LEAF_CHANGED, 261)],
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_was_done_to_entries_is_named(copied: Path, name: str) -> None:
    """Changed, removed, inserted, reordered: once, and where it begins."""
    bundles, wanted = CHANGES[name]
    for number, entries in bundles.items():
        write_bundle(copied, number, entries)
    assert found(check(copied)) == wanted


def test_more_than_are_named_are_counted(copied: Path) -> None:
    """In a bundle and in a tile: twenty, and the last says how many more there are."""
    write_bundle(copied, 0, [b"x%d" % number for number in range(256)])
    path = copied / "tile" / "0" / "001"
    path.write_bytes(bytes(8192))
    report = check(copied)
    assert len(report.findings) == 40
    for first in (0, 20):
        *others, last = report.findings[first : first + 20]
        assert last.reason.endswith("; 236 more of this file are not named")
        assert not any("not named" in each.reason for each in others)


def write_bundle(folder: Path, number: int, entries: Sequence[bytes]) -> None:
    """Write a bundle; what was inserted makes it too long."""
    put(folder, number, entries)


def cut_bundle(folder: Path) -> None:
    """Cut a bundle inside its last entry."""
    path = folder / "tile/entries/001"
    path.write_bytes(path.read_bytes()[:-1])


def longer_bundle(folder: Path) -> None:
    """Write bytes after the last entry of a bundle."""
    path = folder / "tile/entries/001"
    path.write_bytes(path.read_bytes() + b"\x00")


def other_tile(folder: Path) -> None:
    """Change a hash in a tile of level 0."""
    path = folder / "tile/0/000"
    path.write_bytes(path.read_bytes()[:-1] + b"\x00")


def other_bundle_and_tile(folder: Path) -> None:
    """Change an entry, and its hash as well."""
    entries = [*FIRST[:7], b"other", *FIRST[8:]]
    put(folder, 0, entries)
    tile = b"".join(map(leaf_hash, entries))
    (folder / "tile/0/000").write_bytes(tile)


def missing_bundle(folder: Path) -> None:
    """Remove a bundle."""
    (folder / "tile/entries/000").unlink()


def other_checkpoint(folder: Path) -> None:
    """Change the signed text."""
    path = folder / "checkpoint"
    path.write_bytes(path.read_bytes().replace(b"\n600\n", b"\n601\n"))


FILES: list[tuple[Callable[[Path], None], Kind, str]] = [
    (cut_bundle, Kind.BUNDLE_TRUNCATED, "ends inside entry 511"),
    (longer_bundle, Kind.BUNDLE_CHANGED, "bytes after the last entry"),
    (missing_bundle, Kind.BUNDLE_CHANGED, "missing"),
    (other_tile, Kind.TILE_CHANGED, "not the one that was signed"),
    (other_bundle_and_tile, Kind.TREE_REWRITTEN, "entries 0-255 and their hashes"),
    (other_checkpoint, Kind.CHECKPOINT_FORGED, "signature"),
]


@pytest.mark.parametrize(
    ("change", "kind", "reason"), FILES, ids=[each[0].__name__ for each in FILES]
)
def test_what_was_done_to_files_is_named(
    copied: Path, change: Callable[[Path], None], kind: Kind, reason: str
) -> None:
    """A bundle cut, lengthened or gone, a tile, both, or the checkpoint."""
    change(copied)
    [finding] = check(copied).findings
    assert finding.kind is kind
    assert reason in finding.reason
    assert finding.line.startswith(f"{finding.where}")
    assert kind.words in finding.line


def test_the_kind_is_in_the_report(copied: Path) -> None:
    """As a word in JSON, in the line for people; without a kind there is none."""
    other_tile(copied)
    report = check(copied)
    assert report.to_json()["findings"][0]["kind"] == "tile-changed"
    assert "tile/0/000, entry 255: tile changed: a hash" in report.lines()[0]


def test_so_much_that_the_rest_is_not_read(
    copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After many findings it stops and says so."""
    monkeypatch.setattr(treecheck, "_RUN", 1)
    monkeypatch.setattr(treecheck, "_ENOUGH", 1)
    missing_bundle(copied)
    cut_bundle(copied)
    report = check(copied)
    assert found(report) == [(Kind.BUNDLE_CHANGED, 0)]
    assert "so much was found that the rest was not read" in report.notices


def test_a_log_without_its_files_is_given_up(
    copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a thousand bundles are missing nothing is made from the others."""
    monkeypatch.setattr(believed, "_MOST_MISSING", 1)
    shutil.rmtree(copied / "tile")
    kinds = {each.kind for each in check(copied).findings}
    assert Kind.TREE_REWRITTEN in kinds


class Lost(Believed):
    """Hashes of which nothing below the edges can be believed."""

    def tile(self, _level: int, _index: int) -> None:
        """Return none."""

    def node(self, _level: int, _index: int) -> None:
        """Return none."""


def test_what_lies_below_an_altered_tile_is_not_told_again(copied: Path) -> None:
    """The tile above is."""
    source = FolderSource(copied)
    root = open_checkpoint(
        (copied / "checkpoint").read_bytes(), KEYS.verifiers
    ).checkpoint.root
    assert [*Lost(source, size=600, root=root).findings(0, 3)] == []
    put(copied, 1, [b"other"] * 256)
    (copied / "tile/0/001").write_bytes(bytes(8192))
    whole = Believed(source, size=600, root=root)
    assert whole.root_at(512) is not None
    assert whole.root_at(300) is None
    checked = check_tree(source, size=600, root=root, bundles=range(2, 3))
    assert checked.findings == ()
    report = Report()
    checking = Checking(
        source=source,
        note=b"",
        checkpoint=Checkpoint(origin="log.example/county", size=600, root=root),
        keyring=Keyring.of([]),
        report=report,
        public=lambda _facts, _before: None,
        roster=False,
        leaves=False,
        jobs=1,
        progress=lambda _: None,
    )
    before = Checkpoint(origin="log.example/county", size=300, root=root)
    assert not checking.continues(before, checked)
    assert found(report) == [(Kind.TREE_REWRITTEN, None)]


def test_a_checkpoint_rolled_back_or_of_another_log(
    copied: Path, tmp_path: Path
) -> None:
    """Fewer entries than were signed before, or others."""
    write_tree(tmp_path / "longer", [*LEAVES, b"more"])
    since = (tmp_path / "longer" / "checkpoint").read_bytes()
    assert found(check(copied, since=since)) == [(Kind.ROLLED_BACK, None)]
    write_tree(tmp_path / "other", [b"other", *LEAVES[1:300]])
    since = (tmp_path / "other" / "checkpoint").read_bytes()
    assert found(check(copied, since=since)) == [(Kind.SPLIT_VIEW, None)]


def test_a_forged_act_is_named(tmp_path: Path) -> None:
    """One that only one person has signed, and one whose file was altered."""
    lift = signed(statement("cutoff-lift", lifts="0"), next(iter(PEOPLE)))
    log = [leaf(**write_act(tmp_path, act)) for act in (GENESIS, lift)]
    write_tree(tmp_path, log)
    [finding] = check(tmp_path, leaves=True).findings
    assert (finding.kind, finding.index) == (Kind.ACT_FORGED, 1)
    assert "two different people" in finding.reason
    path = tmp_path / "acts" / GENESIS.sha256
    path.write_bytes(path.read_bytes()[:-1] + b" ")
    assert (Kind.ACT_FORGED, 0) in found(check(tmp_path, leaves=True))


def test_a_schema_that_was_altered_is_a_file_changed(tmp_path: Path) -> None:
    """It is named after its bytes."""
    write_tree(tmp_path, [leaf()])
    cfg = write_schema(tmp_path)
    (tmp_path / "schema" / f"{cfg}.json").write_bytes(b"{}")
    assert found(check(tmp_path, leaves=True))[0] == (Kind.FILE_CHANGED, 0)
