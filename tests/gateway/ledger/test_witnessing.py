"""What the witnesses mean for who answers: alarms, refusals, clocks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from audit import Log
from audit.asker import Answer, Question
from gateway.errors import Cause, Unavailable
from gateway.ledger import Witnessing
from tests.audit.builders import AUDITOR, KEYS, ORIGIN, START_MS, entry
from tests.audit.witnessing import Board, Boards, cosigner


class SetClock:
    """Both clocks, moved by the test."""

    def __init__(self) -> None:
        self.ms = START_MS
        self.seconds = 0.0

    def now_ms(self) -> int:
        """Return the wall time."""
        return self.ms

    def monotonic(self) -> float:
        """Return the seconds that only go on."""
        return self.seconds

    def on(self, seconds: float) -> None:
        """Let time go on."""
        self.ms += round(1000 * seconds)
        self.seconds += seconds


class County:
    """A log with one witness, and what is thought of it."""

    def __init__(self, log: Log, board: Board, clock: SetClock) -> None:
        self.log, self.board, self.clock = log, board, clock
        self.witnessing: Witnessing

    async def write(self) -> None:
        """Have one entry more, and its checkpoint."""
        await self.log.append(entry())
        await self.log.settle()

    def silence(self, *, silent: bool = True) -> None:
        """Have the witness answer nothing, or answer again."""

        def nothing(_question: Question, _answer: Answer) -> None:
            return None

        self.board.fault = nothing if silent else None

    def cause(self) -> tuple[Cause, str] | None:
        """Return why nothing may be released, if so."""
        try:
            self.witnessing.require()
        except Unavailable as error:
            return error.cause, error.detail
        return None


@pytest_asyncio.fixture
async def county(tmp_path: Path) -> AsyncIterator[County]:
    """A log that alarms after an hour and refuses after a day."""
    clock, board = SetClock(), await asyncio.to_thread(Board, "a.example")
    one = cosigner(Boards([board]), time=clock.monotonic, now_ms=clock.now_ms)
    async with Log.open(
        tmp_path / "s",
        origin=ORIGIN,
        keys=KEYS,
        auditors=[AUDITOR.auditor],
        clock=clock,
        checkpoint_interval_s=3600,
        create=True,
        cosigner=one,
    ) as log:
        found = County(log, board, clock)
        found.witnessing = Witnessing(
            log, one, clock=clock, alarm_s=3600, refuse_s=86_400
        )
        yield found


async def test_unsigned_entries_alarm_and_then_refuse(county: County) -> None:
    """Counted from the oldest that no quorum has seen; a signature ends both."""
    await county.write()
    county.clock.on(200_000)
    assert county.witnessing.unwitnessed_s == 0
    assert county.cause() is None

    county.silence()
    await county.write()
    county.clock.on(3600)
    await county.write()
    assert (county.witnessing.unwitnessed_s, county.witnessing.alarming) == (
        3600,
        False,
    )
    county.clock.on(1)
    assert county.witnessing.alarming
    assert county.cause() is None
    county.clock.on(86_400 - 3601)
    assert county.cause() is None
    county.clock.on(1.5)
    assert county.cause() == (
        Cause.LOG_UNAVAILABLE,
        "no quorum of witnesses has signed for longer than allowed",
    )
    assert county.witnessing.standings[0].problem == "does not answer"

    county.silence(silent=False)
    county.board.seconds += county.clock.ms // 1000 - START_MS // 1000
    await county.log.settle()
    assert county.witnessing.unwitnessed_s == 0
    assert county.cause() is None


async def test_a_look_is_good_for_a_second(county: County) -> None:
    """Each request looks; hardly any has to count."""
    county.silence()
    await county.write()
    assert county.cause() is None
    county.clock.ms += 100_000_000
    assert county.cause() is None
    county.clock.seconds += 1
    assert county.cause() is not None


async def test_a_clock_that_no_witness_shares_is_in_doubt(county: County) -> None:
    """More than five minutes from every witness: legal days might be wrong."""
    county.board.seconds += 301
    await county.write()
    assert county.witnessing.clock_offset_s == 301
    assert county.cause() == (Cause.CLOCK, "the clock is not that of the witnesses")
    county.board.seconds -= 1
    await county.write()
    county.clock.on(1)
    assert county.witnessing.clock_offset_s == 300
    assert county.cause() is None


async def test_a_clock_set_back_behind_what_witnesses_have_said_is_in_doubt(
    county: County,
) -> None:
    """Though they have signed nothing since: it has been later than that."""
    await county.write()
    assert county.cause() is None
    county.clock.seconds += 90_000  # a signature's time is compared for a day only
    county.clock.ms -= 300_000
    assert county.cause() is None
    county.clock.on(1)
    county.clock.ms -= 2_000
    assert county.cause() == (Cause.CLOCK, "the clock is behind the witnesses")


async def test_without_witnesses_nothing_is_asked(county: County) -> None:
    """Who said witness: none is never refused for it."""
    alone = Witnessing(
        county.log, None, clock=county.clock, alarm_s=3600, refuse_s=86_400
    )
    county.silence()
    await county.write()
    county.clock.on(200_000)
    await asyncio.to_thread(alone.require)
    assert (alone.standings, alone.clock_offset_s) == ([], 0)
