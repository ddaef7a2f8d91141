"""The page with exports that were altered: what was done to them is said."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from audit.cli import main
from tests.audit.page.opened import MARKS, Reader, altered, files

pytestmark = MARKS


CHANGES: list[tuple[str, str, bytes, bytes, str]] = [
    ("whole", "entries.jsonl", b'"refused"', b'"revised"', "do not give the root"),
    (
        "whole",
        "entries.jsonl",
        b'{"index":6',
        b'{"index":7',
        "7 stands where entry 6 should",
    ),
    ("whole", "entries.jsonl", b'{"index":0', b'{"index":1', "where entry 0 should"),
    ("chosen", "entries.jsonl", b'{"index":5', b'{"index":2', "stands after entry 2"),
    ("whole", "entries.jsonl", b'{"index":6,', b'{"index":6 ,', "line 7: does not"),
    ("whole", "checkpoint", b"\n7\n", b"\n6\n", "does not hold"),
    ("whole", "checkpoint", b"\n\xe2\x80\x94 ", b"\n\xe2\x80\x94", "does not read"),
    ("whole", "export.json", b'"exported": 7', b'"exported": 8', "export.json"),
    ("whole", "export.json", b'"entries": 7', b'"entries": 8', "export.json"),
    ("whole", "export.json", b"county", b"town", "export.json"),
    (
        "whole",
        "export.json",
        b'"exported": 7',
        b'"exported": 1,\n "exported": 7',
        "form",
    ),
    (
        "whole",
        "export.json",
        b'"asked": null',
        b'"asked": {}',
        "has no proof; export.json",
    ),
    ("whole", "export.json", b"{", b"[", "form"),
    ("chosen", "export.json", b'"refused"', b'"released"', "not what was asked for"),
    ("chosen", "entries.jsonl", b'"refused"', b'"revised"', "does not lead to"),
    ("chosen", "entries.jsonl", b'"proof":["', b'"proof":["A', "not base64"),
]


@pytest.mark.parametrize(("which", "name", "old", "new", "reason"), CHANGES)
def test_what_was_altered_is_tampering(
    reader: Reader,
    place: Path,
    tmp_path: Path,
    *,
    which: str,
    name: str,
    old: bytes,
    new: bytes,
    reason: str,
) -> None:
    """An entry, its index, its form, the checkpoint, a path."""
    copy = altered(place / which, tmp_path / "copy", name, old, new)
    word, said = reader.verdict(*files(copy))
    assert (word, reason in said) == ("tampered", True), said


def test_paths_that_share_nodes_are_each_followed(
    reader: Reader, place: Path, tmp_path: Path
) -> None:
    """Neighbours hold together; a hash altered behind their shared node is found."""
    export, keys = tmp_path / "all", str(place / "log.vkeys")
    options = ["--vkey", keys, "--allow-unwitnessed", "--event", "exchange"]
    assert main(["export", str(place / "store"), str(export), *options]) == 0
    assert reader.verdict(*files(export))[0] == "holds"
    path = export / "entries.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    head, comma, last = lines[1].rpartition(b',"')
    lines[1] = head + comma + (b"B" if last.startswith(b"A") else b"A") + last[1:]
    path.write_bytes(b"".join(lines))
    word, said = reader.verdict(*files(export))
    assert (word, "the path of entry 1 does not lead" in said) == ("tampered", True)


def test_an_entry_whose_proof_is_gone_is_named(
    reader: Reader, place: Path, tmp_path: Path
) -> None:
    """It is not told as one out of its order, as in a whole log."""
    copy = Path(shutil.copytree(place / "chosen", tmp_path / "copy"))
    path = copy / "entries.jsonl"
    first, *rest = path.read_bytes().splitlines(keepends=True)
    bare = first[: first.rindex(b',"proof":')] + b"}\n"
    for lines in ([bare, *rest], [first, bare]):
        path.write_bytes(b"".join(lines))
        word, said = reader.verdict(*files(copy))
        assert (word, "entry 2 has no proof; export.json" in said) == ("tampered", True)


ASKED = [b"{}", b"[]", b'""', b"0", b'{\n  "to": ""\n }', b'{\n  "db": []\n }']


@pytest.mark.parametrize("asked", ASKED)
def test_an_export_that_asked_for_nothing_is_altered(
    reader: Reader, place: Path, tmp_path: Path, asked: bytes
) -> None:
    """Chosen entries were asked for by something, as verify has it."""
    copy = Path(shutil.copytree(place / "chosen", tmp_path / "copy"))
    about = copy / "export.json"
    head, name, _ = about.read_bytes().partition(b'"asked": ')
    about.write_bytes(head + name + asked + b"\n}\n")
    assert reader.verdict(*files(copy))[0] == "tampered"
    options = ["--vkey", str(reader.keys), "--allow-unwitnessed"]
    assert main(["verify", str(copy), *options]) == 1


def test_an_entry_removed_is_tampering(
    reader: Reader, place: Path, tmp_path: Path
) -> None:
    """Fewer entries than were signed."""
    copy = Path(shutil.copytree(place / "whole", tmp_path / "copy"))
    path = copy / "entries.jsonl"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))
    word, said = reader.verdict(*files(copy))
    assert (word, "6 entries are here, 7 were signed" in said) == ("tampered", True)
