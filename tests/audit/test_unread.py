"""Files of a log that can't be read hide nothing of what the others show."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from audit.errors import FileUnreadable, SourceUnreadable
from audit.finding import Kind
from audit.proven import Proven
from audit.reading import FolderSource
from audit.report import Outcome
from audit.tiles import Tile
from audit.verify import verify
from tests.audit.builders import (
    GENESIS,
    leaf,
    signed,
    statement,
    write_act,
    write_tree,
)
from tests.audit.published import act_leaf, activation, tree, under
from tests.audit.published import check as published
from tests.audit.tampered import TRUST
from tests.audit.verified import check

SIZE = 66_000


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a tree of three levels, partial at each."""
    folder = tmp_path_factory.mktemp("big")
    write_tree(folder, [b"entry %d" % number for number in range(SIZE)])
    return folder


@pytest.fixture
def copy(big: Path, tmp_path: Path) -> Path:
    """Return a copy of it, of links."""
    return Path(shutil.copytree(big, tmp_path / "copy", copy_function=os.link))


def pipes(folder: Path, names: Sequence[str]) -> None:
    """Put pipes in the place of files."""
    for name in names:
        (folder / name).unlink()
        os.mkfifo(folder / name)


def alter(folder: Path, name: str, at: int = 5) -> None:
    """Flip a bit of a file that may be a link."""
    data = bytearray((folder / name).read_bytes())
    data[at] ^= 0x10
    (folder / name).unlink()
    (folder / name).write_bytes(data)


def unread(names: Sequence[str]) -> list[str]:
    """Return what is said of pipes."""
    return [f"{name}: not a regular file" for name in names]


# --- the tree -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "jobs"),
    [
        (["tile/entries/005"], 2),
        (["tile/entries/257.p/208"], 1),
        (["tile/0/005"], 1),
        (["tile/0/257.p/208"], 1),
        (["tile/1/000"], 1),
        (["tile/1/001.p/1"], 1),
        (["tile/2/000.p/1"], 1),
        (["tile/0/005", "tile/entries/005"], 1),
    ],
)
def test_what_can_not_be_read_is_named_and_all_else_is_judged(
    copy: Path, names: list[str], jobs: int
) -> None:
    """Alone it is exit 2; with an altered entry elsewhere exit 1, and both are said."""
    pipes(copy, names)
    report = check(copy, leaves=False, jobs=jobs)
    assert report.outcome() is Outcome.CANNOT_TELL
    assert set(report.doubts) == set(unread(names))
    alter(copy, "tile/entries/100")
    report = check(copy, leaves=False, jobs=jobs)
    assert [each.where for each in report.findings] == ["tile/entries/100"]
    assert set(report.doubts) == set(unread(names))


def test_tiles_that_nothing_makes_again(copy: Path) -> None:
    """What lies below can't be judged, and what lies beside it can."""
    names = ["tile/1/000", "tile/0/005", "tile/entries/005"]
    pipes(copy, names)
    alter(copy, "tile/entries/256")
    report = check(copy, leaves=False)
    assert [each.where for each in report.findings] == ["tile/entries/256"]
    assert {unread(names)[0], unread(names)[2]} <= set(report.doubts)
    proven = Proven.of(
        FolderSource(copy),
        size=SIZE,
        root=bytes.fromhex(str(report.facts["root"])),
    )
    for number in (5, 6):
        with pytest.raises(FileUnreadable, match="tile/entries/005: not a regular"):
            proven.bundle(number)


def test_an_edge_that_can_not_be_read(copy: Path) -> None:
    """Without the last tile and the entries below it nobody knows the root."""
    names = ["tile/0/257.p/208", "tile/entries/257.p/208"]
    pipes(copy, names)
    report = check(copy, leaves=False)
    assert report.findings == []
    assert unread(names)[1] in report.doubts


