"""Guesses of a birth date end at a budget, which tells nothing of what was right."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import sqlite3
from typing import Any

import pytest

from gateway.identity.buckets import Rate
from gateway.recording.junk import Junk
from gateway.web import crowd
from tests.exchange.county import Answer, County
from tests.exchange.narrow import named
from tests.exchange.requests import SHERIFF

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(240)]


async def _later(_junk: Junk) -> None:
    """Write nothing now."""


def told(answer: Answer) -> tuple[object, ...]:
    """Return all of an answer but what is random, or only the time, in each."""
    body = {n: v for n, v in answer.body.items() if n not in {"exchange", "receipt"}}
    names = {"Date", "Retry-After", "Content-Length"}
    headers = tuple(sorted((n, v) for n, v in answer.headers.items() if n not in names))
    size = len(answer.data) if answer.status != 200 else 0
    return answer.status, headers, size, json.dumps(body)


async def born(county: County, dataset: str, key: str) -> tuple[str, str]:
    """Return the name and birth date of a record, as the database has them."""

    def read() -> tuple[str, str]:
        file, statement = {
            "county-gang": (
                "gang.db",
                "SELECT name, dob FROM designations WHERE entry_no = ?",
            ),
            "county-jail": (
                "jail.db",
                "SELECT name, dob FROM bookings WHERE booking_no = ?",
            ),
        }[dataset]
        with sqlite3.connect(county.layout.databases / file) as connection:
            (row,) = connection.execute(statement, (key,)).fetchall()
        connection.close()
        return row[0], row[1]

    return await asyncio.to_thread(read)


@pytest.mark.parametrize(
    ("dataset", "key", "length"),
    [("county-gang", "G-000026", 365), ("county-jail", "B-000018", 30)],
)
async def test_a_year_of_birth_dates_stops_at_the_budget(
    narrow: County,
    dataset: str,
    key: str,
    length: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A loop over 365 dates ends after five, and no answer tells that one was right.

    One loop is for a name that has a record, whose date comes late; the other for a
    name that has none. Both are the same answers, and past the budget the source is
    not asked at all.
    """
    name, right = await born(narrow, dataset, key)
    year = dt.date.fromisoformat(right).year
    days = [dt.date(year, 1, 1) + dt.timedelta(days=n) for n in range(365)]
    dates = [f"{day}" for day in days if f"{day}" != right]
    dates.insert(20, right)
    wide = Rate.per_minute(60_000, burst=60_000)
    monkeypatch.setattr(crowd, "REFUSED", wide)  # or each refusal is held back
    asked: list[int] = []
    connector = type(narrow.services.connectors["jail-db"])
    plain = connector.snapshot

    def counted(self: object, *, deadline_s: float) -> object:
        asked.append(1)
        return plain(self, deadline_s=deadline_s)  # type: ignore[arg-type]  # patched in

    monkeypatch.setattr(connector, "snapshot", counted)
    loops = []
    for who in (name, f"Nobody {key}"):
        more = {"statements": {"need_to_know": True, "right_to_know": True}}
        before = narrow.services.log.size
        loop = [
            await narrow.post(SHERIFF, named(dataset, who, date, **more))
            for date in dates[:length]
        ]
        loops.append((loop, narrow.services.log.size - before))

    (there, entries), (absent, _) = loops
    assert list(map(told, there)) == list(map(told, absent))
    assert [answer.status for answer in there[5:]] == [429] * (length - 5)
    assert len({told(answer) for answer in there[5:]}) == 1
    assert {answer.status for answer in there[:5]} != {429}
    assert entries == 5
    assert len(asked) == 10


async def test_a_family_guesses_together(narrow: County) -> None:
    """What ICE's one component tried, the other one cannot try again."""

    def guess(name: str, day: int) -> dict[str, Any]:
        return named("county-jail", name, f"1980-03-{day:02d}")

    first = [await narrow.post("ice-ero", guess("A. Both", n + 1)) for n in range(5)]
    other = await narrow.post("ice-hsi", guess("a.  both", 6))
    again = await narrow.post("ice-hsi", guess("A. Both", 1))
    sheriff = await narrow.post(SHERIFF, guess("A. Both", 6))

    assert 429 not in {again.status, sheriff.status, *(a.status for a in first)}
    assert other.status == 429


async def test_a_list_of_guesses_is_refused_as_one(narrow: County) -> None:
    """Six dates of one name in one request are refused, and none of them counted."""
    body = named("county-jail", "A. List", "1980-01-01")
    body["subjects"] = [
        {"name": "A. List", "dob": f"1980-01-{n:02d}"} for n in range(1, 7)
    ]

    assert (await narrow.post(SHERIFF, body)).status == 429
    fewer = body | {"subjects": body["subjects"][:5]}
    assert (await narrow.post(SHERIFF, fewer)).status != 429


async def test_what_was_refused_is_counted_in_one_entry(
    narrow: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hundred refusals are one entry, whose sealed side says how many of which."""
    body = named("county-jail", "A. Entry", "1980-01-01")
    dates = [f"1980-02-{n:02d}" for n in range(1, 29)]
    await narrow.services.junk.write()
    with monkeypatch.context() as patched:
        patched.setattr(Junk, "write", _later)  # its minute may end meanwhile
        for date in dates:
            body["subjects"][0]["dob"] = date
            await narrow.post(SHERIFF, body)
    counted = dict(narrow.services.junk._counts)
    before = narrow.services.log.size
    await narrow.services.junk.write()
    leaf = (await narrow.leaves())[-1]

    assert [cause for cause, *_ in counted] == ["too-many-guesses"]
    assert sum(counted.values()) == 23
    assert narrow.services.log.size == before + 1
    assert leaf["ev"] == "counts"
    assert "guesses" not in json.dumps(leaf)
