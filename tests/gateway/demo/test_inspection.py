"""What an auditor does, on a small log of its own."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from audit import AuditorKey, Entry, Log, LogKeys
from gateway.clock import SystemClock
from gateway.demo.inspection import publish_all, verify
from gateway.demo.tamper import flip_one_byte

ORIGIN = "county.example.invalid/test"
CLOCK = SystemClock()


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
    return tmp_path


async def test_a_published_log_shows_every_entry_at_once(published: Path) -> None:
    """Without a delay the public tree has what is durable, and holds its key's word."""
    found = await verify(published / "log", published / "keys" / "log.vkeys")

    assert found.entries == 3
    assert not found.witnessed


async def test_a_changed_byte_is_found_where_it_is(published: Path) -> None:
    """The finding names the file that was changed."""
    flip = await asyncio.to_thread(flip_one_byte, published / "log", published / "copy")

    found = await verify(published / "copy", published / "keys" / "log.vkeys")

    assert found.exit_code == 1
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
