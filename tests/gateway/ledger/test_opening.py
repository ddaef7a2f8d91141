"""Opening log and state: keys named, locks kept, copies that do not fit refused."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

import pytest

from audit import AuditorKey, LogKeys, LogLocked, LogMissing
from gateway.acts import stop
from gateway.clock import SystemClock
from gateway.config import Config
from gateway.errors import InvalidFile
from gateway.ledger import Basis, log_keys, open_ledger
from gateway.state import StateRefused
from tests.gateway.county import GENESIS, ORIGIN

BASIS = Basis(policy="p" * 64, manifest="b" * 64)


async def test_a_missing_log_is_not_invented(county: Config) -> None:
    """A wrong path begins no second log; only its genesis act begins one."""
    with pytest.raises(LogMissing):
        async with open_ledger(county, clock=SystemClock()):
            pass


async def test_one_process_holds_the_log(county: Config) -> None:
    """A second opening is refused while the first is open, then works."""
    async with open_ledger(county, clock=SystemClock(), create=True):
        with pytest.raises(LogLocked):
            async with open_ledger(county, clock=SystemClock()):
                pass
    async with open_ledger(county, clock=SystemClock()):
        pass


async def test_who_waits_for_the_log_is_told_so_at_once(county: Config) -> None:
    """Once, and for how long at most; who has no patience is refused and not told."""
    told: list[float] = []
    waiting = partial(open_ledger, county, clock=SystemClock(), waits=told.append)
    async with open_ledger(county, clock=SystemClock(), create=True):
        for patience_s in (0, 0.4):
            with pytest.raises(LogLocked):
                async with waiting(patience_s=patience_s):
                    pass
    assert told == [0.4]


async def test_who_is_patient_has_the_log_once_it_is_let_go(county: Config) -> None:
    """A gateway that starts while a command works on the log; not for ever."""
    first = AsyncExitStack()
    begun = open_ledger(county, clock=SystemClock(), create=True)
    await first.enter_async_context(begun)
    with pytest.raises(LogLocked):
        async with open_ledger(county, clock=SystemClock(), patience_s=0.3):
            pass
    asyncio.get_running_loop().call_later(
        0.3, lambda: closing.append(asyncio.ensure_future(first.aclose()))
    )
    closing: list[asyncio.Future[None]] = []
    async with open_ledger(county, clock=SystemClock(), patience_s=20) as ledger:
        assert ledger.log.size == 0
    await closing[0]


@pytest.mark.fault("log-restored")
async def test_an_older_copy_of_the_log_is_refused(county: Config) -> None:
    """State that has seen more than the log has: somebody put a copy back."""
    folder = county.log.directory
    async with open_ledger(county, clock=SystemClock(), create=True) as ledger:
        await ledger.registrar.write(lambda _: GENESIS, basis=BASIS)
    await _off_loop(shutil.copytree, folder, folder.with_name("copy"))
    async with open_ledger(county, clock=SystemClock()) as ledger:
        await ledger.registrar.state(lambda _: stop(origin=ORIGIN, run=0), basis=BASIS)
    await _off_loop(shutil.rmtree, folder)
    await _off_loop(shutil.copytree, folder.with_name("copy"), folder)
    with pytest.raises(StateRefused, match="older copy of the log"):
        async with open_ledger(county, clock=SystemClock()):
            pass


def test_every_key_that_cannot_be_used_is_named(county: Config) -> None:
    """Open to others, malformed and missing keys come together, without content."""
    county.log.keys.log.chmod(0o644)
    county.log.keys.receipt.write_text("CANARY")
    county.log.keys.time.unlink()
    with pytest.raises(InvalidFile) as caught:
        log_keys(county)
    assert len(caught.value.mistakes) == 3
    assert "CANARY" not in str(caught.value)


def test_keys_of_another_log_are_refused(county: Config, tmp_path: Path) -> None:
    """Keys swapped with each other, or of another log, are not used."""
    keys = county.log.keys
    swapped = keys.receipt.read_bytes()
    keys.receipt.write_bytes(keys.time.read_bytes())
    with pytest.raises(InvalidFile, match=r"log\.keys"):
        log_keys(county)
    keys.receipt.write_bytes(swapped)
    LogKeys.generate("other.example/log").write(tmp_path / "other")
    for name in ("log", "receipt", "time"):
        getattr(keys, name).write_bytes((tmp_path / f"other/{name}.key").read_bytes())
    with pytest.raises(InvalidFile, match="of the log other"):
        log_keys(county)


@pytest.mark.parametrize("text", ["CANARY", "", "board+00000000+AAAA", None])
async def test_an_auditor_without_a_key_is_no_start(
    county: Config, text: str | None
) -> None:
    """A log that nobody could open is not begun."""
    path = county.log.auditors[0].key
    if text is None:
        await _off_loop(path.unlink)
    else:
        await _off_loop(path.write_text, text)
    with pytest.raises(InvalidFile) as caught:
        async with open_ledger(county, clock=SystemClock(), create=True):
            pass
    assert "CANARY" not in str(caught.value)


async def test_an_auditor_has_the_name_of_the_key(county: Config) -> None:
    """A key of somebody else under the board's name is refused."""
    other = AuditorKey.generate("somebody").auditor
    await _off_loop(county.log.auditors[0].key.write_text, other.text)
    with pytest.raises(InvalidFile, match="the key is of somebody"):
        async with open_ledger(county, clock=SystemClock(), create=True):
            pass


async def _off_loop(work: Callable[..., object], *arguments: object) -> None:
    await asyncio.to_thread(work, *arguments)
