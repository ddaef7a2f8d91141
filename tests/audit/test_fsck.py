"""A store checked against itself: its notes must be of the log that it holds."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from audit.cli import main
from audit.frames import frame
from audit.memory import Page
from tests.audit.builders import (
    KEYS,
    ORIGIN,
    filled,
    write_tree,
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store of 300 entries."""
    store = tmp_path_factory.mktemp("made") / "store"
    filled(store, 300)
    return store


@pytest.fixture
def store(made: Path, tmp_path: Path) -> Path:
    """Return a copy of it, with a key file beside."""
    (tmp_path / "log.vkeys").write_text(
        "".join(f"{key.text}\n" for key in KEYS.verifiers)
    )
    return Path(shutil.copytree(made, tmp_path / "store"))


def checked(
    store: Path, capsys: pytest.CaptureFixture[str], *options: str
) -> tuple[int, list[str], list[str]]:
    """Return the exit code, the findings and the notices."""
    capsys.readouterr()
    code = main(["fsck", str(store), "--allow-unwitnessed", "--json", *options])
    report = json.loads(capsys.readouterr().out)
    found = [f"{each['where']}: {each['reason']}" for each in report["findings"]]
    return code, found, report["notices"]


def test_a_whole_store_holds(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Quickly or deeply, with keys of one's own or those that the store names."""
    code, found, notices = checked(store, capsys)
    assert (code, found) == (0, [])
    assert "only the unfinished part was read; --deep reads all" in notices
    assert "the keys are those that the store names itself" in notices
    own = ("--vkey", str(store.parent / "log.vkeys"))
    code, found, notices = checked(store, capsys, "--deep", *own)
    assert (code, found) == (0, [])
    assert not any("--deep" in each or "names itself" in each for each in notices)
    note = (store / "live" / "checkpoint").read_bytes()
    (store / "history").write_bytes(frame(note))
    (store / "live" / ".checkpoint.new").touch()
    code, found, notices = checked(store, capsys)
    assert code == 0
    assert "live/.checkpoint.new: a writer did not finish this file" in notices
    shutil.rmtree(store / "wal")
    assert checked(store, capsys)[0] == 2


def test_what_was_altered_long_ago_is_found_deeply(
    store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A full bundle is not read without --deep; the unfinished one always is."""
    path = store / "live/tile/entries/000"
    path.write_bytes(path.read_bytes().replace(b"released", b"reLeased", 1))
    assert checked(store, capsys)[0] == 0
    code, found, _ = checked(store, capsys, "--deep")
    assert (code, found[0][:22]) == (1, "tile/entries/000: not ")
    (store / "live/checkpoint").unlink()
    assert checked(store, capsys)[0] == 2


def more_files(store: Path) -> None:
    """Put a public file there that no entry brought."""
    (store / "live/keys").mkdir()
    (store / f"live/keys/{'a' * 64}").touch()


def fewer_files(store: Path) -> None:
    """Say that an entry brought a file."""
    with (store / "files").open("ab") as file:
        name = f"manifest/{sha256(b'').hexdigest()}"
        file.write(frame(json.dumps({"name": name, "index": 3}).encode()))


def brought_badly(store: Path) -> None:
    """Put a file there whose name is not its digest."""
    name = f"manifest/{'b' * 64}"
    (store / "live/manifest").mkdir()
    (store / "live" / name).write_bytes(b"x")
    with (store / "files").open("ab") as file:
        file.write(frame(json.dumps({"name": name, "index": 3}).encode()))


def broken_files(store: Path) -> None:
    """Break the list of files."""
    (store / "files").write_bytes(b"nonsense" * 9)


def other_files(store: Path) -> None:
    """Write whole frames that are no list of files."""
    with (store / "files").open("ab") as file:
        for body in (b"nonsense", b"[]", b"{}", b'{"name":"x","index":"y"}'):
            file.write(frame(body))


def unsigned_history(store: Path) -> None:
    """Keep an earlier checkpoint that nobody signed."""
    (store / "history").write_bytes(frame(b"nonsense"))


def other_history(store: Path) -> None:
    """Keep an earlier checkpoint of another log with the same keys."""
    other = store.parent / "other"
    write_tree(other, [b"other"])
    (store / "history").write_bytes(frame((other / "checkpoint").read_bytes()))


def later_history(store: Path) -> None:
    """Keep an earlier checkpoint that is of more entries than there are."""
    other = store.parent / "other"
    write_tree(other, [b"%d" % number for number in range(301)])
    (store / "history").write_bytes(frame((other / "checkpoint").read_bytes()))


def other_receipts(store: Path) -> None:
    """Remember another entry than the tree has, and one that is to come."""
    hashes = (b"\x00" * 32, b"\x01" * 32)
    page = Page(first=299, ms=1, hashes=hashes, keys=())
    (store / "dedup" / "1").write_bytes(frame(page.pack()))


def broken_receipts(store: Path) -> None:
    """Keep a page that is none."""
    (store / "dedup" / "1").write_bytes(frame(b"x"))


CHANGES: list[tuple[Callable[[Path], None], str]] = [
    (more_files, f"keys/{'a' * 64}: lies there, and no entry brought it"),
    (fewer_files, "missing, and an entry brought it"),
    (brought_badly, "its name is not its digest"),
    (broken_files, "files: files: no frame at byte 0"),
    (other_files, "files: a line that does not read"),
    (unsigned_history, "history: checkpoint 1: "),
    (other_history, "the checkpoint of 1 entries is of another log"),
    (later_history, "the checkpoint of 301 entries is of another log"),
    (other_receipts, "dedup/1: remembers another entry than the tree"),
    (broken_receipts, "dedup/1: a page of dedup keys does not read"),
]


@pytest.mark.parametrize(
    ("change", "reason"), CHANGES, ids=[each[0].__name__ for each in CHANGES]
)
def test_a_stores_own_notes_must_be_of_its_log(
    store: Path,
    capsys: pytest.CaptureFixture[str],
    change: Callable[[Path], None],
    reason: str,
) -> None:
    """Public files, earlier checkpoints, receipts: each fault is named."""
    change(store)
    code, found, _ = checked(store, capsys)
    assert code == 1
    assert any(reason in each for each in found), found


def test_what_cannot_be_read_of_a_store_is_a_doubt_of_the_report(
    store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody waits for a pipe, and what was found is said beside it."""
    shutil.rmtree(store / "dedup")
    (store / "history").unlink(missing_ok=True)
    os.mkfifo(store / "history")
    assert main(["fsck", str(store), "--json"]) == 2
    said = json.loads(capsys.readouterr().out)["cannot_tell"]
    assert "history: not a regular file" in said
    assert "dedup: missing; the receipts of the last day were not compared" in said
    (store / "state.json").unlink()
    os.mkfifo(store / "state.json")
    assert main(["fsck", str(store)]) == 2
    said = capsys.readouterr().err
    assert said == "CANNOT TELL  state.json: not a regular file\n"


@pytest.mark.parametrize(
    "where", ["postgresql://reader@db.example/log", "https://x.example/log", "s3://b"]
)
def test_a_log_elsewhere_is_no_folder(
    where: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is said what checks it, and not that a folder of its last name has no log."""
    assert main(["fsck", where]) == 2
    assert "audit verify checks any log" in capsys.readouterr().err


@pytest.mark.parametrize("where", ["https://x.example/log", "s3://bucket/log"])
def test_who_needs_a_store_says_what_one_is(
    where: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A copy elsewhere is none."""
    assert main(["publish", where, "public"]) == 2
    said = f"{where}: a store is a folder, or postgresql://"
    assert said in capsys.readouterr().err


def test_a_folder_that_is_no_store(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One sentence says so."""
    assert main(["fsck", str(tmp_path)]) == 2
    assert "there is no log" in capsys.readouterr().err
    assert ORIGIN not in capsys.readouterr().err
