"""What an auditor does, on a small log of its own."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from audit import AuditorKey, Entry, Log, LogKeys
from audit.checkpoint import cosignature_line
from audit.note import Note
from audit.signer import SeedSigner
from audit.vkey import COSIGNATURE
from gateway.clock import SystemClock
from gateway.demo.inspection import publish_all, verify
from gateway.demo.tamper import flip_one_byte

ORIGIN = "county.example.invalid/test"
CLOCK = SystemClock()
WITNESS = SeedSigner.generate("board.example.invalid/test", COSIGNATURE)


@pytest.fixture
async def published(tmp_path: Path) -> Path:
    """A folder with the public tree of a log of three entries, and its keys."""
    keys = LogKeys.generate(ORIGIN)
    await asyncio.to_thread(keys.write, tmp_path / "keys")
    auditor = AuditorKey.generate("auditor").auditor
    async with Log.open(
        tmp_path / "store",
        origin=ORIGIN,
        keys=keys,
        auditors=[auditor],
        clock=CLOCK,
        public_delay_s=0,
        create=True,
    ) as log:
        for number in range(3):
            await log.append(
                Entry(public={"v": 1, "n": number}, sealed={}, subjects=())
            )
        shown = await publish_all(
            tmp_path / "store", tmp_path / "log", entries=3, clock=CLOCK
        )
    assert shown == 3
    await asyncio.to_thread(_write_policy, tmp_path / "trust.policy")
    return tmp_path


def _write_policy(path: Path) -> None:
    path.write_text(f"witness w {WITNESS.verifier.text}\nquorum w\n")


def _sign(path: Path) -> None:
    """Have the witness sign a checkpoint."""
    note = path.read_text()
    text = Note.parse(note.encode()).text
    path.write_text(note + cosignature_line(text, WITNESS, CLOCK.now_ms() // 1000))


def keys_of(published: Path) -> tuple[Path, Path]:
    """Return what a verifier brings: the log's keys, and whom to believe."""
    return published / "keys" / "log.vkeys", published / "trust.policy"


async def test_a_published_log_shows_every_entry_at_once(published: Path) -> None:
    """Without a delay the public tree has what is durable, and holds its key's word."""
    found = await verify(published / "log", *keys_of(published))

    assert found.entries == 3
    assert not found.witnessed


async def test_publishing_can_wait_for_the_witness(
    published: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What nobody outside has signed is not what the auditor is to look at."""
    monkeypatch.setattr("gateway.demo.inspection._PATIENCE_S", 0.2)
    store, tree = published / "store", published / "log"
    policy = published / "trust.policy"
    with pytest.raises(TimeoutError):
        await publish_all(store, tree, entries=3, clock=CLOCK, policy=policy)

    await asyncio.to_thread(_sign, store / "live" / "checkpoint")
    assert await publish_all(store, tree, entries=3, clock=CLOCK, policy=policy) == 3
    assert (await verify(tree, *keys_of(published))).witnessed


async def test_a_changed_byte_is_found_where_it_is(published: Path) -> None:
    """The finding names the file that was changed."""
    flip = await asyncio.to_thread(flip_one_byte, published / "log", published / "copy")

    found = await verify(published / "copy", *keys_of(published))

    assert found.exit_code == 1
    assert not found.whole
    assert any(flip.file in finding for finding in found.findings)


async def test_waiting_for_entries_that_never_come_ends(
    published: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is a limit to patience."""
    monkeypatch.setattr("gateway.demo.inspection._PATIENCE_S", 0.2)

    with pytest.raises(TimeoutError):
        await publish_all(
            published / "store", published / "log", entries=9, clock=CLOCK
        )
