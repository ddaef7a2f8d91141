"""The command that watches a log, as cron runs it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from audit import monitor
from audit.cli import main
from tests.audit.builders import (
    KEYS,
    ROSTER,
)
from tests.audit.watched import POLICY, tree


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


@pytest.mark.parametrize("age", ["nan", "inf", "-5", "0", "a day"])
def test_an_age_that_alarms_never_or_always_is_wrong_usage(
    files: tuple[str, ...], capsys: pytest.CaptureFixture[str], age: str
) -> None:
    """It is refused before anything is read; a number above 0 is none of these."""
    assert main([*files, f"--max-age={age}"]) == 2
    assert "is no number of seconds above 0" in capsys.readouterr().err
    assert main([*files, "--max-age=1e12"]) == 0
