"""What is asked too much is refused before a record is looked at; it tells nothing."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import json
import shutil
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from gateway.answering.prospect import Prospect
from gateway.config import load
from gateway.demo.layout import Layout
from gateway.demo.papers import paper
from gateway.identity.buckets import Rate
from gateway.places import Places
from gateway.recording.junk import Junk
from gateway.web import crowd
from tests.exchange.county import Answer, County, activate, running, vouch, write_county
from tests.exchange.requests import SHERIFF, asking, custody, subpoenaed
from tests.exchange.wire import line

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(240)]

NARROW = """
limits:
  client: {per_minute: 60000, burst: 60000}
  agency: {per_minute: 60000, burst: 60000}
  family: {per_minute: 60000, burst: 60000}
  subjects_per_day: 200
  connections: 3
"""
ROOT = Path(__file__).parents[2]
FIRST = "criminal_investigation"
PURPOSES = (
    "warrant_execution",
    "missing_person",
    "custody_transfer",
    "deconfliction",
    "criminal_justice_admin",
)


async def _later(_junk: Junk) -> None:
    """Write nothing now."""


REASKED = """\
- id: example-county.reasked
  title: Who is asked for in another way waits for a person
  citation: "Tests only"
  layer: overlay
  reach:
    kinds: [read_fields]
    datasets: [jail]
    categories: [custody_status]
    purposes: [%s]
  when: [{fact: reasked_differently, is: true}]
  effect: review
  reviewer: privacy_officer
  reason: LOCAL_OVERLAY
  verification: {status: local, checked_on: 2026-04-30, lawyer: null}
"""
"""A rule of the kind that a county may add."""


def _careful(root: Path) -> Layout:
    """Write a county with that rule."""
    layout = write_county(root, records=60, limits=NARROW)
    own = root / "policies"
    shutil.copytree(ROOT / "policies", own)
    rules = own / "overlays" / "example-county" / "rules" / "reasked.yaml"
    rules.write_text(REASKED % ", ".join((FIRST, *PURPOSES)))
    path = layout.config()
    path.write_text(f"{path.read_text()}\npolicies: {own}\n")
    vouch(load(path))
    return layout


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def narrow(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[County]:
    """A county with that rule, and five guesses a day for each family."""
    layout = await asyncio.to_thread(_careful, tmp_path_factory.mktemp("narrow") / "d")
    await activate(await asyncio.to_thread(load, layout.config()))
    async with running(layout) as found:
        yield found


def told(answer: Answer) -> tuple[object, ...]:
    """Return all of an answer but what is random, or only the time, in each."""
    body = {n: v for n, v in answer.body.items() if n not in {"exchange", "receipt"}}
    names = {"Date", "Retry-After", "Content-Length"}
    headers = tuple(sorted((n, v) for n, v in answer.headers.items() if n not in names))
    size = len(answer.data) if answer.status != 200 else 0
    return answer.status, headers, size, json.dumps(body)


def named(dataset: str, name: str, dob: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401  # any JSON
    """Return a request for somebody by name and birth date."""
    fields = {"county-gang": "gang_affiliation", "county-jail": "custody_status"}
    return asking(
        dataset,
        "criminal_investigation",
        subjects=[{"name": name, "dob": dob}],
        fields=[fields[dataset]],
        **more,
    )


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


async def test_too_many_requests_are_told_when_to_come_again(
    narrow: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A 429 with Retry-After, counted in a metric, and no entry of its own."""
    body = custody()
    with monkeypatch.context() as patched:
        once = Rate.per_minute(1, burst=1)
        patched.setattr(narrow.services.limits, "_client", once)
        first = await narrow.post(SHERIFF, body)
        before = narrow.services.log.size
        second = await narrow.post(SHERIFF, body)
        looked = await narrow.get(SHERIFF, f"/v1/exchanges/{'0' * 32}")
        after = narrow.services.log.size
    metrics = (await narrow.admin("/metrics")).data.decode()

    assert first.status == 200
    assert (second.status, second.problem) == (429, "too-many")
    assert second.headers["Content-Type"] == "application/problem+json"
    assert 1 <= int(second.headers["Retry-After"]) <= 60
    assert looked.status == 429
    assert after == before
    assert 'sallyport_limited_total{limit="client"} 2.0' in metrics


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


async def test_asking_in_another_way_ends_in_review(narrow: County) -> None:
    """Thirteen ways round a first question wait for a person; repeating it does not."""
    ways: list[dict[str, Any]] = [
        *[{"why": why} for why in PURPOSES],
        *[{"recipient": who} for who in ("usms", "state_le", "prosecutor")],
        *[{"channel": word} for word in ("phone", "email")],
        *[{"why": why, "recipient": "usms"} for why in PURPOSES[:2]],
    ]
    same: list[int] = []
    other: list[int] = []
    for number, way in enumerate(ways, start=31):
        for found, more in ((same, {}), (same, {}), (other, way)):
            answer = await narrow.post(SHERIFF, custody(number, **more))
            found.append(answer.status)
    # Refused to ICE, asked for ICE by a neighbour.
    await narrow.post("ice-ero", custody(29, "immigration_civil"))
    through = await narrow.post(SHERIFF, custody(29, recipient="ice_ero"))

    assert len(ways) == 12
    assert 202 not in same
    assert [*other, through.status] == [202] * 13


