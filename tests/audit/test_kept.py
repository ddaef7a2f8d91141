"""With what an earlier verification kept only what is new is read, and judged alike."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from audit import kept
from audit.cli import main
from audit.finding import Kind
from audit.reading import FolderSource
from audit.report import NEWS_INTACT, Outcome
from audit.verify import Trust, verify
from tests.audit.builders import (
    GENESIS,
    KEYS,
    ROSTER,
    filled,
    leaf,
    signed,
    statement,
    write_act,
    write_tree,
)
from tests.audit.tampered import LEAVES, TRUST, check, found


class Counting(FolderSource):
    """A folder that counts what is read."""

    def read(self, path: str) -> bytes | None:
        """Count, and read."""
        READ.append(path)
        return super().read(path)


READ: list[str] = []


def test_only_what_is_new_is_read(copied: Path, tmp_path: Path) -> None:
    """With an earlier checkpoint no bundle before it is read; the report says so."""
    write_tree(tmp_path / "old", LEAVES[:520])
    since = (tmp_path / "old" / "checkpoint").read_bytes()
    READ.clear()
    report = verify(Counting(copied), TRUST, since=since, leaves=False)
    assert report.findings == []
    assert report.facts["read_from"] == 512
    assert report.holds == NEWS_INTACT
    assert [path for path in READ if "entries" in path] == ["tile/entries/002.p/88"]


def law(number: int, *, act: str = "", decision: str = "released") -> bytes:
    """Return one leaf of a log whose leaves are read."""
    more = {"act": act, "decision": decision} if act else {"n": 1}
    return leaf(pad="0" * number, **more)


def log_with_acts(folder: Path, count: int, *, stopped: int | None = None) -> None:
    """Write a log that begins with its genesis; an act ``stop`` may come later."""
    leaves = [law(number) for number in range(count)]
    named = write_act(folder, GENESIS)
    leaves[0] = leaf(**named)
    if stopped is not None:
        leaves[stopped] = leaf(**write_act(folder, signed(statement("stop", run="0"))))
    write_tree(folder, leaves)


def kept_of(folder: Path) -> bytes:
    """Return what a whole verification leaves for the next."""
    report = check(folder, leaves=True)
    assert report.findings == []
    return report.kept


def test_what_leaves_said_before_is_kept(tmp_path: Path) -> None:
    """With it a later act is judged without reading its log again."""
    log_with_acts(tmp_path / "old", 300)
    log_with_acts(tmp_path / "new", 600, stopped=590)
    for since, again in (
        (kept_of(tmp_path / "old"), False),
        ((tmp_path / "old" / "checkpoint").read_bytes(), True),
    ):
        report = check(tmp_path / "new", since=since, leaves=True)
        assert report.findings == []
        assert any("entry 590: stop 0" in each for each in report.notices)
        assert ("read_from" not in report.facts) is again
        said = [each for each in report.notices if "so everything was read" in each]
        assert bool(said) is again
        assert json.loads(report.kept)["leaves"] is not None


def test_news_without_acts_need_no_earlier_leaf(tmp_path: Path) -> None:
    """A bare checkpoint is enough then, and what was kept is a checkpoint again."""
    log_with_acts(tmp_path / "old", 300)
    log_with_acts(tmp_path / "new", 600)
    since = (tmp_path / "old" / "checkpoint").read_bytes()
    report = check(tmp_path / "new", since=since, leaves=True)
    assert report.findings == []
    assert report.facts["read_from"] == 256
    again = check(tmp_path / "new", since=report.kept, leaves=True)
    assert (again.findings, again.doubts) == ([], [])


def test_the_first_roster_needs_the_first_entry(tmp_path: Path) -> None:
    """Who brings its digest has everything read, unless it was kept."""
    log_with_acts(tmp_path, 300)
    trust = Trust(keys=KEYS.verifiers, roster=ROSTER.digest)
    since = (tmp_path / "checkpoint").read_bytes()
    source = FolderSource(tmp_path)
    report = verify(source, trust, since=since)
    assert "read_from" not in report.facts
    assert report.facts["first_roster"] == ROSTER.digest
    report = verify(source, trust, since=report.kept)
    assert report.facts["read_from"] == 256
    assert report.facts["first_roster"] == ROSTER.digest


def test_a_basis_of_before_is_known(tmp_path: Path) -> None:
    """Later leaves that name what nobody activated are read with all before them."""
    leaves = [law(number) for number in range(599)]
    write_tree(tmp_path / "old", leaves[:300])
    write_tree(tmp_path / "new", [*leaves, leaf(policy="a" * 64)])
    since = (tmp_path / "old" / "checkpoint").read_bytes()
    report = check(tmp_path / "new", since=since, leaves=True)
    assert (Kind.LEAF_INVALID, 599) in found(report)
    assert any("entry 599 names was activated" in each for each in report.notices)


def test_the_commands_options_for_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """--keep writes what --since reads; of a store only later records are read.

    Where it can't write, the report is said nevertheless, and not as if all were well.
    """
    filled(tmp_path / "store", 300)
    KEYS.write(tmp_path / "keys")
    log = [
        "verify",
        str(tmp_path / "store"),
        "--vkey",
        str(tmp_path / "keys/log.vkeys"),
    ]
    log += ["--allow-unwitnessed", "--json"]
    file = tmp_path / "kept.json"
    assert main([*log, "--keep", str(file)]) == 0
    assert json.loads(capsys.readouterr().out)["sealed_records"] == 300
    assert main([*log, "--since", str(file), "--keep", str(file)]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["read_from"], said["sealed_records"]) == (256, 44)
    file.unlink()
    assert main([*log, "--keep", str(tmp_path / "nowhere" / "kept")]) == 2
    said = json.loads(capsys.readouterr().out)
    assert said["sealed_records"] == 300
    assert said["cannot_tell"][0].startswith("kept could not be written: No such")
    (tmp_path / "store/live/checkpoint").write_bytes(b"")
    assert main([*log, "--keep", str(file)]) == 1
    assert not file.exists()


GOOD = {
    "schema": "sallyport.kept/1",
    "checkpoint": "x",
    "leaves": {"acts": [], "bases": [], "last_hour": "", "schemas": []},
}


@pytest.mark.parametrize(
    "data",
    [
        b"{",
        b'{"schema":"other"}',
        json.dumps({**GOOD, "more": 1}).encode(),
        json.dumps({**GOOD, "checkpoint": 1}).encode(),
        json.dumps({**GOOD, "leaves": []}).encode(),
        json.dumps({**GOOD, "leaves": {}}).encode(),
        *(
            json.dumps({**GOOD, "leaves": {**leaves, **more}}).encode()
            for leaves in [GOOD["leaves"]]
            if isinstance(leaves, dict)
            for more in (
                {"acts": [[-1, "", 0, ""]]},
                {"bases": [[True, "", ""]]},
                {"schemas": [[0, 1]]},
                {"last_hour": None},
            )
        ),
    ],
)
def test_a_kept_file_that_does_not_read_is_doubt(copied: Path, data: bytes) -> None:
    """What a verifier kept is not the log's fault; everything is read."""
    report = check(copied, since=data)
    assert report.findings == []
    assert report.outcome() is Outcome.CANNOT_TELL
    assert "kept-" in report.doubts[0]


def test_a_kept_checkpoint_that_is_no_text_is_doubt(copied: Path) -> None:
    """Half a character can stand in JSON and in no checkpoint."""
    data = json.dumps({**GOOD, "checkpoint": "\ud800"}).encode()
    assert check(copied, since=data).doubts == [
        "the earlier checkpoint: note-utf8 (it is no text in UTF-8)"
    ]


def test_a_kept_file_has_a_limit(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is larger than any that was written is not read."""
    monkeypatch.setattr(kept, "_MOST_BYTES", 10)
    report = check(copied, since=json.dumps(GOOD).encode())
    assert "kept-too-long" in report.doubts[0]
