"""The write-ahead file: what of a damaged one still reads, and what is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from audit import LogDamaged
from audit.frames import frame, readable
from audit.salvage import salvaged
from audit.stored import sealed_record
from tests.audit.besides import check, flip, grown, replaced, segment


def test_one_flipped_byte_costs_one_batch(tmp_path: Path) -> None:
    """The entries beside it still open, and what is lost has its name."""
    store = grown(tmp_path, 5)
    path = segment(store)
    bodies, lost = readable(path.read_bytes())
    assert (len(bodies), lost) == (5, [])
    start, end = bodies[2][0], bodies[3][0]
    whole = path.read_bytes()
    for at in (start, start + 5, start + 40, end - 1):
        flip(path, at)
        found = salvaged(store.wal)
        assert [batch.first for batch in found.batches] == [0, 1, 3, 4], at
        assert found.lost[0].text == (
            f"wal/{path.name}: bytes {start}-{end - 1} do not read"
            " (entries from 2 to 2)"
        )
        assert sealed_record(store, 3)
        with pytest.raises(LogDamaged, match=r"entry 2; wal/.* do not read"):
            sealed_record(store, 2)
        finding = check(store).findings[0]
        assert (finding.where, finding.index) == (f"wal/{path.name}", 2)
        path.write_bytes(whole)


def test_the_ends_of_a_damaged_file(tmp_path: Path) -> None:
    """The first and the last frame lost; a crash's tail is no loss."""
    store = grown(tmp_path, 3)
    path = segment(store)
    whole = path.read_bytes()
    places = [at for at, _ in readable(whole)[0]]
    flip(path, places[0] + 40)
    (first,) = salvaged(store.wal).lost
    assert (first.first, first.end) == (0, 1)
    path.write_bytes(whole)
    flip(path, places[2] + 40)
    (last,) = salvaged(store.wal).lost
    assert (last.first, last.end) == (2, None)
    assert last.text.endswith("(entries from 2)")
    for tail in (whole[:-10], whole[: places[2]] + bytes(20)):
        path.write_bytes(tail)
        assert salvaged(store.wal).lost == ()
        assert check(store).doubts == ["no sealed record of entries 2"]


def test_a_mark_inside_a_damaged_frame_is_no_frame() -> None:
    """Reading goes on at the next frame that is whole, not at its look-alike."""
    damaged = bytearray(frame(b"abc" + b"SPF1" + b"xyz"))
    damaged[9] ^= 1
    bodies, lost = readable(bytes(damaged) + frame(b"next"))

    assert [body for _, body in bodies] == [b"next"]
    assert lost == [(0, len(damaged))]


def test_a_frame_that_is_no_batch_and_a_gap_are_named(tmp_path: Path) -> None:
    """Whole frames with something else in them; a frame cut out."""
    store = grown(tmp_path, 3)
    path = segment(store)
    whole = path.read_bytes()
    places = [at for at, _ in readable(whole)[0]]
    path.write_bytes(whole[: places[1]] + frame(b"x") + whole[places[2] :])
    assert "a batch that does not read" in salvaged(store.wal).lost[0].reason
    path.write_bytes(whole[: places[1]] + whole[places[2] :])
    (gap,) = salvaged(store.wal).lost
    assert (gap.reason, gap.first, gap.end) == ("not whole", 1, 2)


def test_another_entry_in_the_tail_is_found(tmp_path: Path) -> None:
    """A write-ahead file of another history beside this tree."""
    store = grown(tmp_path / "a", 3)
    other = grown(tmp_path / "b", 3)
    segment(store).write_bytes(segment(other).read_bytes())
    report = check(store)

    assert {each.index for each in report.findings} == {0, 1, 2}
    assert report.findings[0].reason == "holds another entry than the tree"


def test_a_segment_that_cannot_be_read_is_no_gap(tmp_path: Path) -> None:
    """What is missing between its neighbours may lie in it."""
    store = grown(tmp_path, 3)
    whole = segment(store).read_bytes()
    for number, (_, body) in enumerate(readable(whole)[0]):
        (store.wal / f"{number:016d}").write_bytes(frame(body))
    middle = store.wal / f"{1:016d}"
    replaced(middle)
    assert [each.unread for each in salvaged(store.wal).lost] == [True]
    middle.unlink()
    assert [each.unread for each in salvaged(store.wal).lost] == [False]
