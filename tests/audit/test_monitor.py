"""Watching a log from look to look: what is new, what can't be, what is in doubt."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from audit import monitor
from audit.act import Act
from audit.checkpoint import cosignature_line
from audit.cli import main
from audit.errors import SourceUnreadable
from audit.monitor import look
from audit.note import Note
from audit.policyfile import Policy
from audit.reading import FolderSource, Source
from audit.report import UNWITNESSED, Outcome
from audit.signer import SeedSigner
from audit.tiles import ENTRIES, Tile
from audit.verify import Trust
from audit.vkey import COSIGNATURE
from tests.audit.builders import (
    CFG,
    GENESIS,
    KEYS,
    ROSTER,
    START_S,
    leaf,
    signed,
    statement,
    write_act,
    write_tree,
)

BOARD = SeedSigner.generate("board.example/w", COSIGNATURE)
POLICY = f"witness w {BOARD.verifier.text}\nquorum w\n"
TRUST = Trust(
    keys=KEYS.verifiers, policy=Policy.parse(POLICY.encode()), roster=ROSTER.digest
)
CUT = Act(statement=statement("cutoff", scope="all", name="-"))


def tree(
    folder: Path,
    size: int,
    *,
    cut: int | None = None,
    cosigned: bool = True,
    other: bool = False,
    seconds: int = START_S,
) -> Source:
    """Write a log of so many entries, with a cut-off at an index."""
    leaves = [leaf(cfg=CFG, **write_act(folder, GENESIS))]
    for index in range(1, size):
        more: dict[str, Any] = {"n": 2} if other and index == 1 else {}
        if index == cut:
            more = {**write_act(folder, CUT), "ev": "act"}
        leaves.append(leaf(cfg=CFG, **more))
    write_tree(folder, leaves, seconds=seconds)
    if cosigned:
        cosign(folder)
    return FolderSource(folder)


def cosign(folder: Path) -> None:
    """Have the board sign the checkpoint."""
    path = folder / "checkpoint"
    data = path.read_bytes()
    line = cosignature_line(Note.parse(data).text, BOARD, START_S)
    path.write_bytes(data + line.encode())


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


@pytest.mark.parametrize("age", ["nan", "inf", "-5", "0", "a day"])
def test_an_age_that_alarms_never_or_always_is_wrong_usage(
    files: tuple[str, ...], capsys: pytest.CaptureFixture[str], age: str
) -> None:
    """It is refused before anything is read; a number above 0 is none of these."""
    assert main([*files, f"--max-age={age}"]) == 2
    assert "is no number of seconds above 0" in capsys.readouterr().err
    assert main([*files, "--max-age=1e12"]) == 0


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


# --- the command -----------------------------------------------------------------


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, ...]:
    """The words of a command that looks at a log."""
    tree(tmp_path / "log", 3)
    keys = "".join(f"{key.text}\n" for key in KEYS.verifiers)
    (tmp_path / "log.vkeys").write_text(keys)
    (tmp_path / "trust.policy").write_text(POLICY)
    return (
        *("monitor", str(tmp_path / "log"), "--vkey", str(tmp_path / "log.vkeys")),
        *("--policy", str(tmp_path / "trust.policy"), "--roster", ROSTER.digest),
        *("--kept", str(tmp_path / "kept")),
    )


def test_from_cron_it_is_silent_until_there_is_something(
    tmp_path: Path, files: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit codes 0, 1, 2, 3; the last good checkpoint is kept, and the bad one too."""
    kept = tmp_path / "kept"
    assert main(files) == 0
    assert "new  entry 0: genesis 0" in capsys.readouterr().out
    first = kept.read_bytes()
    assert main(files) == 0
    assert capsys.readouterr().out == ""

    tree(tmp_path / "log", 5, cosigned=False)
    assert main(files) == 3
    assert main([*files, "--allow-unwitnessed"]) == 0
    newest = kept.read_bytes()
    assert newest != first

    (tmp_path / "log").rename(tmp_path / "log2")
    assert main(files) == 2
    assert kept.read_bytes() == newest

    tree(tmp_path / "log", 6, other=True)
    assert main(files) == 1
    assert kept.read_bytes() == newest
    refused = (tmp_path / "kept.refused").read_bytes()
    assert refused == (tmp_path / "log" / "checkpoint").read_bytes()

    shutil.rmtree(tmp_path / "log")
    (tmp_path / "log2").rename(tmp_path / "log")
    kept.write_bytes(b"x")
    assert main(files) == 2


def test_nothing_takes_the_place_of_what_was_refused(
    tmp_path: Path, files: tuple[str, ...]
) -> None:
    """A log that shows garbage after its second history leaves the proof of that."""
    assert main(files) == 0
    tree(tmp_path / "log", 4, other=True)
    checkpoint = tmp_path / "log" / "checkpoint"
    proof = checkpoint.read_bytes()
    assert main(files) == main(files) == 1
    checkpoint.write_bytes(b"garbage")
    assert main(files) == main(files) == 1
    assert (tmp_path / "kept.refused").read_bytes() == proof
    assert (tmp_path / "kept.refused-2").read_bytes() == b"garbage"
    assert not (tmp_path / "kept.refused-3").exists()


def test_what_was_refused_can_not_fill_a_disk(
    tmp_path: Path, files: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """So many are kept, the first ones."""
    monkeypatch.setattr(monitor, "_MOST_REFUSED", 2)
    for data in (b"one", b"two", b"three"):
        (tmp_path / "log" / "checkpoint").write_bytes(data)
        assert main(files) == 1
    kept = sorted(tmp_path.glob("kept.refused*"))
    assert [each.read_bytes() for each in kept] == [b"one", b"two"]


def test_one_object_for_programs(
    files: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """With what is new, each with its entry."""
    assert main([*files, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)

    assert (found["outcome"], found["exit"], found["stopped"]) == ("ok", 0, [])
    assert [each["index"] for each in found["new"]] == [0, 0]


def test_what_was_seen_is_said_though_it_cannot_be_kept(
    tmp_path: Path, files: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither what is new nor a forged log is lost because a folder is missing."""
    nowhere = [*files[:-1], str(tmp_path / "nowhere" / "kept")]
    assert main(nowhere) == 2
    said = capsys.readouterr().out
    assert "new  entry 0: genesis 0" in said
    assert "CANNOT TELL  kept could not be written: No such file" in said
    path = tmp_path / "log" / "checkpoint"
    path.write_bytes(path.read_bytes().replace(b"\n3\n", b"\n4\n"))
    assert main(nowhere) == 1
    said = capsys.readouterr().out
    assert "TAMPERED  checkpoint: checkpoint forged" in said
    assert "kept.refused could not be written" in said
