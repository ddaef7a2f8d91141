"""Whole exchanges over mutual TLS, beside a bare handler on the same row.

Both servers run on one core, the client on another: see :mod:`scripts.bench.asking`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import uvloop

from scripts.bench.asking import RATE, Compared, County, compared, county_of
from scripts.bench.client import in_turn, stream
from scripts.bench.county import Size, document, everybody
from scripts.bench.disk import sync_times_ms
from scripts.bench.figure import Figure, percentile
from scripts.bench.questions import engine_us, questions
from scripts.bench.running import Server, running

__all__ = ["figures"]

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


def _beside_bare(name: str, found: Compared, goal: float) -> Figure:
    return Figure(
        name=name,
        value=found.ratio,
        unit="governed / bare",
        baseline={
            "bare, 1/s": found.beside,
            "governed, 1/s": found.per_second,
            "bare, processor us an answer": found.beside_cpu_us,
            "governed, processor us an answer": found.cpu_us,
        },
        goal=f">= {goal}",
        met=found.ratio >= goal,
    )


def _throughput(county: County, governed: Server, bare: Server) -> Iterator[Figure]:
    register, records = document("bench-register"), document("bench-records")
    yield _beside_bare(
        "exchange: warm, rules that need no record facts",
        compared(county.asks(governed, register), county.asks(bare, register)),
        GOAL_SCREENED,
    )
    yield _beside_bare(
        "exchange: warm, rules that need record facts (two statements)",
        compared(county.asks(governed, records), county.asks(bare, records)),
        GOAL_FACTS,
    )


def _latency(county: County, governed: Server, bare: Server) -> Iterator[Figure]:
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


def _new_questions(county: County, governed: Server) -> Iterator[Figure]:
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


def _growth(county: County, governed: Server) -> Iterator[Figure]:
    """Compare with a gateway that has ten times as much of one thing."""
    body = document("bench-register")
    for name, size in GROWN.items():
        with county_of(size) as grown, running("governed", grown.config) as other:
            asked = grown.asks(other, body)
            yield _grown(name, compared(asked, county.asks(governed, body)))
    # By now the first gateway's log is long; one that starts has none to speak of.
    with county_of(Size()) as fresh, running("governed", fresh.config) as other:
        asked = county.asks(governed, body)
        yield _grown("10x log size, and more", compared(asked, fresh.asks(other, body)))


def _grown(name: str, found: Compared) -> Figure:
    value = 1 / found.ratio
    return Figure(
        name=f"exchange: growth, {name}",
        value=value,
        unit="x a request",
        baseline={
            "1/s": found.beside,
            "grown, 1/s": found.per_second,
            "processor us": found.beside_cpu_us,
            "grown, processor us": found.cpu_us,
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
        county_of(Size(records=ROWS)) as county,
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
        county_of(Size()) as county,
        running("bare", county.config) as bare,
        running("governed", county.config) as governed,
    ):
        yield from _throughput(county, governed, bare)
        yield from _latency(county, governed, bare)
        yield from _new_questions(county, governed)
        yield from _growth(county, governed)
    yield from _memory()
