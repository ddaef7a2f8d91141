"""An export of chosen entries, given to the commands that look into a log."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from audit.batch import receipts_of
from audit.chosen import NO_TREE
from audit.cli import main
from audit.errors import SourceUnreadable
from audit.merkle import leaf_hash
from audit.sources import open_source
from audit.tiles import Tile
from tests.audit.builders import (
    GENESIS,
    KEYS,
    ORIGIN,
    leaf,
    write_act,
    write_tree,
)

REFUSED = 3


@pytest.fixture
def chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an export of the one refusal in a log of five, and work beside it."""
    monkeypatch.chdir(tmp_path)
    log = tmp_path / "log"
    leaves = [leaf(**write_act(log, GENESIS)), *(leaf() for _ in range(4))]
    leaves[REFUSED] = leaf(decision="refused")
    write_tree(log, leaves)
    Path("log.vkeys").write_text("".join(f"{key.text}\n" for key in KEYS.verifiers))
    assert run("export", "log", "chosen", "--decision", "refused") == 0
    return tmp_path / "chosen"


def run(*words: str) -> int:
    """Return what a command ends with."""
    return main([*words, "--vkey", "log.vkeys", "--allow-unwitnessed"])


def receipt(index: int, data: bytes) -> str:
    """Write a receipt that promises an entry; return its file's name."""
    [made] = receipts_of(
        index, 0, (leaf_hash(data),), origin=ORIGIN, signer=KEYS.receipt
    )
    path = Path(f"receipt-{index}.json")
    path.write_text(json.dumps(made.to_json()))
    return path.name


@pytest.mark.usefixtures("chosen")
def test_an_entry_in_it_is_shown_and_proved(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Its line has all that is needed, and the proof holds without the export."""
    assert run("show", "chosen", "--index", str(REFUSED)) == 0
    assert json.loads(capsys.readouterr().out)["decision"] == "refused"
    assert run("prove", "chosen", "--index", str(REFUSED), "--leaf", "leaf") == 0
    Path("proof").write_text(capsys.readouterr().out)
    assert run("verify-proof", "proof", "--leaf", "leaf") == 0


@pytest.mark.usefixtures("chosen")
@pytest.mark.parametrize(
    "words",
    [
        ("counts", "chosen"),
        ("show", "chosen", "--entries"),
        ("export", "chosen", "again"),
        ("monitor", "chosen", "--kept", "kept"),
    ],
)
def test_what_needs_the_tree_can_not_be_told(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """An honest export is no altered log: that it has no tree is said, and no more."""
    assert run(*words) == 2
    said = "".join(capsys.readouterr())
    assert f"CANNOT TELL  {NO_TREE}" in said
    assert "TAMPERED" not in said


@pytest.mark.usefixtures("chosen")
def test_an_entry_that_is_not_in_it(capsys: pytest.CaptureFixture[str]) -> None:
    """Others were not asked for, which says nothing about them."""
    assert run("show", "chosen", "--index", "2") == 2
    assert run("prove", "chosen", "--index", "2") == 2
    assert run("check-receipt", receipt(2, leaf()), "chosen") == 2
    said = "entry 2 is not among the exported ones"
    assert "".join(capsys.readouterr()).count(said) == 3


@pytest.mark.usefixtures("chosen")
def test_a_promise_is_compared_with_its_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Kept, or broken with evidence that holds without the export."""
    kept = receipt(REFUSED, leaf(decision="refused"))
    assert run("check-receipt", kept, "chosen") == 0
    assert "the promise was kept" in capsys.readouterr().out
    assert run("check-receipt", receipt(REFUSED, b"another"), "chosen") == 1
    assert run("verify-evidence", f"receipt-{REFUSED}.evidence.json") == 1


def test_a_line_that_was_altered_is_shown_to_nobody(
    chosen: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither as an entry nor as a promise that was kept or broken."""
    lines = chosen / "entries.jsonl"
    kept = receipt(REFUSED, leaf(decision="refused"))
    for data in (
        lines.read_bytes().replace(b'"refused"', b'"revised"'),
        lines.read_bytes().replace(b'"leaf":{', b'"leaf": {'),
    ):
        lines.write_bytes(data)
        capsys.readouterr()
        assert run("show", "chosen", "--index", str(REFUSED)) == 1
        assert run("check-receipt", kept, "chosen") == 1
        output = capsys.readouterr().out
        assert "entries.jsonl, entry 3: leaf changed: what lies here does" in output


def test_its_source_has_files_and_no_tile(chosen: Path) -> None:
    """Whichever way somebody asks for one."""
    source = open_source(str(chosen))
    assert [*source.tiles()] == []
    assert "entries.jsonl" in source.files()
    tile = Tile(level=0, index=0, width=3)
    with pytest.raises(SourceUnreadable, match="has no tree"):
        source.read(tile.path)
    with pytest.raises(SourceUnreadable, match="has no tree"):
        source.wider(tile)


def test_lines_that_are_gone(chosen: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody can tell what they were."""
    (chosen / "entries.jsonl").unlink()
    assert run("show", "chosen", "--index", str(REFUSED)) == 2
    assert "entries.jsonl: No such file" in capsys.readouterr().err