@pytest.mark.parametrize(
    ("tile", "entries", "kind"),
    [
        ("tile/0/005", "tile/entries/005", Kind.TREE_REWRITTEN),
        ("tile/0/257.p/208", "tile/entries/257.p/208", Kind.TREE_REWRITTEN),
    ],
)
def test_entries_are_judged_without_their_tile(
    copy: Path, tile: str, entries: str, kind: Kind
) -> None:
    """What the tile would say follows from above, or from the root."""
    pipes(copy, [tile])
    alter(copy, entries)
    report = check(copy, leaves=False)
    assert [each.kind for each in report.findings] == [kind]


@pytest.mark.parametrize("change", [alter, lambda folder, n: (folder / n).unlink()])
def test_an_altered_tile_of_entries_that_can_not_be_read(
    copy: Path, change: Callable[[Path, str], None]
) -> None:
    """It is not what the tile above says, whatever the entries are."""
    pipes(copy, ["tile/entries/005"])
    change(copy, "tile/0/005")
    report = check(copy, leaves=False)
    assert [each.where for each in report.findings] == ["tile/0/005"]
    assert report.doubts == unread(["tile/entries/005"])


def test_an_altered_tile_above_entries_that_can_not_be_read(copy: Path) -> None:
    """It does not lead to the root, whatever lies below."""
    pipes(copy, ["tile/entries/257.p/208"])
    alter(copy, "tile/0/257.p/208")
    [found] = check(copy, leaves=False).findings
    assert found.kind is Kind.TREE_REWRITTEN


def test_earlier_tiles_that_can_not_be_read(tmp_path: Path) -> None:
    """Each is named; the others are compared."""
    write_tree(tmp_path, [leaf() for _ in range(9)])
    for width in (3, 4):
        path = tmp_path / "tile/0/000.p" / str(width)
        path.write_bytes(bytes(32 * width))
    pipes(tmp_path, ["tile/0/000.p/3"])
    report = check(tmp_path, leaves=False)
    assert [each.where for each in report.findings] == ["tile/0/000.p/4"]
    assert report.doubts == unread(["tile/0/000.p/3"])


class Losing(FolderSource):
    """A source that is gone once a file is asked for, or asked for again."""

    last = ""
    asked: Counter[str]

    def read(self, path: str) -> bytes | None:
        """Return a file, until then."""
        self.asked[path] += 1
        if path == self.last and self.asked[path] > path.startswith("tile/1/"):
            raise SourceUnreadable("the network is down")
        return super().read(path)


