"""The acts of the log, cached: read once, folded in memory, sealed under a key.

The log is the truth, and what is cached is compared with it at each start. The cache
says how far the log was read, so that a state put back from an older copy is told from
one that a crash left. Its seal covers every row and how far it goes: rows deleted or
edited do not fit it, and then the log is read from its beginning.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, delete, insert, select

from gateway.acts import (
    ActEvent,
    ActMalformed,
    ActOutOfOrder,
    ActsInForce,
    fold,
    parse_note,
)
from gateway.state.database import Database
from gateway.state.migrate import StateRefused
from gateway.state.tables import acts, seal

__all__ = ["ActsCache"]


class ActsCache:
    """What holds by the acts read so far, and how far the log was read."""

    def __init__(self, *, database: Database, key: bytes, origin: str) -> None:
        """Take the database, the key for acts and the log's name."""
        self._database = database
        self._key = key
        self._origin = origin
        self._events: tuple[ActEvent, ...] = ()
        self._size = 0
        self._stored = 0
        self._marked = 0
        self._chain = b""
        self.put_back = False
        """Whether less was stored than this process had stored itself."""
        self.in_force = ActsInForce()

    @property
    def unstored(self) -> bool:
        """Whether some acts could not be stored yet."""
        return self._stored < len(self._events)

    @property
    def log_size(self) -> int:
        """How many entries of the log are covered."""
        return self._size

    @property
    def events(self) -> tuple[ActEvent, ...]:
        """Every act, in the order of the entries."""
        return self._events

    async def load(self) -> bool:
        """Read the cache; False when it was altered and is now empty.

        Raises:
            StateRefused: when it belongs to another log.
            Unavailable: state-unavailable.
        """
        sealed, events = await self._database.run(_stored)
        if sealed is None:
            return not events
        origin, size, mac = sealed
        if origin != self._origin:
            raise StateRefused(
                f"the state database belongs to the log {origin}, not {self._origin}"
            )
        parsed = _parsed(events)
        chain = _chained(b"", events)
        if parsed is None or not hmac.compare_digest(mac, self._mac(size, chain)):
            return False
        try:
            # Whose the signatures are is looked at again: who holds the seal's key
            # can seal anything, and can't sign for people.
            self.in_force = fold(parsed)
        except ActOutOfOrder:
            return False
        self._events, self._size, self._chain = parsed, size, chain
        self._stored, self._marked = len(parsed), size
        return True

    def forget(self) -> None:
        """Start again from nothing: the log is to be read from its beginning."""
        self._events, self._size, self._stored, self._marked = (), 0, 0, 0
        self._chain = b""
        self.in_force = ActsInForce()

    async def extend(
        self, events: Sequence[ActEvent], *, log_size: int, store: bool = True
    ) -> ActsInForce:
        """Add the acts of entries read since, and store them with the new size.

        Args:
            events: the acts.
            log_size: how many entries of the log are covered then.
            store: now, or with the next that are added.

        Raises:
            ActOutOfOrder: when an act cannot follow the ones before it; nothing is
                changed then.
            Unavailable: state-unavailable. What holds in memory is new all the same:
                the log has it, and the next start reads it there.
        """
        in_force = self.in_force
        for event in events:
            in_force = in_force.after(event)
        self._events += tuple(events)
        self._chain = _chained(self._chain, map(_row, events))
        self._size, self.in_force = max(log_size, self._size), in_force
        if not store:
            return in_force
        mark = (self._origin, self._size, self._mac(self._size, self._chain))
        missing = [_row(event) for event in self._events[self._stored :]]
        known, count = self._marked, len(self._events)
        stored = await self._database.run(
            lambda connection: _store(
                connection, mark, missing, anew=not self._stored, known=known
            )
        )
        if stored:
            self._stored, self._marked = count, max(mark[1], self._marked)
        else:
            self.put_back = True
        return in_force

    def renew(self) -> None:
        """Store all of it anew next time: somebody has written that it was put back."""
        self._stored, self._marked, self.put_back = 0, 0, False

    def known(self, log_size: int) -> None:
        """Note in memory that no act is among the entries up to here."""
        self._size = max(log_size, self._size)

    async def mark(self, log_size: int) -> None:
        """Note that the log was read this far and that no act was among it.

        Raises:
            Unavailable: state-unavailable.
        """
        if log_size > self._marked:
            await self.extend((), log_size=log_size)

    def _mac(self, size: int, chain: bytes) -> bytes:
        text = f"{self._origin}\n{size}\n".encode()
        return hmac.digest(self._key, text + chain, "sha256")


Stored = tuple[int, int, bytes]


def _stored(
    connection: Connection,
) -> tuple[tuple[str, int, bytes] | None, list[Stored]]:
    mark = connection.execute(select(seal)).one_or_none()
    rows = connection.execute(select(acts).order_by(acts.c.entry))
    events = [(row.entry, row.at_ms, row.note) for row in rows]
    return (None if mark is None else (mark.origin, mark.log_size, mark.mac)), events


def _store(
    connection: Connection,
    mark: tuple[str, int, bytes],
    rows: Sequence[Stored],
    *,
    anew: bool,
    known: int,
) -> bool:
    """Store rows and how far they go; False where less is there than is known."""
    origin, size, mac = mark
    before = connection.execute(select(seal)).one_or_none()
    found = 0 if before is None else before.log_size
    if not anew and found < known:
        return False
    if not anew and found > size:
        return True  # another process of this gateway has read further, and stored it
    # From the first one on: a commit that we did not hear of left some already.
    first = 0 if anew or not rows else rows[0][0]
    if anew or rows:
        connection.execute(delete(acts).where(acts.c.entry >= first))
    if rows:
        names = ("entry", "at_ms", "note")
        values = [dict(zip(names, row, strict=True)) for row in rows]
        connection.execute(insert(acts), values)
    connection.execute(delete(seal))
    connection.execute(insert(seal).values(id=0, origin=origin, log_size=size, mac=mac))
    return True


def _row(event: ActEvent) -> Stored:
    return event.index, event.at_ms, event.act.note


def _parsed(rows: Iterable[Stored]) -> tuple[ActEvent, ...] | None:
    try:
        return tuple(
            ActEvent(index=entry, at_ms=at_ms, act=parse_note(note))
            for entry, at_ms, note in rows
        )
    except ActMalformed:
        return None


def _chained(chain: bytes, rows: Iterable[Stored]) -> bytes:
    """Fold rows into one digest, so that a new act costs one hash, not all of them."""
    for entry, at_ms, note in rows:
        head = f"{entry} {at_ms} {len(note)}\n".encode()
        chain = hashlib.sha256(chain + head + note).digest()
    return chain
