"""Gateways killed under load: each receipt holds, nothing twice, no fork."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from audit import Receipt
from audit.checkpoint import Checkpoint, open_checkpoint
from audit.merkle import leaf_hash
from audit.note import Verifier
from audit.proof import stored_root
from audit.reading import FolderSource
from gateway.config import Config, load
from gateway.demo.client import client_context
from gateway.demo.layout import Layout
from tests.exchange.accounts import RELEASED
from tests.exchange.bulk import bulk_county, export
from tests.exchange.county import activate, write_county
from tests.exchange.insisting import (
    CLIENTS,
    Client,
    check_receipts,
    clients_of,
    session_of,
)
from tests.exchange.starter import Starter, leaves_of, starting
from tests.tortured import trials

TRIALS = trials(40)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(TRIALS.limit_s)]

LOAD_S = 0.35


@pytest.fixture
def layout(tmp_path: Path, free_port: Any) -> Layout:  # noqa: ANN401 - a fixture
    """A county that was activated, with ports that stay the same."""
    layout = write_county(tmp_path / "d", records=40)
    path = layout.config()
    text = path.read_text().replace("127.0.0.1:0", f"127.0.0.1:{free_port()}", 1)
    path.write_text(text)
    asyncio.run(activate(load(path)))
    return layout


@pytest.fixture
def starter(layout: Layout) -> Iterator[Starter]:
    """What starts gateways for this county."""
    with starting(layout) as found:
        yield found


async def under_load(clients: list[Client], url: str, pid: int, kill_s: float) -> None:
    """Let the clients ask, and kill the gateway that long after its first answer."""
    enough = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for client in clients:
            group.create_task(client.go_on(url, enough))
        before = sum(len(client.told) for client in clients)
        started = time.monotonic()
        while sum(len(client.told) for client in clients) == before:
            assert time.monotonic() - started < 60, "no answer in a minute"
            await asyncio.sleep(0.005)
            if kill_s < 0 and time.monotonic() - started > -kill_s:
                break
        await asyncio.sleep(max(0.0, kill_s))
        _kill(pid)
        enough.set()


def _kill(pid: int, number: signal.Signals = signal.SIGKILL) -> None:
    os.kill(pid, number)


@pytest.mark.blocking("a test of processes")
@pytest.mark.fault("killed")
def test_gateways_killed_at_random_moments_under_load(
    layout: Layout, starter: Starter, tmp_path: Path
) -> None:
    """At each kill: each release has its entry, none is lost or twice, no fork.

    One in eight is killed while it starts, the others while eight clients ask over
    mutual TLS, each with Idempotency-Keys that it repeats until they are answered.
    """
    config = load(layout.config())
    url = f"https://{config.server.listen}"
    clients = clients_of(layout)
    chance = random.Random(TRIALS.seed)  # noqa: S311 - moments, not secrets
    kept: list[Path] = []
    for trial in range(TRIALS.count):
        pid = starter.start()
        starting = trial % 8 == 7
        moment = chance.uniform(0.0, LOAD_S)
        kill_s = -moment if starting else moment
        asyncio.run(under_load(clients, url, pid, kill_s))
        assert starter.ended() == -signal.SIGKILL, (layout.root / "lines").read_text()
        check_receipts(clients, leaves_of(config))
        checkpoint = config.log.directory / "live" / "checkpoint"
        if checkpoint.exists():
            copy = tmp_path / f"checkpoint.{trial}"
            copy.write_bytes(checkpoint.read_bytes())
            kept.append(copy)

    pid = starter.start()
    asyncio.run(_everything_again(clients, url))
    _kill(pid, signal.SIGTERM)
    assert starter.ended() == 0
    leaves = [json.loads(leaf) for leaf in leaves_of(config)]
    assert check_receipts(clients, leaves_of(config)) == sum(c.asked for c in clients)
    exchanges = [leaf for leaf in leaves if leaf["ev"] == "exchange"]
    assert len(exchanges) == sum(client.asked for client in clients)
    assert {leaf["decision"] for leaf in exchanges} == {
        "released",
        "refused",
        "waiting",
    }
    assert leaves[-1]["ev"] == "stop"
    _no_fork(layout, config, kept, len(leaves))
    TRIALS.tell(
        entries=len(leaves),
        answers_held=len(exchanges),
        released=sum(leaf["decision"] == "released" for leaf in exchanges),
        checkpoints=len(kept),
    )


async def _everything_again(clients: list[Client], url: str) -> None:
    """Ask once more for all that was ever asked: the same answers, byte for byte."""

    async def again(client: Client) -> None:
        async with session_of(client.context) as session:
            for number in range(1, client.asked + 1):
                key = f"key-{client.number:02d}-of-a-test-{number}"
                for _ in range(400):
                    with suppress(aiohttp.ClientError, ConnectionError):
                        await client.ask(session, url, key)
                        break
                    await asyncio.sleep(0.05)

    async with asyncio.TaskGroup() as group:
        for client in clients:
            group.create_task(again(client))


def _no_fork(layout: Layout, config: Config, kept: list[Path], size: int) -> None:
    """Each checkpoint that was ever shown is the beginning of the last tree."""
    live = FolderSource(config.log.directory / "live")
    keys = [
        Verifier.parse(line)
        for line in layout.log_keys().read_text().splitlines()
        if line
    ]
    shown: list[Checkpoint] = [
        open_checkpoint(path.read_bytes(), keys).checkpoint for path in kept
    ]
    assert [each.size for each in shown] == sorted(each.size for each in shown)
    for each in shown:
        assert stored_root(live, size, each.size) == each.root
    for path in (kept[0], kept[len(kept) // 2], kept[-1]):
        done = subprocess.run(
            [
                *(sys.executable, "-m", "audit", "verify"),
                str(config.log.directory / "live"),
                *("--vkey", str(layout.log_keys()), "--since", str(path)),
                "--allow-unwitnessed",
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.blocking("a test of processes")
def test_a_stop_under_load_breaks_no_answer_off(
    layout: Layout, starter: Starter
) -> None:
    """SIGTERM: what was recorded was answered, the rest is refused as stopping."""
    config = load(layout.config())
    url = f"https://{config.server.listen}"
    clients = clients_of(layout)
    for _ in range(3):
        pid = starter.start()
        asyncio.run(_stopped_under_load(clients, url, pid))
        assert starter.ended() == 0

    leaves = [json.loads(leaf) for leaf in leaves_of(config)]
    answered = check_receipts(clients, leaves_of(config))
    decided = [
        leaf
        for leaf in leaves
        if leaf["ev"] == "exchange" and leaf["decision"] != "unavailable"
    ]
    assert len(decided) == answered
    stopping = "urn:sallyport:problem:stopping"
    assert {each for client in clients for each in client.refused} <= {stopping}
    assert [leaf["ev"] for leaf in leaves if leaf["ev"] in {"start", "stop"}] == [
        "start",
        "stop",
    ] * 3


async def _stopped_under_load(clients: list[Client], url: str, pid: int) -> None:
    enough = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for client in clients:
            group.create_task(client.go_on(url, enough))
        before = sum(len(client.told) for client in clients)
        while sum(len(client.told) for client in clients) < before + 20:  # noqa: ASYNC110 - polls what many tasks add to
            await asyncio.sleep(0.005)
        _kill(pid, signal.SIGTERM)
        await asyncio.sleep(1.0)
        enough.set()


async def _stopped_in_mid_stream(
    layout: Layout, listen: str, pid: int
) -> list[list[dict[str, Any]]]:
    """Stream twice at once, tell the gateway to stop, and return all that came."""
    folder = layout.requester(CLIENTS[0])
    context = await asyncio.to_thread(client_context, folder)
    bearer = {"Authorization": f"Bearer {folder.token.read_text().strip()}"}
    begun = asyncio.Semaphore(0)

    async def stream(session: aiohttp.ClientSession) -> list[dict[str, Any]]:
        found = []
        async with session.post(
            f"https://{listen}/v1/exchanges", json=export(), headers=bearer
        ) as response:
            while line := await response.content.readline():
                found.append(json.loads(line))
                begun.release()
        assert "type" in found[-1] or found[-1]["last"]
        return found

    async with (
        aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=context), read_bufsize=1 << 20
        ) as session,
        asyncio.TaskGroup() as group,
    ):
        await _listening(session, listen)
        streams = [group.create_task(stream(session)) for _ in range(2)]
        await begun.acquire()
        _kill(pid, signal.SIGTERM)
    return [task.result() for task in streams if task.result()]


async def _listening(session: aiohttp.ClientSession, listen: str) -> None:
    """Wait until somebody answers there."""
    async with asyncio.timeout(60):
        while True:
            try:
                async with session.get(f"https://{listen}/log/checkpoint"):
                    return
            except aiohttp.ClientError:
                await asyncio.sleep(0.05)


@pytest.mark.blocking("a test of processes")
@pytest.mark.fault("stopped")
def test_a_stop_ends_streams_with_a_line_and_an_entry(
    tmp_path: Path,
    free_port: Any,  # noqa: ANN401 - a fixture
) -> None:
    """SIGTERM in mid-stream: pages that came are in the log; the last line says why."""
    layout = bulk_county(tmp_path / "d", records=12_000)
    path = layout.config()
    listen = f"127.0.0.1:{free_port()}"
    path.write_text(path.read_text().replace("127.0.0.1:0", listen, 1))
    config = load(path)
    asyncio.run(activate(config))
    said: list[list[dict[str, Any]]] = []
    with starting(layout) as starter:
        for _ in range(5):  # on a busy machine all of it may have come before
            pid = starter.start()
            said += asyncio.run(_stopped_in_mid_stream(layout, listen, pid))
            assert starter.ended() == 0
            if any("type" in each[-1] for each in said):
                break

    leaves = leaves_of(config)
    pages = [line for each in said for line in each if "records" in line]
    hashes = [leaf_hash(leaves[page["receipt"]["index"]]) for page in pages]
    assert hashes == [Receipt.from_json(p["receipt"]).leaf_hash for p in pages]
    written = [json.loads(leaf) for leaf in leaves]
    released = [leaf for leaf in written if leaf["decision"] in RELEASED]
    ended = [each[-1] for each in said if "type" in each[-1]]
    assert len(released) == len(pages)
    assert ended, "no stream was still under way"
    assert {line["type"] for line in ended} == {"urn:sallyport:problem:stopping"}
    unserved = [leaf for leaf in written if leaf["decision"] == "unavailable"]
    assert len(unserved) >= len(ended)
    assert written[-1]["ev"] == "stop"
