"""Watching a log from look to look: what is new, what can't be, what is in doubt."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audit.errors import SourceUnreadable
from audit.monitor import look
from audit.reading import FolderSource, Source
from audit.report import UNWITNESSED, Outcome
from audit.tiles import ENTRIES, Tile
from audit.verify import Trust
from tests.audit.builders import (
    CFG,
    GENESIS,
    KEYS,
    START_S,
    leaf,
    signed,
    statement,
    write_act,
    write_tree,
)
from tests.audit.watched import BOARD, TRUST, tree


def seen(source: Source, kept: bytes | None = None, **more: Any) -> Any:  # noqa: ANN401 - as look
    """Look at a log."""
    options: dict[str, Any] = {"now_s": float(START_S), **more}
    return look(source, options.pop("trust", TRUST), kept=kept, **options)


def test_the_first_look_tells_everything_and_the_next_what_is_new(
    tmp_path: Path,
) -> None:
    """Silent when nothing is; an entry that changes nothing is not told."""
    first = seen(tree(tmp_path, 3))
    again = seen(tree(tmp_path, 3), first.checkpoint)
    grown = seen(tree(tmp_path, 5, cut=4), first.checkpoint)
    after = seen(tree(tmp_path, 6, cut=4), grown.checkpoint)

    assert [each.report.outcome() for each in (first, again, grown, after)] == [
        Outcome.OK
    ] * 4
    assert [index for index, _ in first.news] == [0, 0]
    assert first.lines()[0] == f"new  entry 0: schema {CFG} from here on"
    assert again.lines() == []
    [line] = grown.lines()
    assert line.startswith("new  entry 4: cutoff 0, which nobody signs")
    assert after.lines() == []


def test_another_history_is_tampering(tmp_path: Path) -> None:
    """Longer, as long, or shorter: what was seen is not what is there."""
    kept = seen(tree(tmp_path / "a", 4)).checkpoint
    for size, reason in (
        (6, "split view: its first 4 entries are not those signed before"),
        (4, "split view: its first 4 entries are not those signed before"),
        (3, "rolled back: had 4 entries before, 3 now"),
    ):
        found = seen(tree(tmp_path / str(size), size, other=True), kept)
        assert found.report.outcome() is Outcome.TAMPERED
        assert f"TAMPERED  checkpoint: {reason}" in found.lines()


def test_a_changed_entry_is_named(tmp_path: Path) -> None:
    """By its index, whatever was looked at before."""
    source = tree(tmp_path, 5)
    kept = seen(source).checkpoint
    path = tmp_path / Tile(level=ENTRIES, index=0, width=5).path
    data = bytearray(path.read_bytes())
    data[-9] ^= 1
    path.write_bytes(data)
    found = seen(source, kept)

    assert found.report.findings[0].index == 4
    assert found.report.outcome() is Outcome.TAMPERED


def test_a_forged_act_is_tampering(tmp_path: Path) -> None:
    """One that those who must did not sign."""
    act = signed(statement("cutoff-lift", lifts="0"), "clerk-1")
    folder = tmp_path / "log"
    first = leaf(cfg=CFG, **write_act(folder, GENESIS))
    write_tree(folder, [first, leaf(cfg=CFG, **write_act(folder, act))])
    found = seen(FolderSource(folder))

    assert found.report.outcome() is Outcome.TAMPERED
    assert found.report.findings[0].index == 1


def test_what_cannot_be_read_cannot_be_told(tmp_path: Path) -> None:
    """A log that is away, or no log, is not a log that was altered."""

    class Away(FolderSource):
        def read(self, _path: str) -> bytes | None:
            raise SourceUnreadable("https://x: refused")

    kept = seen(tree(tmp_path / "a", 4)).checkpoint
    away = seen(Away(tmp_path), kept)
    nothing = seen(FolderSource(tmp_path / "none"), b"no checkpoint")

    assert away.lines() == ["CANNOT TELL  https://x: refused"]
    assert nothing.report.outcome() is Outcome.CANNOT_TELL
    assert nothing.checkpoint == b""


def test_a_log_that_goes_silent_is_noticed(tmp_path: Path) -> None:
    """If somebody says how old its newest signature may be."""
    source = tree(tmp_path, 3)
    assert seen(source, now_s=START_S + 3600.0, max_age_s=3600).report.doubts == []
    late = seen(source, now_s=START_S + 5400.0, max_age_s=3600)
    assert late.report.doubts == ["nothing was signed for 1.5 hours"]
    keys = [key for key in KEYS.verifiers if not key.name.endswith("/time")]
    undated = seen(source, trust=Trust(keys=keys), max_age_s=3600)
    assert "nobody knows when" in undated.report.doubts[-1]


def test_a_checkpoint_of_a_time_to_come_has_no_age(tmp_path: Path) -> None:
    """It would keep an alarm silent for as long as whoever signed it likes."""
    source = tree(tmp_path, 3)
    signed_s = seen(source).report.facts["signed_at_unix_s"]
    assert seen(source, now_s=signed_s - 200.0, max_age_s=3600).report.doubts == []
    ahead = seen(source, now_s=signed_s - 7200.0, max_age_s=3600)
    assert ahead.report.doubts == [
        "the checkpoint is of 2.0 hours from now: nobody knows its age"
    ]


def test_unwitnessed_is_said_each_time(tmp_path: Path) -> None:
    """And a witness that has stopped to sign is named."""
    kept = seen(tree(tmp_path, 3)).checkpoint
    found = seen(tree(tmp_path, 4, cosigned=False), kept)
    name = BOARD.verifier.name

    assert found.report.outcome() is Outcome.UNWITNESSED
    assert found.lines() == [
        f"note  the witness {name} signed the checkpoint before, and not this",
        UNWITNESSED,
    ]
    later = seen(tree(tmp_path, 4, cosigned=False), found.checkpoint)
    assert later.lines() == [UNWITNESSED]


@dataclass
class Growing:
    """A source that shows another checkpoint each time; its tiles stay readable."""

    notes: Sequence[bytes]
    tree: Source

    def read(self, path: str) -> bytes | None:
        """Return a file."""
        if path != "checkpoint":
            return self.tree.read(path)
        [note, *self.notes] = self.notes
        return note

    def wider(self, tile: Tile) -> bytes | None:
        """Return a tile cut from a wider one."""
        return self.tree.wider(tile)

    def tiles(self) -> Iterator[Tile]:
        """Yield none, as over the web."""
        yield from ()

    def files(self) -> Iterator[str]:
        """Yield none, as over the web."""
        yield from ()


def test_a_log_that_grows_meanwhile_is_looked_at_as_it_was(tmp_path: Path) -> None:
    """One checkpoint a look, and that one is kept."""
    tree(tmp_path, 4)
    note = (tmp_path / "checkpoint").read_bytes()
    shutil.rmtree(tmp_path / "tile")
    larger = tree(tmp_path, 9)
    found = seen(Growing([note, (tmp_path / "checkpoint").read_bytes()], larger))

    assert found.report.outcome() is Outcome.OK
    assert found.checkpoint == note
