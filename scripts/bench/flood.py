"""A good client in a flood: its times beside the usual ones, and what the log grew by.

The flood comes from a process of its own on loopback, bounded in number and in time, as
fast as the machine makes it. Where client, flood and gateway share two cores, what is
measured is the gateway's share of what is left.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import uvloop

from gateway.demo.client import ask, client_context
from gateway.demo.layout import Layout
from scripts.bench.client import Load, Target, paced_ms, post
from scripts.bench.county import WHO, Size, activate, document, token, write_county
from scripts.bench.figure import Figure, percentile
from scripts.bench.running import ROOT, Server, running, to_core

__all__ = ["figures"]

RATE = 50.0
SECONDS = 6.0
MOST = 20_000
LONGEST_S = 20.0
KINDS = {
    "handshakes": "handshakes without a client certificate",
    "noise": "connections that speak no TLS",
    "tokens": "tokens of somebody else",
}


class _Good:
    """The good client: asks at a steady rate, and sees how long the log is."""

    def __init__(self, layout: Layout, server: Server) -> None:
        self._context = client_context(layout.requester(WHO))
        self._token = token(layout)
        self._server = server
        self._body = document("bench-register")
        headers = f"Authorization: Bearer {self._token}\r\n"
        self._request = post(
            "/v1/exchanges",
            self._body,
            headers=f"{headers}Content-Type: application/json\r\n",
        )

    def paced(self) -> Load:
        """Ask at the rate; each answer has to be the right one."""
        target = Target(port=self._server.port, context=self._context)
        return uvloop.run(
            paced_ms(target, lambda: self._request, rate=RATE, seconds=SECONDS)
        )

    def entries(self) -> int:
        """Return how many entries the log has, this question's own among them."""
        status, answer = asyncio.run(
            ask(
                f"https://localhost:{self._server.port}",
                json.loads(self._body),
                context=self._context,
                token=self._token,
            )
        )
        if status != 200:  # noqa: PLR2004  # the status of an answer
            raise RuntimeError(f"the good client got {status}")
        return int(answer["receipt"]["index"]) + 1


@contextlib.contextmanager
def _flood(kind: str, server: Server, root: Path) -> Iterator[dict[str, float]]:
    """Flood until the block ends, or the flood does; say what it came to."""
    command = (sys.executable, "-m", "scripts.bench.attacker", kind)
    bounds = (str(server.port), str(MOST), str(LONGEST_S), str(root))
    said: dict[str, float] = {}
    with subprocess.Popen(
        (*command, *bounds), cwd=ROOT, stdout=subprocess.PIPE
    ) as process:
        to_core(process.pid, 1)
        time.sleep(2)  # it imports, then it begins
        yield said
        out, _ = process.communicate(timeout=2 * LONGEST_S)
        said |= json.loads(out)


def _under(kind: str, good: _Good, server: Server, root: Path, usual: Load) -> Figure:
    before = good.entries()
    with _flood(kind, server, root) as said:
        load = good.paced()
    added = good.entries() - 1 - before - load.answers
    return Figure(
        name=f"flood: a good client's p99 among {KINDS[kind]}",
        value=percentile(load.times_ms, 99),
        unit="ms",
        baseline={
            "usual p50, ms": percentile(usual.times_ms, 50),
            "usual p99, ms": percentile(usual.times_ms, 99),
            "in the flood p50, ms": percentile(load.times_ms, 50),
            "good answers": float(load.answers),
            "bad ones, 1/s": said["sent"] / said["seconds"],
            "bad ones": said["sent"],
            "entries for them": float(added),
        },
    )


def figures() -> Iterator[Figure]:
    """Measure one flood after the other."""
    with tempfile.TemporaryDirectory(prefix="sallyport-bench-") as folder:
        layout = write_county(Path(folder) / "county", Size())
        asyncio.run(activate(layout))
        with running("governed", layout.config()) as server:
            good = _Good(layout, server)
            good.entries()
            usual = good.paced()
            for kind in KINDS:
                yield _under(kind, good, server, layout.root, usual)
