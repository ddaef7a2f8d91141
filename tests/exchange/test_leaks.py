"""An attacker who looks at everything but what was released cannot tell what was found.

The same question is asked about people who are not there, who are there once or
several times and withheld, and, to see that the attacker is not blind, about one who is
released. Compared are status, headers, bytes, the order of members and of answers, and
the time each took: a classifier is trained on half of the times and tried on the other.

A short run belongs to the suite. ``make leaks`` asks two thousand times each.
"""

from __future__ import annotations

import asyncio
import bisect
import json
import os
import random
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

import orjson
import pytest
import pytest_asyncio

from audit import Log
from gateway.canonical import Json
from gateway.clock import SystemClock
from gateway.config import load
from gateway.demo.identities import mint_token
from gateway.policy import Policy
from gateway.state import Database
from gateway.web.problems import padded
from tests.exchange.county import County, activate, running, write_county
from tests.exchange.requests import asking
from tests.exchange.wire import HOST, Line, Reply, head, line

LONG = int(os.environ.get("SALLYPORT_LEAKS", "0"))
"""How often each is asked; 0 is the suite's short run."""

EACH = LONG or 60
PAIRS = LONG or 30
BOUND = 0.55 if LONG else 0.85
"""The most that may be told apart by time. With few answers chance is allowed more."""

LINES = 6
PER_LINE = 200
RENEW_S = 300.0
"""How often a token is renewed; it lives ten minutes."""

SEED = 20260430

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(3600 if LONG else 240),
]

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


GANG = Door(
    law="illinois",
    who="neighbour-sheriff",
    dataset="county-gang",
    purpose="criminal_investigation",
    kind="read_fields",
    asked="gang_affiliation",
    status=403,
    more={"statements": {"need_to_know": True, "right_to_know": True}},
)
"""Withheld, several and none are the same refusal."""

JAIL = Door(
    law="california",
    who="ice-ero",
    dataset="county-jail",
    purpose="release_notification",
    kind="notify",
    asked="release_date",
    status=202,
)
"""Withheld, several and none are the same waiting."""


