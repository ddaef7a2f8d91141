"""Writing acts: one act, one entry, and at once what follows from it."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping, Sequence
from typing import TypeVar

from audit import Entry, Log, LogError, LogLate, LogOverloaded
from audit.act import Act, Statement
from audit.contract import TurnLost
from gateway.acts import ActEvent, ActOutOfOrder, ActsInForce
from gateway.canonical import Json
from gateway.clock import Clock
from gateway.entries import Basis, leaf
from gateway.errors import Cause, Unavailable
from gateway.ledger.schema import unpublished_schema
from gateway.state import ActsCache, follow, hour_ms

__all__ = ["Registrar"]

T = TypeVar("T")

_RUNS = frozenset({"start", "stop"})
"""Acts with an event word of their own in the leaf; the rest are ``act``."""

Changed = Callable[[ActsInForce], Awaitable[object]]
"""Told what is in force after each act."""

Heard = Callable[[Sequence[ActEvent]], None]
"""Told the acts that another process wrote."""


_TURNS = 20
"""How often an act is built again because another process wrote one first."""


class Registrar:
    """The only writer of acts in this process; those of others it reads.

    Where several processes write one log, each act is built on all before it: a turn
    is taken, what others wrote is read, and the act is written in that turn or not.

    What was begun is done whole: who was cancelled meanwhile does not hear of it, but
    an act that is in the log holds, and the next one is built on it.
    """

    def __init__(self, *, log: Log, acts: ActsCache, origin: str, clock: Clock) -> None:
        """Take the open log, the acts read from it, the log's name, and the clock."""
        self._log = log
        self._acts = acts
        self._origin = origin
        self._clock = clock
        self._turn = asyncio.Lock()
        self._doing: asyncio.Task[object] | None = None
        self._told: list[Changed] = []
        self._heard: list[Heard] = []
        self._schema_is_there = False

    @property
    def in_force(self) -> ActsInForce:
        """What holds by the acts so far."""
        return self._acts.in_force

    @property
    def origin(self) -> str:
        """The log's name."""
        return self._origin

    @property
    def now_ms(self) -> int:
        """The time that an entry would have now, in Unix ms."""
        return max(self._clock.now_ms(), self._log.last_ms)

    def tell(self, changed: Changed) -> None:
        """Call this after each act; the act is in the log by then."""
        self._told.append(changed)

    def hear(self, heard: Heard) -> None:
        """Call this with acts that another process wrote, after :meth:`tell`'s."""
        self._heard.append(heard)

    async def follow(self) -> None:
        """Read the acts that other processes wrote since, where there are others.

        Raises:
            ActOutOfOrder, ActMalformed: one of them cannot count.
            Unavailable: log-unavailable.
        """
        if self._log.shared:
            await self._alone(self._follow)

    async def end(self) -> None:
        """Return when what was begun is done; before log and state are closed."""
        async with self._turn:
            pass

    @property
    def events(self) -> tuple[ActEvent, ...]:
        """Every act, in the order of the entries."""
        return self._acts.events

    def event(self, index: int) -> ActEvent | None:
        """Return the act that is the entry with this index, or None."""
        found = (item for item in self._acts.events if item.index == index)
        return next(found, None)

    async def public_file(self, path: str) -> bytes | None:
        """Return a file that an act brought with it, such as a manifest, or None.

        Raises:
            Unavailable: log-unavailable.
        """
        with _as_unavailable():
            await self._log.settle()
        return await asyncio.to_thread(self._log.read, path)

    def require(self, act: Act) -> None:
        """Return if an act would count, were it written now.

        Raises:
            ActOutOfOrder: with the reason why not.
        """
        event = ActEvent(index=self._log.size, at_ms=self.now_ms, act=act)
        if act.statement.origin != self._origin:
            reason = f"it is of another log, {act.statement.origin}"
            raise ActOutOfOrder(event, reason)
        self._acts.in_force.after(event)

    async def state(
        self,
        build: Callable[[ActsInForce], Statement],
        *,
        basis: Basis | Callable[[], Basis],
        sealed: Mapping[str, Mapping[str, Json]] | None = None,
    ) -> ActEvent:
        """Write an act that nobody has to sign; :meth:`write` says the rest.

        Args:
            build: makes the statement from what is in force; its counter is set here.
            basis: the bundle and manifest that the entry names, or what tells them
                once all acts before it are known.
            sealed: what auditors can read of it, by part.
        """
        return await self.write(
            lambda in_force: Act(statement=in_force.numbered(build(in_force))),
            basis=basis,
            sealed=sealed,
        )

    async def write(
        self,
        build: Callable[[ActsInForce], Act],
        *,
        basis: Basis | Callable[[], Basis],
        sealed: Mapping[str, Mapping[str, Json]] | None = None,
        attachments: Mapping[str, bytes] | None = None,
    ) -> ActEvent:
        """Write one act; when this returns it is durable and in force.

        Args:
            build: makes the act from what is in force; one act at a time, so that
                its counter is right.
            basis: the bundle and manifest that the entry names.
            sealed: what auditors can read of it, by part.
            attachments: public files that have to be durable with it.

        Raises:
            ActOutOfOrder: it does not count; nothing was written.
            Unavailable: overloaded, and nothing was written; or log-unavailable, and
                if the act stands all the same, it holds once the log can be read.
        """
        return await self._alone(
            lambda: self._write(
                build, basis=basis, sealed=sealed or {}, attachments=attachments or {}
            )
        )

    async def _alone(self, work: Callable[[], Coroutine[object, object, T]]) -> T:
        """Do one thing at a time, each to its end once it was begun.

        An act that is durable and not in force would have its number given again, and
        no start would read such a log. So what is done is a task of its own, which
        who waits for it does not take along when cancelled.
        """
        await self._turn.acquire()
        doing = asyncio.create_task(work())  # noqa: TID251  # ours: end() waits for it
        self._doing = doing  # the event loop holds it weakly
        doing.add_done_callback(lambda _: self._turn.release())
        return await asyncio.shield(doing)

    async def _write(
        self,
        build: Callable[[ActsInForce], Act],
        *,
        basis: Basis | Callable[[], Basis],
        sealed: Mapping[str, Mapping[str, Json]],
        attachments: Mapping[str, bytes],
    ) -> ActEvent:
        schema = await self._schema()
        for _ in range(_TURNS):
            turn = await self._take_turn()
            act = build(self._acts.in_force)
            self.require(act)
            before_ms = self._acts.in_force.authority.before_ms(act, self.now_ms)
            files = {f"acts/{act.sha256}": act.note, **schema, **attachments}
            entry = Entry(
                public=_leaf(act, basis() if callable(basis) else basis),
                sealed=sealed,
                attachments=files,
                before_ms=before_ms,
                turn=turn,
            )
            with contextlib.suppress(TurnLost):
                event = await self._append(act, entry)
                self._schema_is_there = True
                await self._add(event)
                return event
        raise Unavailable(Cause.OVERLOADED, "other processes write acts all the time")

    async def _schema(self) -> dict[str, bytes]:
        """Return the leaf's schema unless the log has it; any process begins so."""
        if self._schema_is_there:
            return {}
        with _as_unavailable():
            return await unpublished_schema(self._log)

    async def _take_turn(self) -> int | None:
        """Be the one whose turn it is, knowing all acts; None where nobody else is."""
        if not self._log.shared:
            return None
        with _as_unavailable():
            turn, _ = await self._log.take_turn()
        await self._follow()
        return turn

    async def _follow(self) -> None:
        """Read what others wrote, and tell; in the lock."""
        before = len(self._acts.events)
        # Where the cache cannot be written they hold all the same.
        with _as_unavailable(), contextlib.suppress(Unavailable):
            await follow(self._log, self._acts)
        if found := self._acts.events[before:]:
            await self._tell()
            for heard in self._heard:
                heard(found)

    async def _add(self, event: ActEvent) -> None:
        # The act is in the log, so it holds. Where the cache cannot be written the
        # next start reads it in the log again.
        with contextlib.suppress(Unavailable):
            await self._acts.extend([event], log_size=event.index + 1)
        await self._tell()

    async def _tell(self) -> None:
        for changed in self._told:
            await changed(self._acts.in_force)

    async def _append(self, act: Act, entry: Entry) -> ActEvent:
        try:
            receipt = await self._log.append(entry)
        except LogLate as error:
            late = ActEvent(index=self._log.size, at_ms=self.now_ms, act=act)
            reason = "it expired, or the roster changed, while it was being written"
            raise ActOutOfOrder(late, reason) from error
        except LogOverloaded as error:
            raise Unavailable(Cause.OVERLOADED, str(error)) from error
        except TurnLost:
            raise
        except LogError as error:
            raise Unavailable(Cause.LOG_UNAVAILABLE, str(error)) from error
        hour = json.loads(receipt.leaf or b"{}").get("t", "")
        return ActEvent(index=receipt.index, at_ms=hour_ms(hour), act=act)


@contextlib.contextmanager
def _as_unavailable() -> Iterator[None]:
    """Say of whatever fails in the log that it is not available."""
    try:
        yield
    except LogError as error:
        raise Unavailable(Cause.LOG_UNAVAILABLE, str(error)) from error


def _leaf(act: Act, basis: Basis) -> dict[str, Json]:
    statement = act.statement
    word = statement.act
    return leaf(
        event=word if word in _RUNS else "act",
        decision=word,
        policy=basis.policy,
        manifest=basis.manifest,
        act=act.sha256,
        counter=statement.counter if word == "activation" else 0,
    )
