"""Keys, state and log, stolen or touched: no answer is had from what is kept."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from pathlib import Path

import pytest

from audit import AuditError
from gateway.config import Config, load
from gateway.demo.layout import Layout
from gateway.errors import GatewayError
from tests.exchange.county import County, activate, running, write_county
from tests.exchange.observer import write
from tests.exchange.requests import SHERIFF, custody, immigration_status

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(240)]


async def test_a_key_is_of_one_person_with_one_certificate(illinois: County) -> None:
    """The deputy's system used the key: its other person has an exchange of its own."""
    first = await illinois.post(SHERIFF, custody(), key="one-of-the-system")
    other = await illinois.post("deputy-287g", custody(), key="one-of-the-system")
    stranger = await illinois.post(
        "broker", custody(), key="one-of-the-system", token_of=SHERIFF
    )

    assert first.body["exchange"] != other.body.get("exchange")
    assert stranger.status == 401


async def test_after_an_activation_a_retry_is_a_new_exchange(
    illinois: County,
) -> None:
    """What was answered under the old manifest is decided and recorded anew."""
    first = await illinois.post(SHERIFF, custody(), key="before-and-after")
    agencies = illinois.layout.root / "agencies.yaml"
    await asyncio.to_thread(
        lambda: agencies.write_text(agencies.read_text() + "\n# another day\n")
    )
    await illinois.command(command="draft-activation")
    again = await illinois.post(SHERIFF, custody(), key="before-and-after")
    leaves = await illinois.leaves()

    assert (first.status, again.status) == (200, 200)
    assert again.body["exchange"] != first.body["exchange"]
    manifests = {leaves[a.body["receipt"]["index"]]["manifest"] for a in (first, again)}
    assert len(manifests) == 2


async def test_a_stolen_state_database_holds_no_answers(illinois: County) -> None:
    """After releases and waiting requests it has no value, name or case in clear."""
    canary = "Zq77statecanary"
    await asyncio.to_thread(
        write,
        illinois.layout.databases / "jail.db",
        "UPDATE bookings SET custody = ? WHERE booking_no = 'B-000044'",
        canary,
    )
    shown = await illinois.post(SHERIFF, custody(44), key="stolen")
    waiting = await illinois.post(
        "ice-ero",
        immigration_status(44, case_number="Zq78"),
    )

    data = b""
    for path in illinois.config.state_path.parent.glob("state.db*"):
        data += await asyncio.to_thread(path.read_bytes)
    assert canary.encode() in shown.data
    assert waiting.status == 202
    for secret in (canary, "Zq78", "B-000044", "deputy-1", "ero-officer-1"):
        assert secret.encode() not in data


@pytest.mark.parametrize("how", ["missing", "altered"])
async def test_a_log_whose_acts_were_touched_is_found_out(
    tmp_path: Path, how: str
) -> None:
    """A verifier names it; a gateway goes on only with the note that the leaf names.

    What is still in the write-ahead file is put back by it. The acts that a gateway
    keeps in its state are taken away too, so that it has to read the log's.
    """
    layout = await asyncio.to_thread(write_county, tmp_path / "d", records=20)
    config = await asyncio.to_thread(load, layout.config())
    await activate(config)
    notes = sorted(await asyncio.to_thread(_files, config.log.directory / "live/acts"))
    assert len(notes) >= 2
    for note in notes:
        kept = await asyncio.to_thread(note.read_bytes)
        await asyncio.to_thread(note.unlink)
        if how == "altered":
            await asyncio.to_thread(note.write_bytes, kept[:-2] + b"x\n")
        assert await _verified(layout, config) == 1, note
        for path in config.state_path.parent.glob("state.db*"):
            await asyncio.to_thread(path.unlink)
        read: bytes | None = None
        with contextlib.suppress(AuditError, GatewayError, ExceptionGroup):
            async with running(layout):
                read = await asyncio.to_thread(note.read_bytes)
        assert read in {None, kept}
        if read is None:
            await asyncio.to_thread(note.unlink, missing_ok=True)
            await asyncio.to_thread(note.write_bytes, kept)
        assert await _verified(layout, config) == 0


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def _verified(layout: Layout, config: Config) -> int | None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "audit", "verify"),
        str(config.log.directory / "live"),
        *("--vkey", str(layout.log_keys()), "--allow-unwitnessed"),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    await process.wait()
    return process.returncode
