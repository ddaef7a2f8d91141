"""One log in PostgreSQL with three processes that write it, beside one.

The server is the suite's own with its disk waited for, on the cores that the writers
have too: more cores favour the three.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier

from scripts.bench.figure import Figure
from tests.audit.builders import entry
from tests.audit.kept import PostgresStore, copied, template
from tests.services.cluster import run_server
from tests.services.postgres import Server, programs

__all__ = ["figures"]

CLIENTS = 99
ENTRIES = 9_900
WRITERS = 3
_DURABLE = {"fsync": "on", "full_page_writes": "on"}


def figures() -> Iterator[Figure]:
    """Measure complete durable entries a second, as many clients in all."""
    found = programs()
    if found is None:
        print("writers: no PostgreSQL here; make tools", file=sys.stderr)
        return
    with ExitStack() as stack:
        server = stack.enter_context(run_server(found, _DURABLE))
        made = stack.enter_context(contextmanager(template)(server))
        alone = _per_second(server, made, 1)
        together = _per_second(server, made, WRITERS)
    yield Figure(
        name=f"log: {WRITERS} processes on PostgreSQL, {CLIENTS} waiting clients",
        value=together,
        unit="1/s",
        baseline={"one process, 1/s": alone, "times one": together / alone},
    )


def _per_second(server: Server, made: str, writers: int) -> float:
    """Return entries a second over all writers of a new log."""
    context = multiprocessing.get_context("fork")
    with contextmanager(copied)(server, made) as database:
        store = PostgresStore(database)
        asyncio.run(_begin(store))
        ready, spent = context.Barrier(writers), context.Queue()
        children = [
            context.Process(target=_write, args=(store, writers, ready, spent))
            for _ in range(writers)
        ]
        for child in children:
            child.start()
        times: list[tuple[float, float]] = [spent.get() for _ in children]
        for child in children:
            child.join()
    return float(ENTRIES) / (
        max(end for _, end in times) - min(start for start, _ in times)
    )


async def _begin(store: PostgresStore) -> None:
    async with store.opening(create=True):
        pass


def _write(
    store: PostgresStore,
    writers: int,
    ready: Barrier,
    spent: Queue[tuple[float, float]],
) -> None:
    spent.put(asyncio.run(_appended(store, writers, ready)))


async def _appended(
    store: PostgresStore, writers: int, ready: Barrier
) -> tuple[float, float]:
    """Add this writer's part; return when it began and ended."""
    clients = CLIENTS // writers

    async with store.opening() as log:

        async def client() -> None:
            for _ in range(ENTRIES // CLIENTS):
                await log.append(entry())

        await log.append(entry())  # the epoch's keys are not what is measured
        await asyncio.to_thread(ready.wait)
        began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for _ in range(clients):
                group.create_task(client())
        return began, time.monotonic()