async def test_what_a_court_commands_is_answered_past_a_budget(
    narrow: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a confirmed subpoena one more person is asked about; without, none."""
    monkeypatch.setattr(narrow.services.limits.asked, "_most_people", 0)
    body = subpoenaed()
    before = await narrow.post("ice-hsi", body)
    await narrow.command(
        command="draft-paper", document=paper("subpoena-31")["document_sha256"]
    )
    after = await narrow.post("ice-hsi", body)
    other = await narrow.post("ice-hsi", custody(20))

    assert (before.status, after.status, other.status) == (429, 200, 429)
    assert 0 < int(other.headers["Retry-After"]) <= 25 * 3600


async def test_what_a_statute_alone_may_command_has_its_budget(
    narrow: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asks may claim it: without a confirmed paper nothing lifts the limit."""
    monkeypatch.setattr(narrow.services.limits.asked, "_most_people", 0)
    every = property(lambda prospect: prospect.shape.release_asks)
    monkeypatch.setattr(Prospect, "commanded", every)

    answer = await narrow.post(SHERIFF, custody(21))

    assert (answer.status, answer.problem) == (429, "too-many")


async def test_one_certificate_has_so_many_connections(narrow: County) -> None:
    """The one too many is closed at once; with one less there is room again."""
    await narrow.services.junk.write()
    async with contextlib.AsyncExitStack() as stack:
        open_lines = [
            await stack.enter_async_context(line(narrow, "broker")) for _ in range(3)
        ]
        async with line(narrow, "broker") as fourth, line(narrow, SHERIFF) as other:
            assert await fourth.closed(10)
            assert not await other.closed(0.05)
        counted = [cause for cause, *_ in narrow.services.junk._counts]
        open_lines[0].writer.close()
        await open_lines[0].closed(10)
        async with line(narrow, "broker") as again:
            assert not await again.closed(0.05)

    assert counted == ["too-many-connections"]


async def test_when_all_places_are_taken_danger_and_operators_are_answered(
    narrow: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ordinary requests are overloaded, late or at once; exigent ones are not.

    Nor are the operator's port and commands, which need no place.
    """
    flights = narrow.services.flights
    monkeypatch.setattr(flights, "places", Places(most=2, reserve=1, queue=1))
    monkeypatch.setattr(flights, "_longest_wait_s", 0.2)
    before = narrow.services.log.size
    async with flights.one("another system"):
        late, full = await asyncio.gather(
            *(narrow.post(SHERIFF, custody(17)) for _ in range(2))
        )
        danger = await narrow.post(SHERIFF, custody(17, "exigent_life_safety"))
        stated = await narrow.post(
            SHERIFF, custody(17, statements={"exigent_claimed": True})
        )
        ready = await narrow.admin("/readyz")
        metrics = (await narrow.admin("/metrics")).data.decode()
        status = await narrow.command(command="status")
    after = await narrow.post(SHERIFF, custody(17))

    assert [answer.problem for answer in (late, full)] == ["overloaded"] * 2
    assert {answer.status for answer in (late, full)} == {503}
    assert full.headers["Retry-After"] == "5"
    assert not {danger.status, stated.status, after.status} & {429, 503}
    assert ready.status == 200
    assert "sallyport_in_flight 1.0" in metrics
    assert isinstance(status, dict)
    assert status["in_flight"] == 1
    # What was never begun has no entry; the other three have one each.
    assert narrow.services.log.size == before + 3


async def test_budgets_and_ways_outlive_a_restart(tmp_path: Path) -> None:
    """What was tried and how it was asked counts in the next process too."""
    layout = await asyncio.to_thread(_careful, tmp_path / "d")
    await activate(await asyncio.to_thread(load, layout.config()))
    guesses = [
        named("county-jail", "A. Loop", f"1980-01-{n + 1:02d}") for n in range(6)
    ]
    async with running(layout) as county:
        first = [await county.post(SHERIFF, body) for body in guesses]
        await county.post(SHERIFF, custody(31))
    async with running(layout) as county:
        again = [await county.post(SHERIFF, body) for body in guesses]
        otherwise = await county.post(SHERIFF, custody(31, PURPOSES[0]))

    assert [answer.status == 429 for answer in first] == [False] * 5 + [True]
    assert [answer.status for answer in again] == [answer.status for answer in first]
    assert otherwise.status == 202
