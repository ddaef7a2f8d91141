"""What an auditor's key opens, and what it refuses."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from audit import CannotTell, LogDamaged, Malformed, ProofInvalid
from audit.encoding import decode, encode
from audit.folder import Folder
from audit.keep import FolderKeep
from audit.opening import Opened, _disclosed, open_entry
from audit.stored import records_of, sealed_record, stored_leaves
from tests.audit.builders import AUDITOR, ORIGIN, START_MS, entry, filled, opening


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """Return a store with one full bundle of sealed records and a tail."""
    root = tmp_path_factory.mktemp("store") / "s"
    filled(root, 6000, checkpoint_interval_s=60)
    return Folder(root=root)


def opened(folder: Folder, index: int, leaf: bytes | None = None) -> Opened:
    """Open one entry."""
    if leaf is None:
        leaf = next(data for _, data in stored_leaves(folder, index, index + 1))
    return open_entry(FolderKeep(folder), leaf, index=index, origin=ORIGIN, key=AUDITOR)


@pytest.mark.parametrize("index", [0, 255, 256, 5990])
def test_every_entry_opens(store: Folder, index: int) -> None:
    """From the full files and from the tail: names, values, exact time."""
    found = opened(store, index)
    who = found.parts["who"]

    assert who is not None
    assert (who["person"], who["at_ms"]) == ("Jane Doe", START_MS)
    assert found.parts["account"] == {"purpose": "criminal_justice"}
    assert found.decoys == 24 - 5


def test_what_is_not_there_is_said(store: Folder) -> None:
    """Beyond the log, and a lost file."""
    with pytest.raises(LogDamaged):
        sealed_record(store, 6000)


def test_an_altered_leaf_or_record_is_refused(store: Folder) -> None:
    """The digest, then the commitments, must be the leaf's."""
    leaf = next(data for _, data in stored_leaves(store, 3, 4))
    members = decode(leaf)
    with pytest.raises(Malformed, match="leaf: not JSON"):
        opened(store, 3, b"x")
    side = ["0" * 64, *members["side"][1:]]
    with pytest.raises(ProofInvalid, match="part who is not the one"):
        opened(store, 3, encode({**members, "side": side}))
    with pytest.raises(ProofInvalid, match="not what the leaf is committed to"):
        opened(store, 3, encode({**members, "_sd": ["0" * 64] * 24}))


def test_an_absent_part_is_none(tmp_path: Path) -> None:
    """Start and stop have nobody to account to."""

    async def run() -> None:
        async with opening(tmp_path, create=True) as log:
            await log.append(entry(sealed={"who": {"a": 1}}))

    asyncio.run(run())
    found = opened(Folder(root=tmp_path), 0)
    assert found.parts == {
        "who": {"a": 1, "at_ms": START_MS},
        "replay": None,
        "account": None,
    }
    assert found.missing == ("replay", "account")


def test_erased_keys_are_said(tmp_path: Path) -> None:
    """Without the epoch's keys nobody opens it any more."""
    filled(tmp_path, 1)
    for path in (tmp_path / "epochs").iterdir():
        path.unlink()
    with pytest.raises(CannotTell, match="erased or lost"):
        opened(Folder(root=tmp_path), 0)


def test_records_that_do_not_read_are_named() -> None:
    """A file of records cut inside one."""
    assert records_of(b"\x00\x00\x00\x01a") == [b"a"]
    with pytest.raises(Malformed, match="records-length"):
        records_of(b"\x00\x00\x00\x02a")


@pytest.mark.parametrize(
    "plain", [b"x", b"1", b"[1]", b'[["zz","a",1]]', b'[["00","a",1]]', b'[["00"]]']
)
def test_a_part_that_is_none_is_refused(plain: bytes) -> None:
    """What opens must also be a list of salt, name and value."""
    with pytest.raises(Malformed, match="sealed-part: who"):
        _disclosed("who", plain, set())
