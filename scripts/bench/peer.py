"""Our log and Tessera's POSIX log behind the same request, client and disk."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from audit.signer import SeedSigner
from scripts.bench.appender import opened
from scripts.bench.client import Target, per_second, post
from scripts.bench.figure import Figure, percentile

__all__ = ["figures"]

ROOT = Path(__file__).resolve().parents[2]
PEER = ROOT / ".tools" / "bin" / "posix"
CLIENTS = (1, 10, 100, 512)
SECONDS = 2.0
ROUNDS = 3
SIZE = 200
LEAVES = 51_200


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def _running(*command: str, port: int) -> Iterator[None]:
    """Run a server until it listens, and end it afterwards."""
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            time.sleep(0.05)
            with (
                contextlib.suppress(OSError),
                socket.create_connection(("127.0.0.1", port), timeout=1),
            ):
                break
        yield
    finally:
        process.kill()
        process.wait()


def _rates(port: int) -> list[float]:
    """Return the entries a second at each number of clients; each entry is new."""
    numbers = itertools.count()

    def following() -> bytes:
        body = f"{next(numbers)}-".encode().ljust(SIZE, b"x")
        return post("/add", body, headers="Content-Type: text/plain\r\n")

    target = Target(port=port)
    return [
        asyncio.run(
            per_second(target, following, clients=clients, seconds=SECONDS)
        ).per_second
        for clients in CLIENTS
    ]


def _ours(folder: Path, what: str) -> list[float]:
    """Return our rates for leaves as they are sent, or for complete entries."""
    port = _free_port()
    own = (sys.executable, "-m", "scripts.bench.appender", str(folder), str(port), what)
    with _running(*own, port=port):
        return _rates(port)


def _theirs(folder: Path) -> list[float]:
    folder.mkdir()
    key = folder / "log.key"
    key.write_text(SeedSigner.generate("bench.invalid/log").secret_text)
    port = _free_port()
    listen, stored = f"--listen=127.0.0.1:{port}", f"--storage_dir={folder}/log"
    with _running(str(PEER), listen, stored, f"--private_key={key}", port=port):
        return _rates(port)


async def _in_process(folder: Path) -> float:
    """Return leaves a second where nothing is between the clients and the log."""
    numbers = itertools.count()
    async with await opened(folder) as log:

        async def client() -> None:
            for _ in range(LEAVES // CLIENTS[-1]):
                await log.add(f"{next(numbers)}-".encode().ljust(SIZE, b"x"))

        began = time.perf_counter()
        async with asyncio.TaskGroup() as clients:
            for _ in range(CLIENTS[-1]):
                clients.create_task(client())
        return next(numbers) / (time.perf_counter() - began)


def figures() -> Iterator[Figure]:
    """Measure both in turn, some rounds; nothing where Tessera isn't built."""
    if not PEER.exists():
        print("peer: .tools/bin/posix is not built; make tools", file=sys.stderr)
        return
    with tempfile.TemporaryDirectory(prefix="sallyport-bench-") as name:
        folder = Path(name)
        rounds = [
            (
                _theirs(folder / f"{number}-peer"),
                _ours(folder / f"{number}-leaves", "leaves"),
                _ours(folder / f"{number}-entries", "entries"),
            )
            for number in range(ROUNDS)
        ]
        alone = asyncio.run(_in_process(folder / "alone"))
    theirs, ours, entries = (
        [percentile(rates, 50) for rates in zip(*each, strict=True)]
        for each in zip(*rounds, strict=True)
    )
    for at, clients in enumerate(CLIENTS):
        yield Figure(
            name=f"log over HTTP: durable leaves a second, {clients} waiting clients",
            value=ours[at],
            unit="1/s",
            baseline={
                "Tessera 1.0.4 POSIX": theirs[at],
                "complete entries": entries[at],
            },
            goal="ahead",
            met=ours[at] > theirs[at],
        )
    yield Figure(
        name=f"log in this process: durable leaves a second, {CLIENTS[-1]} clients",
        value=alone,
        unit="1/s",
        baseline={"over HTTP": ours[-1]},
    )
