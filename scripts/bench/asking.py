"""How two servers are compared: the same client asks both, in turns.

What else the machine does falls on both; a figure is the median of the rounds.
"""

from __future__ import annotations

import asyncio
import contextlib
import statistics
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import uvloop

from gateway.demo.client import client_context
from gateway.demo.layout import Layout
from scripts.bench.client import Load, Target, paced_ms, per_second, post
from scripts.bench.county import WHO, Size, activate, token, write_county
from scripts.bench.running import Server

__all__ = ["RATE", "Asking", "Compared", "County", "compared", "county_of"]

CLIENTS = 64
ROUNDS = 5
SECONDS = 1.5
RATE = 200.0
"""Requests a second of a load that does not saturate."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Asking:
    """One server, and what it is asked."""

    server: Server
    target: Target
    following: Callable[[], bytes]

    def round(self) -> tuple[float, float]:
        """Return answers a second, and microseconds of processor time an answer."""
        before = self.server.cpu_s()
        load = self._load(SECONDS)
        spent = self.server.cpu_s() - before
        return load.per_second, spent / load.answers * 1e6

    def warm(self) -> None:
        """Have everything in memory that will be."""
        self._load(0.5)

    def paced(self) -> list[float]:
        """Return the times of answers at a steady rate, in ms."""
        return uvloop.run(
            paced_ms(self.target, self.following, rate=RATE, seconds=10)
        ).times_ms

    def _load(self, seconds: float) -> Load:
        return uvloop.run(
            per_second(self.target, self.following, clients=CLIENTS, seconds=seconds)
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class County:
    """A county's files, and how its requester asks."""

    root: Path
    config: Path
    bearer: str
    target: Callable[[int], Target]

    def asks(self, server: Server, body: bytes) -> Asking:
        """Return the same question again and again."""
        request = self.post(body)
        return Asking(
            server=server, target=self.target(server.port), following=lambda: request
        )

    def post(self, body: bytes) -> bytes:
        """Return the bytes of one request."""
        headers = (
            f"Authorization: Bearer {self.bearer}\r\nContent-Type: application/json\r\n"
        )
        return post("/v1/exchanges", body, headers=headers)


@contextlib.contextmanager
def county_of(
    size: Size, *, changed: Callable[[Layout], None] = lambda _layout: None
) -> Iterator[County]:
    """Write a county of a size and put it into force; remove it at the end.

    Args:
        size: how large it is.
        changed: called before it is put into force, to change its files.
    """
    with tempfile.TemporaryDirectory(prefix="sallyport-bench-") as folder:
        layout = write_county(Path(folder) / "county", size)
        changed(layout)
        asyncio.run(activate(layout))
        context = client_context(layout.requester(WHO))
        yield County(
            root=layout.root,
            config=layout.config(),
            bearer=token(layout),
            target=lambda port: Target(port=port, context=context),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Compared:
    """Medians of alternating rounds."""

    per_second: float
    beside: float
    ratio: float
    cpu_us: float
    beside_cpu_us: float


def compared(ours: Asking, beside: Asking, *, rounds: int = ROUNDS) -> Compared:
    """Ask two servers in turns; return what is usual of each."""
    ours.warm()
    beside.warm()
    pairs = [(beside.round(), ours.round()) for _ in range(rounds)]
    median = statistics.median
    return Compared(
        per_second=median(mine[0] for _, mine in pairs),
        beside=median(other[0] for other, _ in pairs),
        ratio=median(mine[0] / other[0] for other, mine in pairs),
        cpu_us=median(mine[1] for _, mine in pairs),
        beside_cpu_us=median(other[1] for other, _ in pairs),
    )