def people(databases: Path) -> None:
    """Put the people of each state into both databases."""
    rows = {"several": 3, "withheld": 1, "released": 1}
    for file, table, key, likeness in (
        ("gang.db", "designations", "entry_no", {False: "G-000026", True: "G-000025"}),
        ("jail.db", "bookings", "booking_no", {False: "B-000017", True: "B-000020"}),
    ):
        with sqlite3.connect(databases / file) as connection:
            connection.row_factory = sqlite3.Row
            for state, count in rows.items():
                like = likeness[state == "released"]
                (row,) = connection.execute(
                    f"SELECT * FROM {table} WHERE {key} = ?",  # noqa: S608 - constants
                    (like,),
                )
                for number in range(count):
                    values = dict(row) | {
                        key: f"L-{state[:3]}-{number}",
                        "name": f"Leak {state:>9}",
                        "dob": "1980-01-01",
                    }
                    marks = ", ".join("?" * len(values))
                    connection.execute(
                        f"INSERT INTO {table} VALUES ({marks})",  # noqa: S608 - as above
                        tuple(values.values()),
                    )
        connection.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def counties(
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[dict[str, County]]:
    """One county with these people, under two laws."""
    root = tmp_path_factory.mktemp("leaks")
    layout = await asyncio.to_thread(write_county, root / "d", records=60)
    await asyncio.to_thread(people, layout.databases)
    for law in ("illinois", "california"):
        await activate(await asyncio.to_thread(load, layout.config(law)))
    async with (
        running(layout, "illinois") as illinois,
        running(layout, "california") as california,
    ):
        yield {"illinois": illinois, "california": california}


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


def guessed(a: Sequence[float], b: Sequence[float]) -> float:
    """Return the share that an attacker gets right, who learnt on half of the times.

    Two simple ones are tried, and the better is believed: one limit, and the shares
    of sixteen ranges of equal size.
    """
    learn = [(t, 0) for t in a[::2]] + [(t, 1) for t in b[::2]]
    held = [(t, 0) for t in a[1::2]] + [(t, 1) for t in b[1::2]]
    return max(_by_limit(learn, held), _by_ranges(learn, held))


Labelled = Sequence[tuple[float, int]]


def _by_limit(learn: Labelled, held: Labelled) -> float:
    """Learn the limit above which it is more often the second."""
    ordered = sorted(learn)
    score = best = sum(label for _, label in ordered)  # all are the second
    limit, upper = float("-inf"), 1
    for moment, label in ordered:
        score += 1 if label == 0 else -1
        if max(score, len(ordered) - score) > best:
            best = max(score, len(ordered) - score)
            limit, upper = moment, int(score == best)
    right = sum((moment > limit) == (label == upper) for moment, label in held)
    return right / len(held)


def _by_ranges(learn: Labelled, held: Labelled) -> float:
    """Learn for each range which of the two is in it more often."""
    moments = sorted(moment for moment, _ in learn)
    bounds = [moments[len(moments) * n // 16] for n in range(1, 16)]
    votes = [0] * 16
    for moment, label in learn:
        votes[bisect.bisect(bounds, moment)] += 1 if label else -1
    right = sum(
        (votes[bisect.bisect(bounds, moment)] > 0) == bool(label)
        for moment, label in held
    )
    return right / len(held)


@pytest.mark.parametrize("door", [GANG, JAIL], ids=["refused", "waiting"])
async def test_none_several_and_withheld_cannot_be_told_apart(
    counties: dict[str, County], door: Door
) -> None:
    """Not by status, headers, bytes, their order or time, nor by who is first."""
    attacker = Attacker(counties[door.law], door)
    await attacker.all(EACH)
    first = await attacker.races(("none", "withheld"), PAIRS)
    by_time = {
        pair: guessed(attacker.times[pair[0]], attacker.times[pair[1]])
        for pair in combinations(SILENT, 2)
    }
    if LONG:
        middles = {
            s: round(sorted(t)[len(t) // 2], 4) for s, t in attacker.times.items()
        }
        shares = {" / ".join(pair): round(share, 3) for pair, share in by_time.items()}
        print(json.dumps({"door": door.dataset, "each": EACH, "middle s": middles}))  # noqa: T201 - what make leaks shows
        print(json.dumps({"told apart by time": shares, "first": first}))  # noqa: T201 - as above

    silent = set().union(*(attacker.seen[state] for state in SILENT))
    assert len(silent) == 1
    assert json.loads(min(silent))[0] == door.status
    assert max(by_time.values()) <= BOUND
    assert 1 - BOUND <= first <= BOUND
    # The attacker is not blind: who is released is another answer, and is told.
    assert attacker.seen["released"].isdisjoint(silent)
    assert all(json.loads(seen)[0] == 200 for seen in attacker.seen["released"])


@pytest.mark.parametrize("door", [GANG, JAIL], ids=["refused", "waiting"])
async def test_state_and_log_get_as_much_to_do_whoever_is_there(
    counties: dict[str, County], door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Duties that only somebody's record brings cost nobody's answer as much."""
    attacker = Attacker(counties[door.law], door)
    done: list[str] = []
    for kind, name in ((Database, "run"), (Log, "append"), (Policy, "decide")):
        monkeypatch.setattr(kind, name, _noted(getattr(kind, name), name, done))
    counts = {}
    async with line(counties[door.law], door.who) as wire:
        for state in SILENT:
            done.clear()
            await attacker.ask(wire, state)
            counts[state] = tuple(done)

    assert len(set(counts.values())) == 1, counts
    assert counts["none"].count("run") >= 2


Call = Callable[..., Awaitable[object]]


def _noted(plain: Call, name: str, done: list[str]) -> Call:
    """Return a method that notes its calls for a request, not those beside."""

    async def noted(*args: object, **more: object) -> object:
        task = asyncio.current_task()
        if "RequestHandler" in str(task and task.get_coro()):
            done.append(name)
        return await plain(*args, **more)

    return noted


async def test_the_classifier_finds_what_is_there() -> None:
    """Times that differ by half their spread, or only in spread, are told apart."""
    dice = random.Random(SEED)  # noqa: S311 - a test's dice
    usual = [dice.gauss(30, 2) for _ in range(2000)]
    same = [dice.gauss(30, 2) for _ in range(2000)]
    later = [dice.gauss(31, 2) for _ in range(2000)]
    wider = [dice.gauss(30, 4) for _ in range(2000)]

    assert guessed(usual, same) <= 0.55
    assert guessed(usual, later) > 0.57
    assert guessed(later, usual) > 0.57
    assert guessed(usual, wider) > 0.6


@pytest.mark.parametrize("number", [1, 10**12])
@pytest.mark.parametrize("hashes", [0, 10])
async def test_a_receipts_length_does_not_show(number: int, hashes: int) -> None:
    """Whatever was recorded just then, padded answers are of one length."""
    note = f"{'o' * 60}/log\n{number}\n{number}\n{'r' * 44}\n{number}\n\n{'s' * 160}\n"
    receipt: dict[str, Json] = {
        "schema": "sallyport.receipt/1",
        "index": number,
        "leaf_hash": "h" * 44,
        "path": ["h" * 44] * hashes,
        "note": note,
    }
    for told_in in range(0, 2100, 50):
        data = json.dumps({"told": "x" * told_in}).encode()
        whole = data[:-1] + b', "receipt":' + orjson.dumps(receipt) + b"}"

        # As if the receipt were of 1,280 bytes, and the next whole KiB.
        least = len(whole) - len(orjson.dumps(receipt)) + 1280
        assert len(padded(whole, receipt=receipt)) == -(-least // 1024) * 1024
        assert padded(whole, receipt=receipt).rstrip() == whole
