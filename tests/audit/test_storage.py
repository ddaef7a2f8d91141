"""The store's small parts: frames, batches, pages, files, views, the package itself."""

from __future__ import annotations

import runpy
import struct
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import audit
from audit import Dedup, LogDamaged, LogFailed
from audit.batch import Batch, Stored, basis_of
from audit.disk import no_faults, write_once
from audit.finding import Finding
from audit.folder import Folder, attachment_fault, sealed_path
from audit.frames import frame, frames
from audit.integrator import drop_outgrown
from audit.memory import Memory, Page, remembered
from audit.merkle import leaf_hash
from audit.report import Outcome, Report
from audit.stored import stored_leaves
from audit.tiles import Tile
from audit.treefile import read_file
from tests.audit.builders import KEYS, ORIGIN, dedup, digest, filled

LEAF = b'{"manifest":"m","policy":"p"}'


def stored(key: str | None = "a", leaf: bytes = LEAF) -> Stored:
    """Return an entry as it is kept."""
    return Stored(
        leaf=leaf,
        record=b"sealed",
        at_ms=5,
        dedup=None if key is None else dedup(key),
        files={"acts/x": b"note"},
        basis=b"" if key is None else b'{"manifest":"m","policy":"p"}',
    )


def batch(*entries: Stored, first: int = 7) -> Batch:
    """Return a batch."""
    hashes = tuple(leaf_hash(each.leaf) for each in entries)
    return Batch(first=first, ms=9, entries=entries, hashes=hashes)


def changed(data: bytes, cut: tuple[int, int | None, bytes]) -> bytes:
    """Return a part of some bytes with others behind it."""
    first, last, more = cut
    return data[first:last] + more


@given(st.lists(st.binary(max_size=40), max_size=5), st.data())
def test_a_cut_file_of_frames_gives_the_whole_ones(
    bodies: list[bytes], data: st.DataObject
) -> None:
    """Wherever a crash cuts the file, the frames before the cut are read."""
    packed = [frame(body) for body in bodies]
    whole = b"".join(packed)
    assert frames(whole, "f") == (bodies, len(whole))
    cut = data.draw(st.integers(0, len(whole)))
    zeros = data.draw(st.sampled_from([0, 1, 500]))
    found, end = frames(whole[:cut] + bytes(zeros), "f")
    lengths = [sum(map(len, packed[: n + 1])) for n in range(len(packed))]
    assert len(found) >= sum(length <= cut for length in lengths)
    assert found == bodies[: len(found)]
    assert end <= len(whole)


def test_a_batch_reads_back() -> None:
    """With and without a dedup key, with files."""
    one = batch(stored(), stored(None), stored("b"))

    assert Batch.parse(one.pack()) == one
    assert one.end == 10


@given(st.integers(0, 400), st.integers(1, 255))
def test_no_altered_batch_raises_anything_else(at: int, bits: int) -> None:
    """Whatever is altered in a batch, it reads or is damage by name."""
    data = bytearray(batch(stored(), stored(None)).pack())
    data[at % len(data)] ^= bits
    try:
        Batch.parse(bytes(data))
    except LogDamaged:
        return


@pytest.mark.parametrize("cut", [(0, -1, b""), (0, None, b"x"), (0, 0, b"")])
def test_a_batch_of_a_wrong_length_is_damage(
    cut: tuple[int, int | None, bytes],
) -> None:
    """Too short and too long."""
    with pytest.raises(LogDamaged):
        Batch.parse(changed(batch(stored()).pack(), cut))


def test_what_is_remembered_reads_back() -> None:
    """A page gives the receipts of its batch again."""
    one = batch(stored(), stored(None), stored("b"))
    page = remembered(one)
    assert page is not None
    assert Page.parse(page.pack()) == page
    assert remembered(batch(stored(None))) is None

    memory = Memory(origin=ORIGIN, signer=KEYS.receipt)
    memory.learn(Page.parse(page.pack()))
    known = memory.known(digest("b"))
    assert known is not None
    assert known.receipt == one.receipts(origin=ORIGIN, signer=KEYS.receipt)[2]
    assert (known.policy, known.manifest) == ("p", "m")
    assert basis_of({"policy": "p", "other": 1}) == b'{"policy":"p"}'


@pytest.mark.parametrize("cut", [(0, -1, b""), (0, None, b"x"), (0, 0, b"")])
def test_a_page_of_a_wrong_length_is_damage(cut: tuple[int, int | None, bytes]) -> None:
    """Too short and too long."""
    page = remembered(batch(stored()))
    assert page is not None
    with pytest.raises(LogDamaged):
        Page.parse(changed(page.pack(), cut))


def test_dedup_is_a_value() -> None:
    """Three digests."""
    assert dedup("a") == Dedup(
        key=digest("a"), request=digest("r"), content=digest("c")
    )
    with pytest.raises(struct.error):
        struct.unpack(">Q", b"")


