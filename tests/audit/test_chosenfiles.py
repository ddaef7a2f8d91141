"""The public files beside chosen entries, altered or taken away."""

from __future__ import annotations

import os
import shutil
from hashlib import sha256
from pathlib import Path

import pytest

from audit.cli import main
from tests.audit.builders import KEYS, filled, leaf
from tests.audit.exported import again, answer, pipe, verified
from tests.audit.published import activation, archive, tree, under
from tests.audit.rotated import NEW, add, change

ALL = ("genesis", "released", "activation", "refused")


def made(folder: Path, *decisions: str) -> Path:
    """Return an export of the entries with some decisions, of a log under rules."""
    log = folder / "log"
    activated = activation(log)
    plain = under(activated, decision="refused", act="")
    assert not tree(log, leaf(**activated), plain, under(activated, act="")).findings
    keys = folder / "log.vkeys"
    keys.write_text("".join(f"{key.text}\n" for key in KEYS.verifiers))
    words = ["--vkey", str(keys), "--allow-unwitnessed"]
    for each in decisions:
        words += ["--decision", each]
    assert main(["export", str(log), str(folder / "chosen"), *words]) == 0
    return folder / "chosen"


def public(export: Path, under_: str = "*") -> list[Path]:
    """Return the files that are named by a digest."""
    return sorted(each for each in export.glob(f"{under_}/*") if each.is_file())


def said(
    capsys: pytest.CaptureFixture[str], export: Path
) -> tuple[int, list[str], list[str]]:
    """Return the exit code, what was found, and what is noted of files."""
    report = answer(capsys, export)
    found = [
        f"{each['where'].partition('/')[0]}: {each['reason']}"
        for each in report["findings"]
    ]
    return report["exit"], found, report["notices"]


@pytest.mark.parametrize("decision", ["refused", "genesis"])
def test_a_flipped_byte_is_found_in_each_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], decision: str
) -> None:
    """Whether an exported entry names it or not, and with digests made anew."""
    export = made(tmp_path, decision)
    assert verified(export) == 0
    files = public(export)
    assert {each.parent.name for each in files} == {
        *("acts", "manifest", "policy", "schema")
    }
    for path in files:
        data = path.read_bytes()
        path.write_bytes(data[:9] + bytes([data[9] ^ 1]) + data[10:])
        again(export)
        _, found, _ = said(capsys, export)
        reason = "its bytes are not those that it is named after"
        assert found == [f"{path.parent.name}: {reason}"]
        path.write_bytes(data)
    again(export)
    assert verified(export) == 0


@pytest.mark.parametrize(
    ("decision", "folder", "missing"),
    [
        ("refused", "schema", 1),
        ("refused", "manifest", 1),
        ("refused", "policy", 1),
        ("refused", "acts", 0),
        ("genesis", "acts", 1),
        ("genesis", "policy", 0),
        ("activation", "policy", 1),
        ("activation", "manifest", 1),
    ],
)
def test_what_an_exported_entry_names_may_not_be_missing(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    *,
    decision: str,
    folder: str,
    missing: int,
) -> None:
    """Nor what the act in it brought; of what other entries name nobody can tell."""
    export = made(tmp_path, decision)
    shutil.rmtree(export / folder)
    again(export)
    code, found, _ = said(capsys, export)
    assert (code, len(found)) == (bool(missing), missing)
    assert all(each.endswith("missing") for each in found)


def test_rules_that_only_bear_their_own_digest_are_not_the_right_ones(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An entry names a revision: neither other rules nor garbage are of it."""
    export = made(tmp_path, "refused")
    [path] = public(export, "policy")
    path.unlink()
    for data in (archive(b"forged")[0], b"forged rules"):
        digest = sha256(data).hexdigest()
        (export / "policy" / f"{digest}.tar.gz").write_bytes(data)
    again(export)
    code, [found], _ = said(capsys, export)
    assert code == 1
    assert found.startswith("policy: the archive of its rules, of revision ")


def test_files_that_no_entry_here_names_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """They may be the log's, which only the whole of it shows."""
    *_, notices = said(capsys, made(tmp_path, *ALL))
    assert not any("lie files" in each for each in notices)
    shutil.rmtree(tmp_path / "chosen")
    export = made(tmp_path, "refused")
    (export / "policy" / "rules").write_text("forged")
    again(export)
    code, found, notices = said(capsys, export)
    assert (code, found) == (0, [])
    assert sum("lie files that none of them names (2)" in each for each in notices) == 1
    assert "policy/rules: no digest is its name" in " ".join(notices)


def test_files_that_can_not_be_read_or_listed_are_not_called_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is behind a link is compared if an entry names it."""
    export = made(tmp_path, "activation")
    pipe(public(export, "manifest")[0])
    (export / "schema").rename(tmp_path / "schema")
    (export / "schema").symlink_to(tmp_path / "schema")
    report = answer(capsys, export)
    assert (report["exit"], report["findings"]) == (2, [])
    assert "not a regular file" in report["cannot_tell"][0]
    [path] = public(tmp_path, "schema")
    path.write_text("forged")
    assert verified(export) == 1


def test_a_folder_that_can_not_be_listed_hides_no_line(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its files are looked for by name; which rules are there is left open."""
    export = made(tmp_path, "refused")
    listed = os.scandir

    def scandir(path: str) -> object:
        if path.endswith("/policy/"):
            raise PermissionError(13, "Permission denied")
        return listed(path)

    monkeypatch.setattr("os.scandir", scandir)
    report = answer(capsys, export)
    assert (report["exit"], report["findings"]) == (2, [])
    assert report["cannot_tell"] == ["policy/: Permission denied"]


def test_new_keys_that_an_exported_entry_announces_may_not_be_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What leads on from keys that the verifier has not is told, as of a whole log."""
    filled(tmp_path / "store", 3)
    change(tmp_path / "store")
    add(tmp_path / "store", NEW)
    for name, given in (("old", KEYS), ("log", NEW)):
        text = "".join(f"{key.text}\n" for key in given.verifiers)
        (tmp_path / f"{name}.vkeys").write_text(text)
    export = tmp_path / "chosen"
    words = ["--vkey", str(tmp_path / "old.vkeys"), "--allow-unwitnessed"]
    words += ["--decision", "key-rotation"]
    assert main(["export", str(tmp_path / "store" / "live"), str(export), *words]) == 0
    code, found, [*notices] = said(capsys, export)
    assert (code, found) == (0, [])
    assert (
        sum("leads on from a key that was not given" in each for each in notices) == 1
    )
    shutil.rmtree(export / "keys")
    again(export)
    assert said(capsys, export)[:2] == (1, ["keys: missing"])
