"""A folder for somebody who has nothing else: written, verified, altered."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from audit.cli import main
from audit.exportfile import Line
from tests.audit.builders import (
    GENESIS,
    KEYS,
    leaf,
    write_act,
    write_tree,
)

COUNT = 300


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a log, its keys, an export of it, and one of 29 entries."""
    folder = tmp_path_factory.mktemp("export")
    log = folder / "log"
    leaves = [
        leaf(decision=("released", "refused")[number % 10 == 7])
        for number in range(COUNT)
    ]
    leaves[0] = leaf(**write_act(log, GENESIS))
    write_tree(log, leaves)
    (folder / "log.vkeys").write_text(
        "".join(f"{key.text}\n" for key in KEYS.verifiers)
    )
    export = ["export", str(log)]
    assert main([*export, str(folder / "whole"), *keys(folder)]) == 0
    chosen = [str(folder / "chosen"), *keys(folder), "--decision", "refused"]
    assert main([*export, *chosen, "-j", "1"]) == 0
    return folder


def keys(folder: Path) -> list[str]:
    """Return the options that say whom to trust."""
    return ["--vkey", str(folder / "log.vkeys"), "--allow-unwitnessed"]


@pytest.fixture(params=["whole", "chosen"])
def copy(place: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """Return a copy of an export."""
    return Path(shutil.copytree(place / request.param, tmp_path / "copy"))


def verified(
    export: Path, place: Path, capsys: pytest.CaptureFixture[str]
) -> tuple[int, list[str]]:
    """Return the exit code, and where something was found."""
    capsys.readouterr()
    code = main(["verify", str(export), *keys(place), "--json", "-j", "1"])
    report = json.loads(capsys.readouterr().out)
    return code, [f"{each['where']}: {each['reason']}" for each in report["findings"]]


def again(export: Path) -> None:
    """Write the digests again, as who alters an export would."""
    names = [each.relative_to(export).as_posix() for each in export.rglob("*")]
    lines = [
        f"{sha256((export / name).read_bytes()).hexdigest()}  {name}\n"
        for name in sorted(names)
        if not name.startswith(("tile", "SHA256")) and (export / name).is_file()
    ]
    (export / "SHA256SUMS").write_text("".join(lines))


def test_an_export_holds_and_says_how_to_verify_it(
    copy: Path, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The lines have the stored bytes, the files their digests, and it verifies."""
    assert verified(copy, place, capsys) == (0, [])
    lines = (copy / "entries.jsonl").read_bytes().splitlines(keepends=True)
    about = json.loads((copy / "export.json").read_bytes())
    assert about["exported"] == len(lines) == (30 if about["asked"] else COUNT)
    for line in lines:
        plain, entry = json.loads(line), Line.parse(line)
        assert entry.pack() == line
        assert json.loads(entry.data) == plain["leaf"]
    readme = (copy / "README.txt").read_text()
    assert f"signed over a log of {COUNT} entries" in readme
    assert about["root"] in readme
    assert "Its first field takes the key that you have from somewhere else" in readme
    assert ("fsck" in readme) is (about["asked"] is None)
    assert ("Successfully fsck'd log" in readme) is (about["asked"] is None)
    subprocess.run(
        ["/usr/bin/env", "sha256sum", "--strict", "-c", "SHA256SUMS"],
        cwd=copy,
        check=True,
        capture_output=True,
    )
    assert (copy / "verify.html").read_bytes().startswith(b"<!doctype html>")


def test_a_flipped_bit_anywhere_is_found(
    copy: Path, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In every file, at places drawn by a fixed seed; each is named."""
    draw = random.Random(6)  # noqa: S311 - nothing is kept secret here
    for path in sorted(each for each in copy.rglob("*") if each.is_file()):
        data = path.read_bytes()
        for _ in range(3):
            at, bit = draw.randrange(len(data)), 1 << draw.randrange(8)
            path.write_bytes(data[:at] + bytes([data[at] ^ bit]) + data[at + 1 :])
            code, found = verified(copy, place, capsys)
            assert (code, bool(found)) == (1, True), (path, at, bit)
        path.write_bytes(data)
    assert verified(copy, place, capsys) == (0, [])


def drop_line(export: Path) -> None:
    """Leave a line out."""
    path = export / "entries.jsonl"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))


def double_line(export: Path) -> None:
    """Write the last line twice."""
    path = export / "entries.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines, lines[-1]]))


def alter_line(export: Path) -> None:
    """Change a word of many entries; no more than twenty are told."""
    path = export / "entries.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"refused"', b'"revised"'))


def break_line(export: Path) -> None:
    """Make a line that is none."""
    path = export / "entries.jsonl"
    path.write_bytes(b"{}\n" + path.read_bytes())


