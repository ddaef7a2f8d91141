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
from scripts.bench.client import Target, per_second, post
from scripts.bench.figure import Figure

__all__ = ["figures"]

ROOT = Path(__file__).resolve().parents[2]
PEER = ROOT / ".tools" / "bin" / "posix"
CLIENTS = (1, 10, 100, 512)
SECONDS = 3.0
SIZE = 200


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


def figures() -> Iterator[Figure]:
    """Measure both, one after the other; nothing where Tessera isn't built."""
    if not PEER.exists():
        print("peer: .tools/bin/posix is not built; make tools", file=sys.stderr)
        return
    with tempfile.TemporaryDirectory(prefix="sallyport-bench-") as folder:
        key = Path(folder) / "log.key"
        key.write_text(SeedSigner.generate("bench.invalid/log").secret_text)
        port = _free_port()
        listen, stored = f"--listen=127.0.0.1:{port}", f"--storage_dir={folder}/peer"
        with _running(str(PEER), listen, stored, f"--private_key={key}", port=port):
            theirs = _rates(port)
        port = _free_port()
        own = (sys.executable, "-m", "scripts.bench.appender", f"{folder}/ours")
        with _running(*own, str(port), port=port):
            ours = _rates(port)
    for clients, value, peer in zip(CLIENTS, ours, theirs, strict=True):
        yield Figure(
            name=f"log over HTTP: durable entries a second, {clients} waiting clients",
            value=value,
            unit="1/s",
            baseline={"Tessera 1.0.4 POSIX": peer},
            goal="ahead",
            met=value > peer,
        )
