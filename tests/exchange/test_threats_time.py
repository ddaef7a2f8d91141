"""What time does to what was granted, and a clock that is wrong."""

from __future__ import annotations

import asyncio
import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio

from gateway.config import load
from gateway.demo.identities import mint_token
from gateway.demo.layout import Layout
from gateway.demo.papers import PAPERS, paper
from tests.exchange.clock import SetClock
from tests.exchange.county import County, activate, activated, running
from tests.exchange.requests import SHERIFF, custody, subpoenaed

DAY_MS = 86_400_000

pytestmark = pytest.mark.timeout(240)


@pytest_asyncio.fixture
async def own(tmp_path: Path) -> Layout:
    """An activated county of the test's own."""
    return await activated(tmp_path)


def moved(county: County, clock: SetClock, to_ms: int, who: str = SHERIFF) -> None:
    """Move the wall clock; it is taken as right; the issuer goes along."""
    clock.shift_ms += to_ms - clock.now_ms()
    county.believe_clock()
    mint_token(county.layout, who, clock=clock)


@pytest.mark.parametrize("days", [-1, 1])
@pytest.mark.fault("clock-back", "clock-forth")
async def test_a_clock_a_day_off_closes_in_both_directions(
    own: Layout, days: int
) -> None:
    """A day forth or back without anybody's word: nothing is released, by name."""
    clock = SetClock()
    async with running(own, clock=clock) as county:
        before = await county.post(SHERIFF, custody())
        clock.shift_ms = days * DAY_MS
        during = await county.post(SHERIFF, custody())
        clock.shift_ms = 0
        after = await county.post(SHERIFF, custody())

    assert before.status == 200
    assert (during.status, during.problem) == (503, "clock")
    assert (after.status, after.problem) == (503, "clock")


async def test_a_start_behind_the_log_does_not_answer(own: Layout) -> None:
    """A machine that comes up a day before the log's last entry releases nothing."""
    async with running(own) as county:
        assert (await county.post(SHERIFF, custody())).status == 200
    clock = SetClock()
    clock.shift_ms = -DAY_MS
    async with running(own, clock=clock) as county:
        await asyncio.to_thread(mint_token, own, SHERIFF, clock=clock)
        answer = await county.post(SHERIFF, custody())

    assert (answer.status, answer.problem) == (503, "clock")


async def test_a_token_of_yesterday_is_not_believed(own: Layout) -> None:
    """Once the new day is taken as right, yesterday's token is none."""
    clock = SetClock()
    async with running(own, clock=clock) as county:
        assert (await county.post(SHERIFF, custody())).status == 200
        clock.shift_ms = DAY_MS
        county.believe_clock()
        answer = await county.post(SHERIFF, custody())

    assert answer.status == 401


async def _expiring(layout: Layout, moment: dt.datetime) -> None:
    """Let the subpoena run until an instant."""
    path = layout.root / "instruments.yaml"
    text = await asyncio.to_thread(path.read_text)
    document = PAPERS["subpoena-31"].document
    start, _, rest = text.partition(f"{document}:")
    name, _, after = rest.partition("expires: ")
    _, _, tail = after.partition("\n")
    written = f'{start}{document}:{name}expires: "{moment.isoformat()}"\n{tail}'
    await asyncio.to_thread(path.write_text, written)


async def test_a_paper_that_ends_mid_day_ends_with_a_warm_memo(own: Layout) -> None:
    """The second after its instant the same question opens nothing, the same day."""
    zone = ZoneInfo("America/Chicago")
    today = dt.datetime.now(tz=zone)
    ends = today.replace(hour=14, minute=30, second=0, microsecond=0)
    if ends <= today + dt.timedelta(minutes=5):
        ends += dt.timedelta(days=1)
    await _expiring(own, ends)
    ends_ms = int(ends.timestamp() * 1000)
    clock = SetClock()
    who = "ice-hsi"
    async with running(own, clock=clock) as county:
        await county.command(
            command="draft-paper",
            document=paper("subpoena-31")["document_sha256"],
        )
        answers = []
        for moment in (ends_ms - 60_000, ends_ms - 30_000, ends_ms + 1_000):
            await asyncio.to_thread(moved, county, clock, moment, who)
            answers.append(await county.post(who, subpoenaed()))

    assert [answer.status for answer in answers[:2]] == [200, 200]
    assert answers[2].status != 200
    assert "records" not in answers[2].body


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2027-03-14T01:59:59-06:00", 20270314),
        ("2027-03-14T03:00:00-05:00", 20270314),
        ("2027-03-14T23:59:59-05:00", 20270314),
        ("2027-11-07T01:30:00-05:00", 20271107),
        ("2027-11-07T01:30:00-06:00", 20271107),
        ("2027-11-07T23:59:59-06:00", 20271107),
        ("2027-11-08T00:00:00-06:00", 20271108),
        ("2028-02-29T12:00:00-06:00", 20280229),
    ],
)
def test_the_laws_day_is_the_jurisdictions_across_clock_changes(
    moment: str, day: int
) -> None:
    """Days of 23 and 25 hours and a leap day begin at the county's midnight."""
    from gateway.clock import day_in_zone  # noqa: PLC0415 - only here

    ms = int(dt.datetime.fromisoformat(moment).timestamp() * 1000)
    assert day_in_zone(ms, ZoneInfo("America/Chicago")) == day


async def test_an_agreement_that_ends_at_midnight_ends_then(own: Layout) -> None:
    """The last second of its last day releases, the first of the next does not."""
    zone = ZoneInfo("America/Chicago")
    agencies = own.root / "agencies.yaml"
    text = await asyncio.to_thread(agencies.read_text)
    today = dt.datetime.now(tz=zone).date()
    last = today + dt.timedelta(days=1)
    before, _, after = text.partition("id: demo-neighbour, ")
    begins, _, rest = after.partition(", until: ")
    _, _, tail = rest.partition("}")
    written = f"{before}id: demo-neighbour, {begins}, until: {last}}}{tail}"
    await asyncio.to_thread(agencies.write_text, written)
    await activate(await asyncio.to_thread(load, own.config()))
    midnight = dt.datetime.combine(last, dt.time(), tzinfo=zone)
    clock = SetClock()
    statuses: dict[int, int] = {}
    async with running(own, clock=clock) as county:
        for offset_s in (-1, 86_399, 86_401):
            to_ms = int((midnight.timestamp() + offset_s) * 1000)
            await asyncio.to_thread(moved, county, clock, to_ms)
            statuses[offset_s] = (await county.post(SHERIFF, custody())).status

    assert statuses[-1] == 200
    assert statuses[86_401] == 403
    # Whether the day named is the last or the first without: one of both, by the file.
    assert statuses[86_399] in {200, 403}
