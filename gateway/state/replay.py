"""Reading the acts of the log back: state is never ahead of the log, nor behind it."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from gateway.acts import ActEvent, ActMalformed, parse_note
from gateway.canonical import digest
from gateway.state.acts import ActsCache
from gateway.state.migrate import StateRefused

__all__ = ["CaughtUp", "LogReader", "catch_up", "hour_ms"]

_STEP = 65_536
"""Entries read between two looks at the event loop."""


class LogReader(Protocol):
    """What is read of the log here; ``audit.Log`` is one."""

    @property
    def size(self) -> int:
        """How many entries are durable."""

    def leaves(
        self, start: int = 0, end: int | None = None, *, ev: Collection[str] = ()
    ) -> Iterable[tuple[int, Mapping[str, object]]]:
        """Yield the index and the members of leaves with one of these events."""

    def read(self, path: str) -> bytes | None:
        """Return a public file, such as ``acts/<sha256>``, or None."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CaughtUp:
    """What reading the log came to.

    ``entries`` were read, ``acts`` found among them; ``rebuilt`` says that the cache
    did not fit its seal and everything was read again.
    """

    entries: int
    acts: int
    rebuilt: bool


async def catch_up(
    log: LogReader,
    cache: ActsCache,
    *,
    progress: Callable[[int], None] = lambda _entries: None,
) -> CaughtUp:
    """Bring the cached acts up to the log's size.

    Raises:
        StateRefused: when the state knows entries that the log has not: the log was
            put back from an older copy, or is another one.
        ActOutOfOrder, ActMalformed: when the log's acts cannot be read in order.
        Unavailable: state-unavailable.
    """
    rebuilt, size = not await cache.load(), log.size
    if not rebuilt and cache.log_size > size:
        raise StateRefused(
            f"the state has seen {cache.log_size} entries of the log, which now has"
            f" {size}: an older copy of the log was put back; restore the newest copy"
        )
    rebuilt = rebuilt or not await asyncio.to_thread(_same_people, log, cache.events)
    if rebuilt:
        cache.forget()
    start = cache.log_size
    found = 0
    for first in range(start, size, _STEP):
        last = min(first + _STEP, size)
        events = await asyncio.to_thread(
            lambda a, b: list(_acts(log, a, b)), first, last
        )
        found += len(events)
        await cache.extend(events, log_size=last)
        progress(last - start)
    return CaughtUp(entries=size - start, acts=found, rebuilt=rebuilt)


def _same_people(log: LogReader, events: Iterable[ActEvent]) -> bool:
    """Whether the rosters of the cache are those of the log.

    Every other act is signed by people of these, so a cache that somebody made anew,
    with people of their own, does not pass.
    """
    return all(
        [leaf.get("act") for _, leaf in log.leaves(event.index, event.index + 1)]
        == [event.act.sha256]
        for event in events
        if event.statement.people
    )


def _acts(log: LogReader, start: int, end: int) -> Iterator[ActEvent]:
    for index, leaf in log.leaves(start, end, ev=("act", "start", "stop")):
        sha256 = leaf.get("act")
        if isinstance(sha256, str) and sha256:
            yield _event(log, index, leaf, sha256)


def _event(
    log: LogReader, index: int, leaf: Mapping[str, object], sha256: str
) -> ActEvent:
    note = log.read(f"acts/{sha256}")
    if note is None or digest(note) != sha256:
        raise ActMalformed(f"entry {index}: its act is missing or was altered")
    try:
        act = parse_note(note)
    except ActMalformed as error:
        raise ActMalformed(f"entry {index}: {error}") from error
    return ActEvent(index=index, at_ms=hour_ms(str(leaf["t"])), act=act)


def hour_ms(text: str) -> int:
    """Return the start of an hour such as ``2026-11-23T09Z`` in Unix milliseconds.

    Raises:
        ValueError: for anything else.
    """
    hour = dt.datetime.strptime(text, "%Y-%m-%dT%HZ").replace(tzinfo=dt.UTC)
    return int(hour.timestamp() * 1000)
