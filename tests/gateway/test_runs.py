"""What is looked at beside requests: live schemas against the catalogue in force."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from connectors import Fault, LiveColumn, SourceUnavailable
from gateway.runs import watch_schema

LIVE = {"people": ("id", "name", "odd"), "stays": ("id", "day")}


class Source:
    """A database with two tables; it may be gone."""

    def __init__(self, *, gone: bool = False) -> None:
        self.gone = gone

    async def schema(self, table: str, *, deadline_s: float) -> tuple[LiveColumn, ...]:
        """Return the columns that a table has."""
        del deadline_s
        if self.gone:
            raise SourceUnavailable("gone", Fault.GONE)
        return tuple(LiveColumn(name=name, type="") for name in LIVE[table])


def dataset(table: str, *columns: str, source: str = "records") -> SimpleNamespace:
    """Return a dataset over one table, which speaks of some columns."""
    return SimpleNamespace(
        id=f"{source}-{table}",
        source=source,
        table=SimpleNamespace(name=table, key=["id"], columns=[]),
        mentioned=("id", *columns),
    )


def catalogue(*datasets: SimpleNamespace) -> SimpleNamespace:
    """Return a catalogue of datasets."""
    return SimpleNamespace(datasets={each.id: each for each in datasets})


PEOPLE, STAYS = dataset("people", "name"), dataset("stays", "day")
NARROW = dataset("stays")
"""As a catalogue that was activated later speaks of it: not of its day."""


async def counted(
    told: Callable[[], Any], source: Source, *, looks: int
) -> tuple[list[tuple[str, int]], list[str]]:
    """Return the gauge after each look, and what was said of which dataset."""
    seen: list[tuple[str, int]] = []
    said: list[str] = []
    done = asyncio.Event()

    def gauge(name: str, value: int, *, source: str) -> None:
        assert name == "sallyport_drift"
        seen.append((source, value))
        if len(seen) == looks:
            done.set()

    def warned(event: str, *, dataset: str, kind: str) -> None:
        assert (event, kind) == ("drift", "unclassified-column")
        said.append(dataset)

    telemetry: Any = SimpleNamespace(
        metrics=SimpleNamespace(set=gauge), lines=SimpleNamespace(warning=warned)
    )
    connectors: Any = {"records": source, "gone": Source(gone=True)}
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        watch = group.create_task(
            watch_schema(told, connectors, telemetry, every_s=0.001)
        )
        await done.wait()
        watch.cancel()
    return seen, said


async def test_what_a_source_lacks_is_counted_over_all_its_datasets() -> None:
    """Not that of its last one alone; a source that is gone is not said to be whole."""
    whole = catalogue(PEOPLE, STAYS, dataset("people", "name", source="gone"))
    seen, said = await counted(lambda: whole, Source(), looks=1)

    assert seen == [("records", 1)]
    assert said == ["records-people"]


async def test_the_catalogue_looked_at_is_the_one_in_force() -> None:
    """After another one was activated, that one."""
    laws = [catalogue(STAYS), catalogue(NARROW)]
    seen, said = await counted(
        lambda: laws.pop(0) if len(laws) > 1 else laws[0], Source(), looks=2
    )

    assert seen == [("records", 0), ("records", 1)]
    assert said == ["records-stays"]
