"""Whole exchanges over mutual TLS, beside a bare handler on the same row.

Both servers run on one core, the client on another. Rounds of the two alternate, so
that what else the machine does falls on both; a figure is the median of the rounds.
"""

from __future__ import annotations

import asyncio
import contextlib
import statistics
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import uvloop

from gateway.demo.client import client_context
from scripts.bench.client import (
    Load,
    Target,
    in_turn,
    paced_ms,
    per_second,
    post,
    stream,
)
from scripts.bench.county import (
    WHO,
    Size,
    activate,
    document,
    everybody,
    token,
    write_county,
)
from scripts.bench.disk import sync_times_ms
from scripts.bench.figure import Figure, percentile
from scripts.bench.questions import engine_us, questions
from scripts.bench.running import Server, running

__all__ = ["figures"]

CLIENTS = 64
ROUNDS = 5
SECONDS = 1.5
RATE = 200.0
GOAL_SCREENED = 0.60
GOAL_FACTS = 0.42
GOAL_NEW = 1.15
GOAL_GROWTH = 1.10
GROWN = {
    "10x rules that don't apply": Size(rules=810),
    "10x datasets": Size(datasets=50),
}
"""The shipped law of the county has some 90 rules, and it has five datasets."""
ROWS = 100_000
EARLY = 20
FLAT = 0.05


@dataclass(frozen=True, kw_only=True, slots=True)
class _Asking:
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
class _County:
    """A county's files, and how its requester asks."""

    root: Path
    config: Path
    bearer: str
    target: Callable[[int], Target]

    def asks(self, server: Server, body: bytes) -> _Asking:
        """Return the same question again and again."""
        request = self.post(body)
        return _Asking(
            server=server, target=self.target(server.port), following=lambda: request
        )

    def post(self, body: bytes) -> bytes:
        """Return the bytes of one request."""
        headers = (
            f"Authorization: Bearer {self.bearer}\r\nContent-Type: application/json\r\n"
        )
        return post("/v1/exchanges", body, headers=headers)


