"""Changing the log's keys: announced as an act that the gateway reads like others."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from audit import KeyFileRefused, LogKeys, LogLocked
from audit.keyfiles import read_vkeys
from audit.reading import FolderSource
from audit.rotation import announce
from audit.verify import Trust, verify
from gateway.acts import parse_note
from gateway.clock import SystemClock
from gateway.config import Config, load
from gateway.errors import InvalidFile
from gateway.ledger import Basis, open_ledger, rotate_keys
from tests.gateway.county import GENESIS, ORIGIN, found_county, smallest

BASIS = Basis(policy="0" * 64, manifest="1" * 64)


@pytest.fixture
def county(tmp_path: Path) -> Config:
    """A county with keys, and others for later."""
    LogKeys.generate(ORIGIN).write(tmp_path / "new")
    return found_county(tmp_path)


def rotated(county: Config, reason: str = "scheduled") -> int:
    """Change the keys to those in ``new``."""
    return rotate_keys(
        county,
        county.path.parent / "new",
        reason=reason,
        by="the clerk",
        uid=1,
        clock=SystemClock(),
    )


def with_new_keys(county: Config) -> Config:
    """Return the configuration that names the new keys."""
    document = smallest()
    roles = ("log", "receipt", "time", "mldsa")
    document["log"]["keys"] = {role: f"new/{role}.key" for role in roles}
    county.path.write_text(json.dumps(document))
    return load(county.path)


async def begun(county: Config) -> None:
    """Begin the log."""
    async with open_ledger(county, clock=SystemClock(), create=True) as ledger:
        await ledger.registrar.write(lambda _: GENESIS, basis=BASIS)


async def test_the_log_goes_on_under_new_keys(county: Config) -> None:
    """The act is read like others, and who has the old keys still verifies."""
    await begun(county)
    async with open_ledger(county, clock=SystemClock()):
        with pytest.raises(LogLocked):
            await asyncio.to_thread(rotated, county)
    assert await asyncio.to_thread(rotated, county) == 1
    with pytest.raises(KeyFileRefused, match="not those of the log"):
        async with open_ledger(county, clock=SystemClock()):
            pass
    changed = await asyncio.to_thread(with_new_keys, county)
    async with open_ledger(changed, clock=SystemClock()) as ledger:
        assert ledger.acts.in_force.authority.counters["key-rotation"] == 1
        assert ledger.log.size == 2

    old = await asyncio.to_thread(
        read_vkeys, [county.path.parent / "keys" / "log.vkey"]
    )
    source = FolderSource(county.log.directory / "live")
    report = await asyncio.to_thread(verify, source, Trust(keys=old), leaves=False)
    assert report.outcome() == 3, report.lines()


async def test_what_is_refused(county: Config) -> None:
    """Before there is a log or an activation, and for a reason that is no word."""
    with pytest.raises(InvalidFile, match="no word"):
        await asyncio.to_thread(rotated, county, "because")
    async with open_ledger(county, clock=SystemClock(), create=True):
        pass
    with pytest.raises(KeyFileRefused, match="nothing was activated"):
        await asyncio.to_thread(rotated, county)


def test_the_announcement_is_an_act() -> None:
    """What ``audit`` writes is in the form of every other act."""
    old, new = LogKeys.generate(ORIGIN), LogKeys.generate(ORIGIN)
    made = announce(old.log, new.log, new.verifiers, counter=2, reason="scheduled")
    statement = parse_note(made.note).statement

    assert (statement.act, statement.counter) == ("key-rotation", 2)
    assert made.note.startswith(statement.text.encode())
    assert f"keys/{statement['keys']}" in made.files
