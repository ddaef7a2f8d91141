"""Reading the acts of the log back: state is never ahead of the log, nor behind it."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import (
    Callable,
    Collection,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from dataclasses import dataclass
from typing import Protocol

from audit.contract import News
from gateway.acts import ActEvent, ActMalformed, parse_note
from gateway.canonical import digest
from gateway.state.acts import ActsCache
from gateway.state.migrate import StateRefused

__all__ = ["ACTS", "CaughtUp", "LogReader", "catch_up", "follow", "hour_ms"]

_HOUR_MS = 3_600_000
_EVENTS = ("act", "start", "stop")
"""The events of leaves that name an act."""

ACTS = "acts"
"""The kind of public files that the notes of acts are."""

_OTHERS_S = 1.0
_LOOKS = 5
"""How often, and how many times more, it is looked whether others stored theirs."""

_STEP = 65_536
"""Entries read between two looks at the event loop."""


class LogReader(Protocol):
    """What is read of the log here; ``audit.Log`` is one."""

    @property
    def size(self) -> int:
        """How many entries are durable."""

    @property
    def shared(self) -> bool:
        """Whether other processes may write it at the same time."""

    async def news(self, start: int, kind: str) -> News:
        """Return which files of a kind entries from ``start`` on brought."""

    def leaves(
        self, start: int = 0, end: int | None = None, *, ev: Collection[str] = ()
    ) -> Iterable[tuple[int, Mapping[str, object]]]:
        """Yield the index and the members of leaves with one of these events."""

    def attached(self, path: str, index: int) -> bytes | None:
        """Return a public file that an entry brought, ``acts/<sha256>``, or None."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CaughtUp:
    """What reading the log came to.

    ``entries`` were read, ``acts`` found among them; ``rebuilt`` says that the cache
    did not fit its seal, or the log, and everything was read again; ``behind`` that the
    state lacks more than a crash can lose: it was put back from an older copy.
    """

    entries: int
    acts: int
    rebuilt: bool
    behind: bool = False


async def catch_up(
    log: LogReader,
    cache: ActsCache,
    *,
    progress: Callable[[int], None] = lambda _entries: None,
) -> CaughtUp:
    """Bring the cached acts up to the log's size.

    What is cached of acts is made again from the log. Not so reviews, tasks and whom
    somebody asked about: so a state that is ``behind`` is not stored as caught up with
    before somebody has written that it was. Where others write the log too, what they
    wrote a moment ago is not in the state yet: then it is looked at again.

    Raises:
        StateRefused: when the state knows entries that the log has not: the log was
            put back from an older copy, or is another one.
        ActOutOfOrder, ActMalformed: when the log's acts cannot be read in order.
        Unavailable: state-unavailable.
        audit.LogUnavailable: no answer from the log's store.
    """
    found = await _read(log, cache, progress)
    looks = _LOOKS if log.shared else 0
    while found.caught_up.behind and looks:
        looks -= 1
        await asyncio.sleep(_OTHERS_S)
        found = await _read(log, cache, progress)
    if found.caught_up.entries or found.acts:
        store = not found.caught_up.behind
        await cache.extend(found.acts, log_size=found.size, store=store)
    return found.caught_up


@dataclass(frozen=True, kw_only=True, slots=True)
class _Read:
    """What reading came to, and what it found; not yet added to the cache."""

    caught_up: CaughtUp
    acts: Sequence[ActEvent]
    size: int


async def _read(
    log: LogReader, cache: ActsCache, progress: Callable[[int], None]
) -> _Read:
    """Load the cache, compare it with the log, and read what the cache lacks."""
    rebuilt = not await cache.load()
    # After the cache: others may have added to both since the log was opened.
    size = (await log.news(log.size, ACTS)).size if log.shared else log.size
    if not rebuilt and cache.log_size > size:
        raise StateRefused(
            f"the state has seen {cache.log_size} entries of the log, which now has"
            f" {size}: an older copy of the log was put back; restore the newest copy"
        )
    rebuilt = rebuilt or not await asyncio.to_thread(_as_in_log, log, cache)
    if rebuilt:
        cache.forget()
    start = cache.log_size
    found: list[ActEvent] = []
    for first in range(start, size, _STEP):
        last = min(first + _STEP, size)
        found += await asyncio.to_thread(
            lambda a, b: list(_acts(log, a, b)), first, last
        )
        progress(last - start)
    served = any(e.statement.act == "start" for e in (*cache.events, *found))
    behind = served and await asyncio.to_thread(_behind, log, found, start, size)
    caught_up = CaughtUp(
        entries=size - start, acts=len(found), rebuilt=rebuilt, behind=behind
    )
    return _Read(caught_up=caught_up, acts=found, size=size)


async def follow(log: LogReader, cache: ActsCache) -> tuple[ActEvent, ...]:
    """Add the acts that other processes have written since; return them.

    For a log that others write too. An act is an entry that brought its note, so
    only those are read, however many others came between.

    Raises:
        ActOutOfOrder, ActMalformed: one of them cannot count; nothing was added.
        Unavailable: state-unavailable; they hold in memory all the same.
        audit.LogUnavailable: no answer from the log's store.
    """
    news = await log.news(cache.log_size, ACTS)
    if not news.files:
        cache.known(news.size)
        if cache.unstored:
            await cache.extend((), log_size=news.size)
        return ()
    found = await asyncio.to_thread(
        lambda: tuple(
            event
            for index in sorted({index for index, _ in news.files})
            for event in _acts(log, index, index + 1)
        )
    )
    await cache.extend(found, log_size=news.size)
    return found


def _behind(log: LogReader, unknown: Sequence[ActEvent], start: int, size: int) -> bool:
    """Whether a state that knows ``start`` entries lacks more than a crash can lose.

    The state is told of each act as soon as its entry is durable, and of all other
    entries once a minute. So a crash leaves one act unknown, and nothing that followed
    a start; and what is unknown lies in one hour, or in two that meet.
    """
    words = [event.statement.act for event in unknown]
    if "start" in words:
        first = next(e.index for e in unknown if e.statement.act == "start")
        stopped = unknown[-1].index == size - 1 and words[-1] == "stop"
        return size - first > (2 if stopped else 1)
    # Keys are rotated beside a gateway that is down, and nobody tells its state.
    if len(words) - words.count("key-rotation") > 1:
        return True
    if start >= size:
        return False
    hours = [
        hour_ms(str(leaf["t"]))
        for place in (start, size - 1)
        for _, leaf in log.leaves(place, place + 1)
    ]
    return hours[-1] - hours[0] > _HOUR_MS


def _as_in_log(log: LogReader, cache: ActsCache) -> bool:
    """Whether the cache holds the acts of the entries that it covers, and no others.

    Who has the seal's key can leave out an act as well as add one: a cut-off that was
    not lifted, rules that came after. So every leaf is looked at, most of them by their
    bytes alone.
    """
    leaves = log.leaves(0, cache.log_size, ev=_EVENTS)
    logged = [(index, leaf.get("act")) for index, leaf in leaves if leaf.get("act")]
    return logged == [(event.index, event.act.sha256) for event in cache.events]


def _acts(log: LogReader, start: int, end: int) -> Iterator[ActEvent]:
    for index, leaf in log.leaves(start, end, ev=_EVENTS):
        sha256 = leaf.get("act")
        if isinstance(sha256, str) and sha256:
            yield _event(log, index, leaf, sha256)


def _event(
    log: LogReader, index: int, leaf: Mapping[str, object], sha256: str
) -> ActEvent:
    note = log.attached(f"{ACTS}/{sha256}", index)
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
