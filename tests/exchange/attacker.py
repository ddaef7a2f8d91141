"""An attacker of its own connections, who keeps all that came back and when."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.clock import SystemClock
from gateway.demo.identities import mint_token
from tests.exchange.county import County
from tests.exchange.requests import asking
from tests.exchange.wire import HOST, Line, Reply, head, line

__all__ = ["RENEW_S", "SILENT", "STATES", "Attacker", "Door"]

LINES = 6
PER_LINE = 200
RENEW_S = 300.0
"""How often a token is renewed; it lives ten minutes."""

SEED = 20260430

SILENT = ("none", "several", "withheld")
STATES = (*SILENT, "released")
RANDOM = ("exchange", "receipt", "due")


@dataclass(frozen=True, kw_only=True, slots=True)
class Door:
    """A question whose answer must not tell who is there: who asks it, and of what."""

    law: str
    who: str
    dataset: str
    purpose: str
    kind: str
    asked: str
    status: int
    more: Mapping[str, object] = field(default_factory=dict)

    def body(self, state: str) -> bytes:
        """Return the request about the person of a state; all are of one length."""
        document = asking(
            self.dataset,
            self.purpose,
            kinds=[self.kind],
            subjects=[{"name": f"Leak {state:>9}", "dob": "1980-01-01"}],
            fields=[self.asked],
            **self.more,
        )
        return json.dumps(document).encode()


def told(reply: Reply) -> bytes:
    """Return everything an observer has, in its order, but what is random in each."""
    body = {name: v for name, v in json.loads(reply.data).items() if name not in RANDOM}
    headers = [
        (name, value)
        for name, value in reply.headers.items()
        if name not in {"date", "location"}
    ]
    return json.dumps([reply.status, headers, len(reply.data), body]).encode()


class Attacker:
    """Asks over its own connections and keeps what came back."""

    def __init__(self, county: County, door: Door) -> None:
        """Take whom to attack, and how."""
        self._county = county
        self._door = door
        self._requests: dict[str, bytes] = {}
        self._good_until = 0.0
        self._writing = asyncio.Lock()
        self._dice = random.Random(SEED)  # noqa: S311 - a test's dice
        self.seen: dict[str, set[bytes]] = {state: set() for state in STATES}
        self.times: dict[str, list[float]] = {state: [] for state in STATES}

    async def _written(self, state: str) -> bytes:
        """Return a request; all are written at once, with a token that still lives."""
        async with self._writing:
            if time.monotonic() > self._good_until:
                await self._write()
        return self._requests[state]

    async def _write(self) -> None:
        county, door = self._county, self._door
        await asyncio.to_thread(
            mint_token, county.layout, door.who, clock=SystemClock()
        )
        bearer = county.bearer(door.who)["Authorization"]
        names = (f"Host: {HOST}", f"Authorization: {bearer}", JSON)
        for state in STATES:
            body = door.body(state)
            lines = [*names, f"Content-Length: {len(body)}"]
            self._requests[state] = head(lines=lines) + body
        self._good_until = time.monotonic() + RENEW_S

    async def ask(self, wire: Line, state: str) -> float:
        """Ask about one person; note the answer, return the time in seconds."""
        request = await self._written(state)
        before = time.perf_counter()
        await wire.send(request)
        reply = await wire.reply()
        took = time.perf_counter() - before
        assert reply is not None
        self.seen[state].add(told(reply))
        return took

    async def all(self, each: int) -> None:
        """Ask about everybody so often, in random order, over several lines."""
        turns = [state for state in STATES for _ in range(each)]
        self._dice.shuffle(turns)

        async def one() -> None:
            while turns:  # the gateway ends a connection after five minutes
                async with line(self._county, self._door.who) as wire:
                    for _ in range(PER_LINE):
                        if turns:
                            state = turns.pop()
                            self.times[state].append(await self.ask(wire, state))

        async with asyncio.TaskGroup() as group:
            for _ in range(LINES):
                group.create_task(one())

    async def races(self, pair: tuple[str, str], count: int) -> float:
        """Ask two at once, so often; return how often the first was answered first."""
        won = 0
        for start in range(0, count, PER_LINE):
            async with (
                line(self._county, self._door.who) as left,
                line(self._county, self._door.who) as right,
            ):
                for _ in range(start, min(start + PER_LINE, count)):
                    won += await self._race(pair, (left, right))
        return won / count

    async def _race(self, pair: tuple[str, str], lines: tuple[Line, Line]) -> bool:
        """Ask two at once, in random order; tell whether the first was first."""
        order = list(zip(pair, lines, strict=True))
        self._dice.shuffle(order)
        ended: list[str] = []

        async def one(state: str, wire: Line) -> None:
            await self.ask(wire, state)
            ended.append(state)

        async with asyncio.TaskGroup() as group:
            for state, wire in order:
                group.create_task(one(state, wire))
        return ended[0] == pair[0]


JSON = "Content-Type: application/json"