@pytest.mark.parametrize(
    ("altered", "last"),
    [
        ("tile/entries/003", "tile/entries/007"),
        ("tile/entries/003", "tile/entries/200"),
        ("tile/2/000.p/1", "tile/1/000"),
    ],
)
def test_what_was_found_before_the_log_was_gone(
    copy: Path, altered: str, last: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that ends its answers takes nothing back."""
    alter(copy, altered)
    monkeypatch.setattr(Losing, "last", last)
    monkeypatch.setattr(Losing, "asked", Counter(), raising=False)
    report = verify(Losing(copy), TRUST, leaves=False)
    assert "the network is down" in report.doubts
    assert altered in [each.where for each in report.findings]


def test_a_log_that_is_gone_before_its_files_were_listed(tmp_path: Path) -> None:
    """Which others lie there is then not known."""

    class Unlisted(FolderSource):
        def tiles(self) -> Iterator[Tile]:
            raise SourceUnreadable("the network is down")

        def files(self) -> Iterator[str]:
            raise SourceUnreadable("the network is down")

    write_tree(tmp_path, [leaf(**write_act(tmp_path, GENESIS))])
    report = verify(Unlisted(tmp_path), TRUST)
    assert report.doubts == ["the network is down"]
    assert report.findings == []


# --- what was kept ---------------------------------------------------------------


def test_two_checkpoints_tell_without_any_tree(tmp_path: Path) -> None:
    """A log that was cut, or a second one, is shown by their sizes and roots."""
    write_tree(tmp_path / "log", [b"entry %d" % number for number in range(300)])
    shutil.rmtree(tmp_path / "log" / "tile")
    (tmp_path / "log" / "tile").symlink_to("tile")
    for name, size, kind in (
        ("longer", 301, Kind.ROLLED_BACK),
        ("other", 300, Kind.SPLIT_VIEW),
    ):
        write_tree(tmp_path / name, [b"other"] * size)
        since = (tmp_path / name / "checkpoint").read_bytes()
        report = check(tmp_path / "log", since=since, leaves=False)
        assert [each.kind for each in report.findings] == [kind]
        assert report.doubts


def test_a_log_that_goes_on_from_what_can_not_be_read(tmp_path: Path) -> None:
    """That it does not is nothing that anybody can tell."""
    write_tree(tmp_path / "before", [b"entry"] * 3)
    write_tree(tmp_path / "log", [b"entry"] * 9)
    names = ["tile/0/000.p/9", "tile/entries/000.p/9"]
    pipes(tmp_path / "log", names)
    since = (tmp_path / "before" / "checkpoint").read_bytes()
    report = check(tmp_path / "log", since=since, leaves=False)
    assert report.findings == []
    assert set(report.doubts) == set(unread(names))


# --- what entries name -------------------------------------------------------------


@pytest.fixture
def acts(tmp_path: Path) -> list[str]:
    """Return the acts of a log in a folder: its genesis, an activation, cut-offs."""
    first = activation(tmp_path)
    cuts = [
        signed(statement("cutoff", counter, expires="never", scope="all", name="-"))
        for counter in (0, 1, 2)
    ]
    named = [act_leaf(tmp_path, cut, first) for cut in cuts]
    report = tree(tmp_path, leaf(**first), *named)
    assert (report.findings, report.doubts) == ([], [])
    return [f"acts/{each.sha256}" for each in (GENESIS, *cuts)] + [
        f"acts/{first['act']}"
    ]


def test_a_forged_act_beside_files_that_can_not_be_read(
    tmp_path: Path, acts: list[str]
) -> None:
    """A manifest, a policy, a schema and an earlier act hide it as little as a tile."""
    names = [
        str(next((tmp_path / name).iterdir()).relative_to(tmp_path))
        for name in ("manifest", "policy", "schema")
    ]
    pipes(tmp_path, [*names, acts[1]])
    report = published(tmp_path)
    assert report.outcome() is Outcome.CANNOT_TELL
    assert sorted(report.doubts) == sorted(unread([*names, acts[1]]))
    alter(tmp_path, acts[3])
    [found] = published(tmp_path).findings
    assert (found.where, found.kind) == (acts[3], Kind.ACT_FORGED)


def test_a_first_act_that_can_not_be_read(tmp_path: Path, acts: list[str]) -> None:
    """The roster that is expected may stand in it: nobody is accused of another."""
    pipes(tmp_path, acts[:1])
    report = published(tmp_path)
    assert report.findings == []
    assert report.doubts == unread(acts[:1])


@pytest.mark.parametrize("lost", ["acts", "tile/entries"])
@pytest.mark.parametrize("altered", ["acts", "manifest", "policy", "schema"])
def test_what_entries_name_is_compared_though_not_all_can_be_judged(
    tmp_path: Path, lost: str, altered: str
) -> None:
    """An altered file is not what it is named after, whatever cannot be read."""
    first = activation(tmp_path)
    cut = signed(statement("cutoff", expires="never", scope="all", name="-"))
    after = [under(first) for _ in range(300)]
    report = tree(tmp_path, leaf(**first), *after, act_leaf(tmp_path, cut, first))
    assert (report.findings, report.doubts) == ([], [])
    name = f"acts/{GENESIS.sha256}" if lost == "acts" else "tile/entries/001.p/47"
    pipes(tmp_path, [name])
    report = published(tmp_path)
    assert (report.findings, report.doubts) == ([], unread([name]))
    names = [
        str(each.relative_to(tmp_path))
        for each in (tmp_path / altered).iterdir()
        if each.name not in (GENESIS.sha256, cut.sha256)
    ]
    alter(tmp_path, names[0])
    assert [each.where for each in published(tmp_path).findings] == names
