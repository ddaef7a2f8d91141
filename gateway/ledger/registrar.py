"""Writing acts: one statement, one entry, and at once what follows from it."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from audit import Entry, Log, LogError, LogOverloaded
from gateway.acts import ActEvent, ActsInForce, Statement, genesis
from gateway.canonical import Json
from gateway.entries import cfg, leaf, leaf_schema
from gateway.errors import Cause, Unavailable
from gateway.state import ActsCache, hour_ms

__all__ = ["Basis", "Registrar"]

_RUNS = frozenset({"start", "stop"})
"""Acts with an event word of their own in the leaf; the rest are ``act``."""

Changed = Callable[[ActsInForce], Awaitable[object]]
"""Told what is in force after each act."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Basis:
    """What an entry was made under: the bundle's revision, the manifest's digest."""

    policy: str
    manifest: str


class Registrar:
    """The only writer of acts."""

    def __init__(self, *, log: Log, acts: ActsCache, origin: str) -> None:
        """Take the open log, the acts read from it, and the log's name."""
        self._log = log
        self._acts = acts
        self._origin = origin
        self._turn = asyncio.Lock()
        self._told: list[Changed] = []

    @property
    def in_force(self) -> ActsInForce:
        """What holds by the acts so far."""
        return self._acts.in_force

    @property
    def origin(self) -> str:
        """The log's name."""
        return self._origin

    def tell(self, changed: Changed) -> None:
        """Call this after each act; the act is in the log by then."""
        self._told.append(changed)

    async def begin(self, basis: Basis) -> None:
        """Write ``genesis`` as entry 0, unless the log has begun.

        Raises:
            Unavailable: log-unavailable.
        """
        if self._log.size == 0:
            await self.write(
                lambda _in_force: genesis(origin=self._origin, cfg=cfg()),
                basis=basis,
                attachments={f"schema/{cfg()}.json": leaf_schema()},
            )

    async def write(
        self,
        build: Callable[[ActsInForce], Statement],
        *,
        basis: Basis,
        sealed: Mapping[str, Mapping[str, Json]] | None = None,
        attachments: Mapping[str, bytes] | None = None,
    ) -> ActEvent:
        """Write one act; when this returns it is durable and in force.

        Args:
            build: makes the statement from what is in force; one act at a time, so
                that its counter is right.
            basis: the bundle and manifest that the entry names.
            sealed: what auditors can read of it, by part.
            attachments: public files that have to be durable with it.

        Raises:
            Unavailable: log-unavailable or overloaded; the act was not done then.
        """
        async with self._turn:
            statement = build(self._acts.in_force)
            entry = _entry(statement, basis, sealed or {}, attachments or {})
            event = await self._append(statement, entry)
            # The act is in the log, so it holds. Where the cache cannot be written
            # the next start reads it in the log again.
            with contextlib.suppress(Unavailable):
                await self._acts.extend([event], log_size=event.index + 1)
            for changed in self._told:
                await changed(self._acts.in_force)
        return event

    async def _append(self, statement: Statement, entry: Entry) -> ActEvent:
        try:
            receipt = await self._log.append(entry)
        except LogOverloaded as error:
            raise Unavailable(Cause.OVERLOADED, type(error).__name__) from error
        except LogError as error:
            raise Unavailable(Cause.LOG_UNAVAILABLE, type(error).__name__) from error
        hour = json.loads(receipt.leaf or b"{}").get("t", "")
        return ActEvent(index=receipt.index, at_ms=hour_ms(hour), statement=statement)


def _entry(
    statement: Statement,
    basis: Basis,
    sealed: Mapping[str, Mapping[str, Json]],
    attachments: Mapping[str, bytes],
) -> Entry:
    act, sha256 = statement.act, statement.sha256
    return Entry(
        public=leaf(
            event=act if act in _RUNS else "act",
            decision=act,
            policy=basis.policy,
            manifest=basis.manifest,
            act=sha256,
            counter=statement.counter if act == "activation" else 0,
        ),
        sealed=sealed,
        attachments={f"acts/{sha256}": statement.note, **attachments},
    )
