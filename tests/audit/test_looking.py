"""Looking into a log: chosen entries, and counts that anybody can make again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from audit.cli import main
from audit.errors import ProofInvalid
from audit.proven import Proven
from audit.reading import FolderSource
from audit.table import table
from tests.audit.builders import KEYS, leaf, write_tree

COUNT = 300
OPAQUE = 299
"""The index of an entry that is no JSON."""


def entry(number: int) -> bytes:
    """Return one of a year's leaves."""
    if number == OPAQUE:
        return b"\x00no JSON"
    return leaf(
        t=f"2026-{1 + number // 100:02d}-{1 + number % 28:02d}T{number % 24:02d}Z",
        agency=("ice", "sheriff")[number % 2],
        db=("jail", "dmv", "")[number % 3],
        decision=("released", "refused")[number % 5 == 0],
        rules=["us-ca-7284.6", f"us-il-{number % 4}"] if number % 2 else [],
        n=(1, 10)[number % 10 == 0],
    )


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Return a log of 300 entries over three months, and the option with its keys."""
    folder = tmp_path_factory.mktemp("looking")
    write_tree(folder / "log", [entry(number) for number in range(COUNT)])
    (folder / "log.vkeys").write_text(KEYS.log.verifier.text + "\n")
    return [str(folder / "log"), "--vkey", str(folder / "log.vkeys"), "-j", "1"]


def indices(
    capsys: pytest.CaptureFixture[str], log: list[str], *options: str
) -> list[int]:
    """Return the indices of the entries that are shown."""
    assert main(["show", *log, "--json", *options]) == 0
    return [json.loads(line)["index"] for line in capsys.readouterr().out.splitlines()]


def test_filters_choose_by_time_and_words(
    log: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """All filters must hold; a word given twice means either; times are inclusive."""
    whole = [number for number in range(COUNT) if number != OPAQUE]
    assert indices(capsys, log, "--entries") == list(range(COUNT))
    assert indices(capsys, log, "--agency", "ice") == whole[::2]
    assert indices(capsys, log, "--from", "2026-02", "--to", "2026-02") == [
        *range(100, 200)
    ]
    assert indices(capsys, log, "--to", "2026-01-02T01Z", "--from", "2026-01-02") == [1]
    either = ("--dataset", "dmv", "--dataset", "jail", "--decision", "refused")
    assert indices(capsys, log, *either) == [
        number for number in whole if number % 3 != 2 and number % 5 == 0
    ]
    assert indices(capsys, log, "--rule", "us-il-3", "--event", "exchange") == [
        number for number in whole if number % 4 == 3
    ]
    assert indices(capsys, log, "--event", "start") == []


def test_entries_as_a_table_and_as_bytes(
    log: list[str], capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """A row for each, also for one that is no JSON; or what is stored, a line each."""
    assert main(["show", *log, "--entries"]) == 0
    lines = capsysbinary.readouterr().out.decode().splitlines()
    assert lines[0].split() == [
        *("index", "t", "ev", "db", "agency", "class", "decision", "n", "rules"),
    ]
    assert lines[2].split() == [
        *("1", "2026-01-02T01Z", "exchange", "dmv", "sheriff", "released", "1"),
        "us-ca-7284.6,us-il-1",
    ]
    assert lines[-1].split() == ["299", "(no", "JSON)"]
    assert len(lines) == 1 + COUNT
    assert main(["show", *log, "--raw", "--to", "2026-01-01T00Z"]) == 0
    assert capsysbinary.readouterr().out == entry(0) + b"\n"


def test_what_shows_an_entry_takes_no_filter(
    log: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Wrong usage, each with its sentence; without a key nothing is shown."""
    assert main(["show", *log, "--index", "1", "--agency", "ice"]) == 2
    assert "either --index or a filter" in capsys.readouterr().err
    assert main(["show", *log, "--from", "yesterday"]) == 2
    assert "2026-11-23T09Z" in capsys.readouterr().err
    wrong = ["--from", "20261127", "--decision", "foo", "--event", "bar"]
    assert main(["show", *log, *wrong]) == 2
    lines = capsys.readouterr().err.splitlines()
    options = ("--from", "--event", "--decision")
    assert [line.split()[2].rstrip(":") for line in lines] == [*options]
    for time in ("2026-13", "2026-02-31", "2026-01-01T24Z", "0000"):
        assert main(["show", *log, "--from", time]) == 2
        assert f"no calendar has {time}" in capsys.readouterr().err
    assert main(["counts", *log, "--by", "agency", "--by", "agency"]) == 2
    assert "--by names the same thing twice" in capsys.readouterr().err
    assert main(["show", log[0], "--entries"]) == 2
    assert main(["counts", log[0]]) == 2
    assert "nobody knows who signed" in capsys.readouterr().out


