"""What a store keeps beside its tree: altered, missing, and what still opens."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from audit import CannotTell
from audit.cli import main
from audit.finding import Kind
from audit.folder import Folder
from audit.keyfiles import write_secret
from audit.report import Outcome
from audit.sealing import SUITE, _suite, epoch_fault
from audit.stored import records_of
from tests.audit.besides import check, flip, replaced
from tests.audit.builders import (
    AUDITOR,
    KEYS,
    act_note,
    entry,
    filled,
    opening,
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store of 300 entries, one full file of sealed records and a tail."""
    store = tmp_path_factory.mktemp("made") / "store"
    filled(store, 300)
    return store


@pytest.fixture
def store(made: Path, tmp_path: Path) -> Folder:
    """Return a copy of it."""
    shutil.copytree(made, tmp_path / "store")
    for path in (tmp_path / "store").rglob("*"):
        if path.is_file():
            path.chmod(0o644)
    return Folder(root=tmp_path / "store")


def test_an_untouched_store_holds(store: Folder) -> None:
    """Every sealed record is counted."""
    report = check(store)

    assert report.outcome() is Outcome.UNWITNESSED
    assert report.facts["sealed_records"] == 300


def test_every_altered_sealed_part_is_named(store: Folder) -> None:
    """In the full file: the entry whose digest or whose form no longer holds."""
    path = store.sealed(0)
    records = records_of(path.read_bytes())
    whole = path.read_bytes()
    at = sum(4 + len(each) for each in records[:7])
    for offset, reason in ((4 + 40, "part who is not what"), (4, "does not read")):
        flip(path, at + offset)
        (found,) = check(store).findings
        assert (found.where, found.index) == ("sealed/entries/000", 7)
        assert reason in found.reason
        path.write_bytes(whole)
    path.write_bytes(whole[: at + 50])
    report = check(store)
    assert [each.index for each in report.findings] == [7]
    assert report.doubts[0] == "no sealed record of entries 8-255"


def test_a_store_without_its_sealed_side_cannot_tell(store: Folder) -> None:
    """Exit 2 says which entries, and which keys, are gone."""
    for path in store.epochs.iterdir():
        path.unlink()
    store.sealed(0).unlink()
    shutil.rmtree(store.wal)
    report = check(store)
    assert report.outcome() is Outcome.CANNOT_TELL
    assert report.doubts == ["wal: missing", "no sealed record of entries 0-299"]


def test_the_epochs_keys_must_be_there(store: Folder) -> None:
    """A missing document is exit 2, an altered one exit 1."""
    (path,) = store.epochs.iterdir()
    data = path.read_bytes()
    path.write_bytes(data.replace(b'"board":"', b'"board":"AAAA'))
    (found,) = check(store).findings
    assert (
        found.text
        == f"epochs/{path.name}, entry 0: holds no copy, or one of a wrong length"
    )
    path.unlink()
    (doubt,) = check(store).doubts
    assert doubt == f"epochs/{path.name}: missing; nobody can open entries 0-299"


def test_an_epochs_document_is_read_strictly(store: Folder) -> None:
    """Another log's, another epoch's, or none at all."""
    (path,) = store.epochs.iterdir()
    data, epoch = path.read_bytes(), bytes.fromhex(path.stem)
    assert epoch_fault(data, origin=KEYS.origin, epoch=epoch) == ""
    assert "another" in epoch_fault(data, origin="other", epoch=epoch)
    assert "another" in epoch_fault(data, origin=KEYS.origin, epoch=bytes(16))
    for bad in (b"", b"[]", b"{}", data.replace(b'"board":"', b'"board":"!')):
        assert epoch_fault(bad, origin=KEYS.origin, epoch=epoch) == "does not read"
    empty = {**json.loads(data), "parts": {"who": {}, "replay": {}, "account": {}}}
    assert "no copy" in epoch_fault(
        json.dumps(empty).encode(), origin=KEYS.origin, epoch=epoch
    )
    assert SUITE in data.decode()


