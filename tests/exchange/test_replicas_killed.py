"""Gateways that share a log, killed in turn under load: nothing is lost or twice."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, fields
from pathlib import Path

import aiohttp
import pytest

from audit.postgres.source import PostgresSource
from audit.verify import Trust, verify
from gateway.config import load
from gateway.demo.layout import Layout
from gateway.ledger import log_keys
from tests.audit.kept import Database, PostgresStore
from tests.exchange.beside import until
from tests.exchange.county import WIDE, activate
from tests.exchange.insisting import Client, check_receipts, clients_of, session_of
from tests.exchange.replicas import on_machines
from tests.exchange.starter import Starter, starting
from tests.services.postgres import Server
from tests.tortured import trials

TRIALS = trials(4)

pytestmark = [
    pytest.mark.services,
    pytest.mark.slow,
    pytest.mark.timeout(TRIALS.limit_s),
]

MACHINES = 3
LOAD_S = 1.0


@dataclass(kw_only=True)
class Roaming(Client):
    """A requester that goes to another gateway where one does not answer."""

    urls: list[str] = field(default_factory=list)

    async def roam(self, enough: asyncio.Event) -> None:
        """Ask one thing after another, each wherever, until it is enough."""
        chance = random.Random(self.number)  # noqa: S311 - moments, not secrets
        async with session_of(self.context) as session:
            while not enough.is_set():
                try:
                    await self.ask(session, chance.choice(self.urls), self.next_key())
                except (aiohttp.ClientError, ConnectionError, TimeoutError):
                    await asyncio.sleep(0.02)

    async def again(self) -> None:
        """Ask once more for all that was ever asked: the same answers."""
        chance = random.Random(self.number)  # noqa: S311 - moments, not secrets
        async with session_of(self.context) as session:
            self.open.clear()
            for number in range(1, self.asked + 1):
                key = f"key-{self.number:02d}-of-a-test-{number}"
                await self.ask(session, chance.choice(self.urls), key)


@pytest.fixture
def layouts(
    tmp_path: Path, postgres: Server, log_database: Database
) -> Iterator[list[Layout]]:
    """Three machines, activated."""
    settings = f"replicas: {MACHINES}\n{WIDE}"
    with on_machines(
        tmp_path, postgres, log_database, machines=MACHINES, settings=settings
    ) as found:
        asyncio.run(activate(load(found[0].config())))
        yield found


@dataclass(kw_only=True)
class Machine:
    """Where a gateway runs, and where it listens now."""

    layout: Layout
    starter: Starter
    number: int
    urls: list[str]
    starts: int = 0

    def start(self) -> None:
        """Start its gateway and wait until it says where it listens."""
        self.starter.start()
        self.starts += 1
        ends_at = time.monotonic() + 60
        while len(ready := self._ready()) < self.starts:
            assert time.monotonic() < ends_at, (self.layout.root / "lines").read_text()
            time.sleep(0.02)
        self.urls[self.number] = ready[-1]

    def _ready(self) -> list[str]:
        lines = (self.layout.root / "lines").read_text().splitlines()
        return [json.loads(line)["listen"] for line in lines if '"ready"' in line]


async def under_load(clients: list[Roaming], machines: list[Machine]) -> None:
    """Kill one after another while all ask, and start each anew."""
    chance = random.Random(TRIALS.seed)  # noqa: S311 - moments, not secrets
    enough = asyncio.Event()

    async def some_answers(more: int) -> None:
        wanted = sum(len(client.told) for client in clients) + more

        async def there() -> bool:
            return sum(len(client.told) for client in clients) >= wanted

        await until(there)

    async with asyncio.TaskGroup() as group:
        for client in clients:
            group.create_task(client.roam(enough))
        await some_answers(20)
        for kill in range(TRIALS.count):
            victim = machines[kill % MACHINES]
            await asyncio.sleep(chance.uniform(0, LOAD_S))
            os.kill(victim.starter.pid, signal.SIGKILL)
            assert await asyncio.to_thread(victim.starter.ended) == -signal.SIGKILL
            await some_answers(20)
            await asyncio.to_thread(victim.start)
        await some_answers(50)
        enough.set()


async def everything_again(clients: list[Roaming]) -> None:
    """Have each ask for everything again."""
    async with asyncio.TaskGroup() as group:
        for client in clients:
            group.create_task(client.again())


@pytest.mark.blocking("a test of processes")
@pytest.mark.fault("killed")
def test_gateways_that_share_a_log_killed_in_turn(
    layouts: list[Layout], log_database: Database
) -> None:
    """Whoever answered: each answer has its entry, once, and one tree has them all."""
    urls = [""] * MACHINES
    clients = [
        Roaming(**{f.name: getattr(one, f.name) for f in fields(one)}, urls=urls)
        for one in clients_of(layouts[0])
    ]
    with ExitStack() as stack:
        machines = [
            Machine(
                layout=layout,
                starter=stack.enter_context(starting(layout)),
                number=number,
                urls=urls,
            )
            for number, layout in enumerate(layouts)
        ]
        for machine in machines:
            machine.start()
        asyncio.run(under_load(clients, machines))
        asyncio.run(everything_again(clients))
        for machine in machines:
            os.kill(machine.starter.pid, signal.SIGTERM)
            assert machine.starter.ended() == 0

    leaves = PostgresStore(log_database).leaves()
    exchanges = [
        leaf
        for leaf in map(json.loads, leaves)
        if leaf["ev"] == "exchange" and leaf["decision"] != "unavailable"
    ]
    assert check_receipts([*clients], leaves) == sum(one.asked for one in clients)
    assert len(exchanges) == sum(one.asked for one in clients)
    words = [json.loads(leaf)["decision"] for leaf in leaves]
    assert words.count("start") == MACHINES + TRIALS.count
    assert words.count("stop") == MACHINES
    assert "close" not in words
    source = PostgresSource(log_database.server_of("auditor"))
    keys = log_keys(load(layouts[0].config())).verifiers
    assert [each.text for each in verify(source, Trust(keys=keys)).findings] == []
    TRIALS.tell(entries=len(leaves), answers_held=len(exchanges))
