"""What alerts wait for is written by a gateway that runs, without content."""

from __future__ import annotations

import asyncio
import io
import json
from pathlib import Path
from typing import Any

import pytest

from gateway.clock import SystemClock
from gateway.config import load
from gateway.demo.layout import Layout
from gateway.demo.papers import paper
from gateway.telemetry import Metrics, Telemetry, configure_lines
from tests.exchange.county import County, activate, running, write_county
from tests.exchange.requests import SHERIFF, custody

CUSTODY = custody()


@pytest.fixture
async def own(tmp_path: Path) -> Layout:
    """An activated county of the test's own."""
    layout = await asyncio.to_thread(write_county, tmp_path / "d", records=60)
    await activate(await asyncio.to_thread(load, layout.config()))
    return layout


def lines(stream: io.BytesIO, event: str) -> list[dict[str, Any]]:
    """Return the lines of one event."""
    found = [json.loads(line) for line in stream.getvalue().splitlines()]
    return [line for line in found if line["event"] == event]


async def until(stream: io.BytesIO, event: str, count: int) -> list[dict[str, Any]]:
    """Wait for so many lines of an event."""
    async with asyncio.timeout(20):
        while len(found := lines(stream, event)) < count:  # noqa: ASYNC110 - a look at lines
            await asyncio.sleep(0.05)
    return found


async def failing(county: County, layout: Layout) -> None:
    """Ask a source that is gone until it is not asked any more, and put it back."""
    database, away = layout.databases / "jail.db", layout.databases / "away.db"
    await asyncio.to_thread(database.rename, away)
    for _ in range(6):
        assert (await county.post(SHERIFF, CUSTODY)).status == 503
    await asyncio.to_thread(away.rename, database)


async def test_what_changes_is_said_in_lines(
    own: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cut-off and its lift, a paper, a source that fails and heals, a set clock."""
    stream, clock = io.BytesIO(), SystemClock()
    telemetry = Telemetry(
        lines=configure_lines(stream=stream), metrics=Metrics(), clock=clock
    )
    document = paper("subpoena-31")["document_sha256"]
    async with running(own, clock=clock, telemetry=telemetry) as county:
        cut = {"command": "cutoff-add", "scope": "agency", "name": SHERIFF}
        done = await county.command(**cut, by="Officer Zq91")
        await county.command(command="draft-lift", number=done["number"])
        await county.command(
            command="instrument-record",
            document=document,
            state="revoked",
            by="Officer Zq91",
        )
        await failing(county, own)
        await until(stream, "source", 1)
        async with asyncio.timeout(30):
            while (await county.post(SHERIFF, CUSTODY)).status != 200:  # noqa: ASYNC110 - it heals
                await asyncio.sleep(0.2)
        opened = await until(stream, "source", 2)
        back_ms = clock.now_ms() - 3_600_000
        monkeypatch.setattr(clock, "now_ms", lambda: back_ms)
        assert (await county.post(SHERIFF, CUSTODY)).status == 503

    said = [
        (line["act"], line["scope"], line["name"]) for line in lines(stream, "cutoff")
    ]
    assert said == [("cutoff", "agency", SHERIFF), ("cutoff-lift", "agency", SHERIFF)]
    assert [set(line) for line in lines(stream, "paper")] == [
        {"event", "level", "time", "entry"}
    ]
    assert [line["open"] for line in opened] == [True, False]
    [set_back] = lines(stream, "clock")
    assert set_back["seconds"] == pytest.approx(-3600, abs=2)
    for content in (b"Zq91", document.encode(), b"B-000017"):
        assert content not in stream.getvalue()