def test_a_file_that_never_changes_is_written_once(tmp_path: Path) -> None:
    """The same again is no write; something else there stops the log."""
    path = tmp_path / "a" / "b"
    assert write_once(path, b"x", faults=no_faults)
    assert not write_once(path, b"x", faults=no_faults)
    with pytest.raises(LogFailed, match="b holds something else"):
        write_once(path, b"y", faults=no_faults)


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("acts/" + "0" * 64, "its name is not its digest"),
        ("policy/" + "0" * 64 + ".tar.gz", ""),
        ("acts/../x", "no public file has this name"),
        ("schema/" + "0" * 64, "no public file has this name"),
        ("checkpoint", "no public file has this name"),
    ],
)
def test_names_of_public_files(name: str, fault: str) -> None:
    """Only acts, schemas and policies, and named by what they are."""
    assert attachment_fault(name, b"x") == fault


def test_a_store_gives_tiles_of_earlier_sizes(tmp_path: Path) -> None:
    """From the partial or full tile that has them; nothing when there is none."""
    filled(tmp_path, 20)
    folder = Folder(root=tmp_path)
    assert len(folder.tile_bytes(Tile(level=0, index=0, width=5)) or b"") == 20 * 32
    assert folder.tile_bytes(Tile(level=0, index=0, width=21)) is None
    assert folder.tile_bytes(Tile(level=0, index=0)) is None
    assert folder.tile_bytes(Tile(level=3, index=0, width=1)) is None
    assert sealed_path(1234) == "sealed/entries/x001/234"


def test_a_tile_that_became_full_while_one_looked_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between two looks a partial tile may give way to the full one."""
    filled(tmp_path, 20)
    folder = Folder(root=tmp_path)
    partial = folder.tile(Tile(level=0, index=0, width=20))
    full = folder.tile(Tile(level=0, index=0))

    def vanish(_path: Path) -> list[Path]:
        full.write_bytes(b"full")
        raise FileNotFoundError

    with monkeypatch.context() as patched:
        patched.setattr(Path, "iterdir", vanish)
        assert folder.tile_bytes(Tile(level=0, index=0, width=5)) == b"full"
    assert partial.exists()


def test_public_files_that_are_gone_are_none(tmp_path: Path) -> None:
    """A file that the index names and the disk has not."""
    filled(tmp_path, 1)
    name = "acts/" + "0" * 64
    folder = Folder(root=tmp_path)

    assert read_file(folder, name, size=1, files={name: 0}) is None
    assert read_file(folder, "tile/0/000.p/1", size=1, files={}) is not None
    (tmp_path / "live" / "tile" / "0" / "000.p" / "1").unlink()
    assert read_file(folder, "tile/0/000.p/1", size=1, files={}) is None


def test_outgrown_tiles_go(tmp_path: Path) -> None:
    """Smaller partial tiles beside a larger one, all beside a full one."""
    folder = tmp_path / "000.p"
    folder.mkdir()
    for name in ("3", "5", ".7.new"):
        (folder / name).write_bytes(b"")
    drop_outgrown(folder / "5")
    assert sorted(path.name for path in folder.iterdir()) == [".7.new", "5"]
    drop_outgrown(tmp_path / "000")
    assert not folder.exists()
    drop_outgrown(tmp_path / "001")


def test_damaged_bundles_are_damage(tmp_path: Path) -> None:
    """Reading leaves back names the bundle that is gone or altered."""
    filled(tmp_path, 6000, checkpoint_interval_s=60)
    folder = Folder(root=tmp_path)
    path = folder.tile(Tile(level=-1, index=0))
    path.chmod(0o644)
    path.write_bytes(b"x")
    with pytest.raises(LogDamaged, match="entries/000: bundle-short"):
        list(stored_leaves(folder, 0, 5))
    path.unlink()
    with pytest.raises(LogDamaged, match="entries/000 is missing"):
        list(stored_leaves(folder, 0, 5))


def test_the_package_shows_what_it_says() -> None:
    """Every public name is there, the writer only when asked for."""
    assert all(hasattr(audit, name) for name in audit.__all__)
    assert sorted(audit.__all__) == sorted(set(audit.__all__))
    with pytest.raises(AttributeError):
        _ = audit.nothing


def test_the_module_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """``python -m audit`` is the same as the command."""
    monkeypatch.setattr(sys, "argv", ["audit", "--help"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("audit", run_name="__main__")
    assert ended.value.code == 0


def test_the_order_of_outcomes() -> None:
    """Tampering before doubt before unwitnessed."""
    report = Report(witnessed=True)
    assert report.outcome() is Outcome.OK
    report.witnessed = False
    assert report.outcome() is Outcome.UNWITNESSED
    report.doubts.append("why")
    assert report.outcome(allow_unwitnessed=True) is Outcome.CANNOT_TELL
    assert "CANNOT TELL  why" in report.lines()
    report.findings.append(Finding(where="x", reason="y"))
    assert report.outcome() is Outcome.TAMPERED
    assert report.to_json()["findings"] == [{"where": "x", "reason": "y"}]
    assert Outcome.CANNOT_TELL.word == "cannot-tell"