@contextlib.contextmanager
def _county(size: Size) -> Iterator[_County]:
    with tempfile.TemporaryDirectory(prefix="sallyport-bench-") as folder:
        layout = write_county(Path(folder) / "county", size)
        asyncio.run(activate(layout))
        context = client_context(layout.requester(WHO))
        yield _County(
            root=layout.root,
            config=layout.config(),
            bearer=token(layout),
            target=lambda port: Target(port=port, context=context),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Compared:
    """Medians of alternating rounds."""

    per_second: float
    beside: float
    ratio: float
    cpu_us: float
    beside_cpu_us: float


def _compared(ours: _Asking, beside: _Asking, *, rounds: int = ROUNDS) -> _Compared:
    ours.warm()
    beside.warm()
    pairs = [(beside.round(), ours.round()) for _ in range(rounds)]
    median = statistics.median
    return _Compared(
        per_second=median(mine[0] for _, mine in pairs),
        beside=median(other[0] for other, _ in pairs),
        ratio=median(mine[0] / other[0] for other, mine in pairs),
        cpu_us=median(mine[1] for _, mine in pairs),
        beside_cpu_us=median(other[1] for other, _ in pairs),
    )


def _beside_bare(name: str, compared: _Compared, goal: float) -> Figure:
    return Figure(
        name=name,
        value=compared.ratio,
        unit="governed / bare",
        baseline={
            "bare, 1/s": compared.beside,
            "governed, 1/s": compared.per_second,
            "bare, processor us an answer": compared.beside_cpu_us,
            "governed, processor us an answer": compared.cpu_us,
        },
        goal=f">= {goal}",
        met=compared.ratio >= goal,
    )


def _throughput(county: _County, governed: Server, bare: Server) -> Iterator[Figure]:
    register, records = document("bench-register"), document("bench-records")
    yield _beside_bare(
        "exchange: warm, rules that need no record facts",
        _compared(county.asks(governed, register), county.asks(bare, register)),
        GOAL_SCREENED,
    )
    yield _beside_bare(
        "exchange: warm, rules that need record facts (two statements)",
        _compared(county.asks(governed, records), county.asks(bare, records)),
        GOAL_FACTS,
    )


def _latency(county: _County, governed: Server, bare: Server) -> Iterator[Figure]:
    body = document("bench-records")
    theirs = county.asks(bare, body).paced()
    ours = county.asks(governed, body).paced()
    disk: Sequence[float] = sync_times_ms()
    p99 = percentile(disk, 99)
    added = percentile(ours, 99) - percentile(theirs, 99)
    bound = 5.0 if p99 <= 1 else 2 * p99 + 3
    yield Figure(
        name=f"exchange: added latency p99 at {RATE:.0f} requests/s",
        value=added,
        unit="ms",
        baseline={
            "bare p50, ms": percentile(theirs, 50),
            "bare p99, ms": percentile(theirs, 99),
            "governed p50, ms": percentile(ours, 50),
            "governed p99, ms": percentile(ours, 99),
            "fdatasync p50, ms": percentile(disk, 50),
            "fdatasync p99, ms": p99,
        },
        goal=f"<= {bound:.1f} ms",
        met=added <= bound,
    )


def _new_questions(county: _County, governed: Server) -> Iterator[Figure]:
    """Ask many different questions once, then the same ones again.

    Processor time is compared: the disk's own time is in both and varies more.
    """
    target, spent = county.target(governed.port), []
    requests = [county.post(body) for body in questions()]
    for _ in ("new", "asked before"):
        start = governed.cpu_s()
        uvloop.run(in_turn(target, requests))
        spent.append((governed.cpu_s() - start) / len(requests) * 1e6)
    new, before = spent
    engine = engine_us(county.config)
    ratio = (new - before) / engine
    yield Figure(
        name="exchange: every question new: what that adds, over the engine's own time",
        value=ratio,
        unit="added / engine",
        baseline={
            "new, processor us": new,
            "asked before, processor us": before,
            "embedded engine alone, processor us": engine,
        },
        goal=f"<= {GOAL_NEW}",
        met=ratio <= GOAL_NEW,
    )


def _growth(county: _County, governed: Server) -> Iterator[Figure]:
    """Compare with a gateway that has ten times as much of one thing."""
    body = document("bench-register")
    for name, size in GROWN.items():
        with _county(size) as grown, running("governed", grown.config) as other:
            asked = grown.asks(other, body)
            yield _grown(name, _compared(asked, county.asks(governed, body)))
    # By now the first gateway's log is long; one that starts has none to speak of.
    with _county(Size()) as fresh, running("governed", fresh.config) as other:
        asked = county.asks(governed, body)
        yield _grown(
            "10x log size, and more", _compared(asked, fresh.asks(other, body))
        )


def _grown(name: str, compared: _Compared) -> Figure:
    value = 1 / compared.ratio
    return Figure(
        name=f"exchange: growth, {name}",
        value=value,
        unit="x a request",
        baseline={
            "1/s": compared.beside,
            "grown, 1/s": compared.per_second,
            "processor us": compared.beside_cpu_us,
            "grown, processor us": compared.cpu_us,
        },
        goal=f"<= {GOAL_GROWTH}",
        met=value <= GOAL_GROWTH,
    )


def _memory() -> Iterator[Figure]:
    """Stream a hundred thousand rows twice; look at the memory all along the second.

    The first time fills what is bounded: the log's newest tile, its own memory of
    pages, the allocator's arenas.
    """
    with (
        _county(Size(records=ROWS)) as county,
        running("governed", county.config) as governed,
    ):
        request = county.post(everybody("bench-register"))
        target = county.target(governed.port)
        pages = uvloop.run(stream(target, request, lambda _page: None))
        held: list[int] = []

        def page(number: int) -> None:
            if number >= EARLY:
                held.append(governed.memory_kib())

        uvloop.run(stream(target, request, page))
    grown = (max(held) - held[0]) / 1024
    yield Figure(
        name=f"exchange: memory that {ROWS} rows add after page {EARLY}",
        value=grown,
        unit="MiB",
        baseline={"held at that page, MiB": held[0] / 1024, "pages": float(pages)},
        goal=f"flat: <= {FLAT} of what is held",
        met=grown * 1024 <= FLAT * held[0],
    )


def figures() -> Iterator[Figure]:
    """Measure throughput, latency, new questions, growth and memory."""
    with (
        _county(Size()) as county,
        running("bare", county.config) as bare,
        running("governed", county.config) as governed,
    ):
        yield from _throughput(county, governed, bare)
        yield from _latency(county, governed, bare)
        yield from _new_questions(county, governed)
        yield from _growth(county, governed)
    yield from _memory()