def test_an_altered_entry_is_not_shown_and_not_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 1 names the bundle."""
    write_tree(tmp_path / "log", [entry(number) for number in range(9)])
    keys = tmp_path / "log.vkeys"
    keys.write_text(KEYS.log.verifier.text + "\n")
    path = tmp_path / "log" / "tile/entries/000.p/9"
    path.write_bytes(path.read_bytes().replace(b"sheriff", b"shERIFF", 1))
    for command in (["show", "--entries"], ["counts"]):
        assert main([*command, str(tmp_path / "log"), "--vkey", str(keys)]) == 1
        assert "tile/entries/000.p/9" in capsys.readouterr().err


def test_counts_by_default_and_by_choice(
    log: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """As JSON with what was asked; what several rules bear on counts for each."""
    by = ("--by", "month", "--by", "decision", "--json")
    assert main(["counts", *log, *by, "--agency", "sheriff"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["asked"] == {"agency": ["sheriff"]}
    assert said["counts"][0] == {
        "month": "2026-01",
        "decision": "refused",
        "entries": 10,
        "records_at_most": 10,
    }
    assert sum(each["entries"] for each in said["counts"]) == 149
    assert said["no_json"] == 0
    where = ("--rule", "us-ca-7284.6", "--from", "2026-02", "--to", "2026")
    assert main(["counts", *log, "--by", "rule", "--by", "day", *where, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["asked"] == {
        "rules": ["us-ca-7284.6"],
        "from": "2026-02",
        "to": "2026",
    }
    rules = [each["rule"] for each in said["counts"]]
    assert {*rules} == {"us-ca-7284.6", "us-il-1", "us-il-3"}


def test_counts_as_a_table(log: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Entries of each group, and how many were no JSON."""
    assert main(["counts", *log]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == [
        *("month", "event", "dataset", "agency", "decision"),
        *("entries", "records_at_most"),
    ]
    assert lines[-1] == "1 entries are no JSON of a leaf"
    jobs = log[:-1]
    assert main(["counts", *jobs, "2", "--from", "2026", "--by", "rule"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "rule          entries  records_at_most",
        "              150      420",
        "us-ca-7284.6  149      149",
        "us-il-1       75       75",
        "us-il-3       74       74",
    ]


def test_a_leaf_may_hold_anything(tmp_path: Path) -> None:
    """Words of another type are chosen by nobody and counted as they are."""
    leaves = [
        leaf(t=5, rules="x", n="many"),
        leaf(t="2026", rules={"a": 1}, n=1, db=None),
    ]
    write_tree(tmp_path / "log", leaves)
    (tmp_path / "k").write_text(KEYS.log.verifier.text + "\n")
    where = [str(tmp_path / "log"), "--vkey", str(tmp_path / "k")]
    for option in (["--from", "2027"], ["--rule", "a"]):
        assert main(["counts", *where, *option]) == 0
    assert main(["counts", *where, "--by", "rule", "--by", "month"]) == 0


def test_a_table_writes_commands_to_a_terminal_out() -> None:
    """An operator's words can't move the cursor of who reads them."""
    rows = [["1", "\x1b[2Jred"], *([["2", "x"]] * 600), ["3", "y" * 40]]
    lines = [*table(("index", "word"), rows)]
    assert lines[1] == "1      '\\x1b[2Jred'"
    assert lines[-1] == f"3      {'y' * 40}"


def test_one_entry_that_is_no_json_is_said_to_be_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What can't be shown is named; half a character is written as JSON names it."""
    leaves = [b"\x00", b"[" * 60_000, leaf(db="\ud800"), b'"\x7f"']
    write_tree(tmp_path / "log", leaves)
    (tmp_path / "k").write_text(KEYS.log.verifier.text + "\n")
    where = [str(tmp_path / "log"), "--vkey", str(tmp_path / "k")]
    for index in (0, 1):
        assert main(["show", *where, "--index", str(index)]) == 2
        said = f"entry {index} is no JSON: --raw writes its bytes"
        assert f"CANNOT TELL  {said}\n" in capsys.readouterr().err
    for index, said in ((2, r"\ud800"), (3, r"\u007f")):
        assert main(["show", *where, "--index", str(index)]) == 0
        assert said in capsys.readouterr().out


def test_only_signed_bundles_are_given_out(tmp_path: Path) -> None:
    """A bundle that is cut, and one that another tile belongs to."""
    checkpoint = write_tree(tmp_path, [entry(number) for number in range(257)])
    proven = Proven.of(
        FolderSource(tmp_path), size=checkpoint.size, root=checkpoint.root
    )
    assert [len(proven.bundle(number)) for number in (0, 1)] == [256, 1]
    (tmp_path / "tile/entries/000").write_bytes(b"")
    with pytest.raises(ProofInvalid, match="tile/entries/000: not the entries"):
        proven.bundle(0)


def test_what_is_shown_is_json_where_that_is_asked_for(
    log: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """The checkpoint, a proof; counts of nothing say so; bytes as they are, never."""
    note = (Path(log[0]) / "checkpoint").read_text()
    assert main(["show", *log, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["entries"], said["checkpoint"]) == (COUNT, note)
    prove = ["prove", *log[:3], "--index", "5"]
    assert main(prove) == 0
    text = capsys.readouterr().out
    assert main([*prove, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["index"], said["proof"]) == (5, text)
    assert main(["counts", *log, "--agency", "nobody", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["unmatched"].startswith("0 of 300 entries match")
    assert main(["show", *log, "--entries", "--raw", "--json"]) == 2
    assert "either --raw or --json" in capsys.readouterr().err
