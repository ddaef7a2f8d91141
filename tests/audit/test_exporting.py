"""Exports of a log whose keys were changed, for who has older keys or newer ones."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from audit.batch import receipts_of
from audit.cli import main
from audit.errors import FileUnreadable
from audit.folder import Folder
from audit.merkle import leaf_hash
from audit.reading import FolderSource
from audit.rotation import handover_path
from audit.stored import stored_leaves
from tests.audit.builders import KEYS, ORIGIN, filled
from tests.audit.rotated import NEW, NEWER, add, change

ALL = (KEYS, NEW, NEWER)


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log whose keys were changed twice, and as it was just after the first."""
    folder = tmp_path_factory.mktemp("exporting")
    filled(folder / "store", 4)
    change(folder / "store")
    shutil.copytree(folder / "store" / "live", folder / "just")
    add(folder / "store", NEW)
    change(folder / "store", NEW, NEWER)
    add(folder / "store", NEWER)
    for number, each in enumerate(ALL):
        text = "".join(f"{key.text}\n" for key in each.verifiers)
        (folder / f"{number}.vkeys").write_text(text)
    return folder


@pytest.fixture(params=[(), ("--decision", "released")], ids=["whole", "chosen"])
def exported(
    twice: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> Callable[[int], Path]:
    """Return what exports the log with keys of a number."""

    def export(number: int, log: str = "store/live") -> Path:
        target = tmp_path / f"export-{number}"
        words = ["export", str(twice / log), str(target), *request.param]
        assert main([*words, *keys(twice, number)]) == 0
        return target

    return export


def keys(folder: Path, number: int) -> list[str]:
    """Return the options that name keys."""
    return ["--vkey", str(folder / f"{number}.vkeys"), "--allow-unwitnessed"]


@pytest.mark.parametrize("number", [0, 1, 2])
def test_an_export_holds_under_any_of_the_keys(
    twice: Path, exported: Callable[[int], Path], number: int
) -> None:
    """Whichever its exporter had: the handovers of the log are in it."""
    export = exported(number)
    log = twice / "store" / "live" / "handover"
    there = sorted(each.name for each in (export / "handover").iterdir())
    assert there == sorted(each.name for each in log.iterdir())
    for given in range(3):
        assert main(["verify", str(export), *keys(twice, given)]) == 0
    name = handover_path(KEYS.log.verifier)
    (export / name).write_bytes(b"forged")
    assert main(["verify", str(export), *keys(twice, 0)]) == 1


def test_the_keys_in_an_export_are_those_that_signed_it(
    twice: Path, exported: Callable[..., Path]
) -> None:
    """Also between a change of keys and the first entry under the new ones."""
    export = exported(0, "just")
    assert (export / "log.vkeys").read_text() == (twice / "0.vkeys").read_text()
    own = ["--vkey", str(export / "log.vkeys"), "--allow-unwitnessed"]
    assert main(["verify", str(export), *own]) == 0


def test_a_log_whose_files_can_not_be_listed_is_exported(
    exported: Callable[[int], Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What may be missing of it then is said."""

    def files(_: FolderSource) -> Iterator[str]:
        raise FileUnreadable("handover/: Permission denied")

    monkeypatch.setattr(FolderSource, "files", files)
    export = exported(2)
    assert not (export / "handover").exists()
    said = "older keys may not lead to the newer ones in this export: handover/: "
    assert said in capsys.readouterr().out


def test_what_is_no_log_is_not_exported(tmp_path: Path) -> None:
    """Nothing is written of it."""
    (tmp_path / "log").mkdir()
    assert main(["export", str(tmp_path / "log"), str(tmp_path / "export")]) == 2
    assert not (tmp_path / "export").exists()


def test_where_handovers_are_missing_newer_keys_are_asked_for(
    twice: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Old keys lead nowhere then, and a receipt can't be judged where no tree is."""
    export = tmp_path / "export"
    words = [str(twice / "store" / "live"), str(export), *keys(twice, 2)]
    assert main(["export", *words, "--decision", "key-rotation"]) == 0
    shutil.rmtree(export / "handover")
    (export / "SHA256SUMS").unlink()
    [(_, data)] = stored_leaves(Folder(root=twice / "store"), 1, 2)
    [receipt] = receipts_of(
        1, 0, (leaf_hash(data),), origin=ORIGIN, signer=KEYS.receipt
    )
    (tmp_path / "receipt").write_text(json.dumps(receipt.to_json()))
    capsys.readouterr()
    code = main(
        ["check-receipt", str(tmp_path / "receipt"), str(export), *keys(twice, 0)]
    )
    told = capsys.readouterr().out
    said = "give those from before too, or those that came after"
    assert code == 2
    assert said in told
    assert "whether it has is not seen: entry 11 is not among the exported ones" in told
    assert main(["verify", str(export), *keys(twice, 0)]) == 1
    assert said in capsys.readouterr().out