def other_size(export: Path) -> None:
    """Say that it is of another log."""
    path = export / "export.json"
    path.write_bytes(path.read_bytes().replace(b"county", b"town"))


def other_about(export: Path) -> None:
    """Write what is not JSON."""
    (export / "export.json").write_bytes(b"[]")


def other_form(export: Path) -> None:
    """Write the same in another form."""
    path = export / "export.json"
    path.write_bytes(path.read_bytes() + b" ")


def remove_entries(export: Path) -> None:
    """Remove the lines."""
    (export / "entries.jsonl").unlink()


CHANGES: list[tuple[Callable[[Path], None], str, str]] = [
    (drop_line, "entries.jsonl: is not the entry", "export.json: is not of this"),
    (
        double_line,
        "entries.jsonl: has more lines",
        "entries.jsonl, line 31: stands after a later entry, or twice",
    ),
    (
        alter_line,
        "entries.jsonl: is not the entry of the tree",
        "entries.jsonl, line 1: the path of entry 7 does not lead to the root",
    ),
    (
        break_line,
        "entries.jsonl: is not the entry of the tree",
        "entries.jsonl, line 1: export-line",
    ),
    (other_size, "export.json: is not of this", "export.json: is not of this"),
    (other_about, "export.json: export-about", "export.json: export-about"),
    (other_form, "export.json: export-about", "export.json: export-about"),
]


@pytest.mark.parametrize(
    ("change", "whole", "chosen"), CHANGES, ids=[each[0].__name__ for each in CHANGES]
)
def test_an_export_altered_with_its_digests_is_found(
    copy: Path,
    place: Path,
    capsys: pytest.CaptureFixture[str],
    *,
    change: Callable[[Path], None],
    whole: str,
    chosen: str,
) -> None:
    """Digests only show damage: tree, paths and checkpoint show the rest."""
    wanted = whole if (copy / "tile").exists() else chosen
    change(copy)
    again(copy)
    code, found = verified(copy, place, capsys)
    assert code == 1
    assert found[0].startswith(wanted), found


def test_files_that_are_missing_or_more(
    copy: Path, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is missing is a finding, what nobody named a notice."""
    (copy / "notes.txt").write_text("mine")
    assert verified(copy, place, capsys) == (0, [])
    remove_entries(copy)
    code, found = verified(copy, place, capsys)
    assert (code, found[0]) == (1, "entries.jsonl: missing")
    (copy / "SHA256SUMS").write_text("nonsense")
    code, found = verified(copy, place, capsys)
    said = "it is not as sha256sum writes digests, sorted by name"
    assert (code, found[0]) == (1, f"SHA256SUMS: export-sums ({said})")
    (copy / "SHA256SUMS").unlink()
    (copy / "checkpoint").unlink()
    code, found = verified(copy, place, capsys)
    assert code == 2


def test_partial_tiles_of_an_export_are_cut_from_wider_ones(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As in any log: a bundle as it was earlier may be gone."""
    export = Path(shutil.copytree(place / "whole", tmp_path / "copy"))
    for name in ("tile/entries/001.p", "tile/0/001.p"):
        (export / name / "44").rename(export / name / "45")
    assert verified(export, place, capsys) == (0, [])


def test_what_does_not_hold_is_not_exported(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An altered log, one without a key, and a target that is there."""
    log = Path(shutil.copytree(place / "log", tmp_path / "log"))
    target = str(tmp_path / "export")
    assert main(["export", str(log), target]) == 2
    assert main(["export", str(log), str(tmp_path), *keys(place)]) == 2
    assert "exists already" in capsys.readouterr().err
    path = log / "tile/entries/000"
    path.write_bytes(path.read_bytes()[:-1])
    assert main(["export", str(log), target, *keys(place)]) == 1
    assert not Path(target).exists()


def test_of_an_export_that_fails_nothing_stays(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half an export is none, and the next try finds the place free."""

    def full(_: object) -> str:
        raise OSError(28, "No space left on device")

    where = [str(place / "log"), str(tmp_path / "new" / "export"), *keys(place)]
    with monkeypatch.context() as patched:
        patched.setattr("audit.export.readme", full)
        assert main(["export", *where]) == 2
    assert [*(tmp_path / "new").iterdir()] == []
    assert main(["export", *where]) == 0


def test_a_log_with_little_in_it_is_exported(
    tmp_path: Path, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One of 256 entries has no unfinished bundle; one that goes on has a wider one."""
    for size in (256, 290):
        log, export = tmp_path / f"log-{size}", tmp_path / f"export-{size}"
        write_tree(log, [leaf() for _ in range(size)])
        for path in [*log.glob("tile/*/001.p/34")]:
            path.rename(path.with_name("35"))
        assert main(["export", str(log), str(export), *keys(place)]) == 0
        assert verified(export, place, capsys) == (0, [])
        assert not (export / "tile/0/001.p/35").exists()