def test_parts_that_were_erased_are_told(tmp_path: Path) -> None:
    """Exchanges without a part are listed; acts have no such part."""
    act, note = act_note()

    async def run() -> None:
        async with opening(tmp_path, create=True) as log:
            files = {f"acts/{act}": note}
            genesis = entry(act=act, decision="genesis", attachments=files)
            await log.append(replace(genesis, sealed={}))
            for number in range(5):
                sealed = {"replay": {"a": 1}, "account": {"b": 1}}
                if number in {1, 3, 4}:
                    del sealed["account"]
                await log.append(entry(sealed=sealed, ev="exchange"))

    asyncio.run(run())
    report = check(Folder(root=tmp_path))
    assert report.doubts == ["part account: absent or erased in 2, 4-5"]


def test_pipes_in_a_store_are_named_and_not_waited_for(store: Folder) -> None:
    """A segment, sealed records, an epoch's keys: each is a doubt, none a finding."""
    [epoch, *_] = store.epochs.iterdir()
    for path in (store.wal / "9", store.sealed(0), epoch):
        replaced(path)
    (store.wal / "7").mkdir()
    report = check(store)

    assert report.findings == []
    for name in ("wal/9", "sealed/entries/000", f"epochs/{epoch.name}"):
        assert f"{name}: not a regular file" in report.doubts
    assert "wal/7: Is a directory" in report.doubts


# --- the command --------------------------------------------------------------------


def test_the_command_checks_a_store_and_says_where_it_could_not(
    store: Folder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A public tree has no sealed records: that is said."""
    KEYS.write(tmp_path / "keys")
    keys = ["--vkey", str(tmp_path / "keys" / "log.vkeys"), "--json"]
    assert main(["verify", str(store.root), *keys]) == 3
    assert json.loads(capsys.readouterr().out)["sealed_records"] == 300
    for where in ([str(store.live)], [str(store.root), "--tree-only"]):
        assert main(["verify", *where, *keys]) == 3
        notices = json.loads(capsys.readouterr().out)["notices"]
        assert "the sealed records were not checked" in notices
    flip(store.sealed(0), 60)
    assert main(["verify", str(store.root), *keys]) == 1
    flip(store.live / "tile" / "0" / "000", 60)
    assert main(["verify", str(store.root), *keys]) == 1


def test_a_library_without_hpke_is_named(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who only verifies needs no HPKE; who opens is told what is missing."""
    KEYS.write(tmp_path / "keys")
    write_secret(tmp_path / "auditor.key", AUDITOR.secret_text + "\n")
    keys = ["--vkey", str(tmp_path / "keys" / "log.vkeys")]
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.hpke", None)
    _suite.cache_clear()
    try:
        assert main(["verify", str(made), *keys]) == 3
        auditor = ["--key", str(tmp_path / "auditor.key")]
        assert main(["open", str(made), "--index", "1", *auditor, *keys]) == 2
        with pytest.raises(CannotTell, match="newer cryptography"):
            _suite()
    finally:
        _suite.cache_clear()


def test_a_record_of_another_entry_is_named(store: Folder) -> None:
    """Each of two exchanged says whose it is; one of nobody is changed."""
    path = store.sealed(0)
    records = records_of(path.read_bytes())
    records[1], records[2] = records[2], records[1]
    stranger = bytearray(records[7])
    stranger[-1] ^= 1
    records[7] = bytes(stranger)
    path.write_bytes(b"".join(len(each).to_bytes(4, "big") + each for each in records))
    findings = check(store).findings
    assert {each.index for each in findings} == {1, 2, 7}
    by_index = {each.index: each for each in findings}
    assert by_index[1].kind is by_index[2].kind is Kind.SIDECAR_SWAPPED
    assert "is not its own but that of entry 2" in by_index[1].reason
    assert by_index[7].kind is Kind.SIDECAR_CHANGED
