"""An attacker who looks at everything but what was released cannot tell what was found.

The same question is asked about people who are not there, who are there once or
several times and withheld, and, to see that the attacker is not blind, about one who is
released. Compared are status, headers, bytes, the order of members and of answers, and
the time each took: a classifier is trained on half of the times and tried on the other.

A short run belongs to the suite. ``make leaks`` asks two thousand times each.
"""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import combinations
from pathlib import Path

import orjson
import pytest
import pytest_asyncio

from audit import Log
from gateway.canonical import Json
from gateway.config import load
from gateway.policy import Policy
from gateway.state import Database
from gateway.web.problems import padded
from tests.exchange.attacker import SILENT, Attacker, Door
from tests.exchange.classifier import guessed
from tests.exchange.county import County, activate, running, write_county
from tests.exchange.wire import line

LONG = int(os.environ.get("SALLYPORT_LEAKS", "0"))
"""How often each is asked; 0 is the suite's short run."""

EACH = LONG or 60
PAIRS = LONG or 30
BOUND = 0.55 if LONG else 0.85
"""The most that may be told apart by time. With few answers chance is allowed more."""

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(3600 if LONG else 240),
]

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
