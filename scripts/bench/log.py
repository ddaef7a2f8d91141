"""The log alone: complete durable entries, their latency, and full verification."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit import AuditorKey, Entry, Log, LogKeys
from audit.report import INTACT
from gateway.cli.service import settle_process
from gateway.clock import SystemClock
from gateway.entries.leaf import cfg, leaf, leaf_schema
from scripts.bench.disk import sync_times_ms
from scripts.bench.figure import Figure, microseconds, percentile

__all__ = ["figures", "fill"]

CLIENTS = 100
ENTRIES = 20_000
RATE = 1_000
PACED = 20_000
"""Long enough that one stall of the disk, of 70 ms or so, is below one in a hundred."""
GOAL_PER_S = 10_000
VERIFIED = 500_000
ROUNDS = 5
FSCK = Path(__file__).resolve().parents[2] / ".tools" / "bin" / "fsck"


def _entry() -> Entry:
    """Return an entry as the gateway writes one for a page of one record."""
    facts = {f"fact_{n}": n % 2 == 0 for n in range(8)}
    return Entry(
        public=leaf(
            event="exchange",
            decision="partly_released",
            policy="",  # as before anything was activated
            manifest="",
            dataset="county-jail",
            agency="ice",
            requester_class="ice_ero",
            kinds=("notify",),
            rules=("us-ca.gov.7284.6",),
            released=("release_date",),
            redacted=("home_address",),
            records=1,
        ),
        sealed={
            "who": {"person": "c" * 64, "case": "EX-2026-0001"},
            "replay": {"question": "d" * 600, **facts},
            "account": {"page": "e" * 64, "records": 1},
        },
        subjects=(b"county-jail\0B-000123",),
    )


@contextlib.asynccontextmanager
async def _opened(folder: Path) -> AsyncIterator[Log]:
    origin = "bench.invalid/log"
    keys = LogKeys.generate(origin)
    keys.write(folder / "keys")
    async with Log.open(
        folder / "log",
        origin=origin,
        keys=keys,
        auditors=(AuditorKey.generate("auditor").auditor,),
        clock=SystemClock(),
        public_delay_s=0,
        create=True,
    ) as log:
        yield log


async def _throughput(log: Log) -> float:
    """Return entries a second with a hundred clients that wait for each of theirs."""
    entry = _entry()

    async def client() -> None:
        for _ in range(ENTRIES // CLIENTS):
            await log.append(entry)

    began = time.perf_counter()
    async with asyncio.TaskGroup() as clients:
        for _ in range(CLIENTS):
            clients.create_task(client())
    return ENTRIES / (time.perf_counter() - began)


async def _paced(log: Log) -> list[float]:
    """Return the times from append to durable in ms, at a steady rate."""
    entry = _entry()
    spent: list[float] = []

    async def one() -> None:
        began = time.perf_counter()
        await log.append(entry)
        spent.append((time.perf_counter() - began) * 1e3)

    start = time.perf_counter()
    async with asyncio.TaskGroup() as appends:
        for number in range(PACED):
            ahead = start + number / RATE - time.perf_counter()
            if ahead > 0:
                await asyncio.sleep(ahead)
            appends.create_task(one())
    return spent


async def _measure(folder: Path) -> tuple[float, list[float]]:
    async with _opened(folder) as log:
        settle_process()  # as a gateway does once it serves
        per_second = await _throughput(log)
        await log.settle()  # what that left to do is no part of the next figure
        return per_second, await _paced(log)


def _signature() -> float:
    """Return the median time of a signature: how fast this machine is just now."""
    key = Ed25519PrivateKey.generate()
    return microseconds(lambda: key.sign(b"how fast is this machine"))


def _appends(folder: Path) -> Iterator[Figure]:
    per_second, spent = asyncio.run(_measure(folder))
    disk = sync_times_ms()
    p50, p99 = percentile(disk, 50), percentile(disk, 99)
    yield Figure(
        name=f"log: complete durable entries a second, {CLIENTS} waiting clients",
        value=per_second,
        unit="1/s",
        baseline={"fdatasync p50, ms": p50, "an Ed25519 signature, us": _signature()},
        goal=f">= {GOAL_PER_S}",
        met=per_second >= GOAL_PER_S,
    )
    bound = 2 * p99 + 3
    yield Figure(
        name=f"log: append to durable p99 at {RATE}/s",
        value=percentile(spent, 99),
        unit="ms",
        baseline={"fdatasync p99, ms": p99},
        goal="<= 2 x fdatasync p99 + 3 ms",
        met=percentile(spent, 99) <= bound,
    )


async def fill(folder: Path, count: int) -> None:
    """Write a log of so many entries and wait until its checkpoint covers them.

    Its keys lie in ``keys``, its public tree, with the leaf's schema, in ``log/live``.
    """
    async with _opened(folder) as log:
        entry = _entry()

        async def client() -> None:
            for _ in range(count // CLIENTS):
                await log.append(entry)

        async with asyncio.TaskGroup() as clients:
            for _ in range(CLIENTS):
                clients.create_task(client())
        await log.settle()
    schema = folder / "log" / "live" / "schema" / f"{cfg()}.json"
    schema.parent.mkdir()
    schema.write_bytes(leaf_schema())


def _spent(said: str, *command: str) -> tuple[float, float]:
    """Return the wall clock and the processor time of a program that finds no fault.

    Raises:
        RuntimeError: it did not say so; Tessera's fsck ends with 0 whatever it found.
    """
    # An installed program has its bytecode: what forbids writing it is left out.
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=kept)
    seconds = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if said not in done.stdout + done.stderr:
        raise RuntimeError(f"{command[0]}: {done.stdout}{done.stderr}")
    user = after.ru_utime - before.ru_utime
    return seconds, user + after.ru_stime - before.ru_stime


def _asked(folder: Path) -> dict[str, tuple[str, ...]]:
    """Write a log; return what each program says where all is well, and its command."""
    asyncio.run(fill(folder, VERIFIED))
    tree, vkey = folder / "log" / "live", folder / "keys" / "log.vkey"
    ours = (sys.executable, "-m", "audit", "verify", str(tree), "--vkey", str(vkey))
    whole = (INTACT, *ours, "--allow-unwitnessed")
    where = (f"-storage_url=file://{tree.resolve()}/", f"-public_key={vkey}")
    theirs = (f"fsck'd log with size {VERIFIED} ", str(FSCK), "-ui=false", "-N=2")
    asked = {"whole": whole, "hashes": (*whole, "--tree-only")}
    if FSCK.exists():
        asked["fsck"] = (*theirs, *where)
    else:
        print("log: .tools/bin/fsck is not there; make tools", file=sys.stderr)
    return asked


def _verification(folder: Path) -> Iterator[Figure]:
    asked = _asked(folder)
    # One after the other in each round, so that what else runs here meets all of them;
    # the first round is not counted: it fills the system's memory of files for all.
    _, *rounds = (
        {name: _spent(*each) for name, each in asked.items()} for _ in range(ROUNDS + 1)
    )
    wall, cpu = (
        {name: percentile([each[name][at] for each in rounds], 50) for name in asked}
        for at in (0, 1)
    )
    yield Figure(
        name=f"log: verification of {VERIFIED} entries, each leaf compared with cfg",
        value=wall["whole"],
        unit="s",
        baseline={"hashes only, s": wall["hashes"]},
    )
    if "fsck" in asked:
        yield Figure(
            name=f"log: verification of {VERIFIED} entries, hashes only",
            value=wall["hashes"],
            unit="s",
            baseline={"Tessera 1.0.4 fsck, s": wall["fsck"]},
            goal="faster",
            met=wall["hashes"] < wall["fsck"],
        )
        yield Figure(
            name=f"log: verification of {VERIFIED} entries, processor time",
            value=cpu["hashes"],
            unit="s",
            baseline={"Tessera 1.0.4 fsck, s": cpu["fsck"]},
        )


def figures() -> Iterator[Figure]:
    """Measure appending, then verifying what was appended."""
    with tempfile.TemporaryDirectory(prefix="sallyport-bench-") as folder:
        yield from _appends(Path(folder) / "appends")
        yield from _verification(Path(folder) / "verified")
