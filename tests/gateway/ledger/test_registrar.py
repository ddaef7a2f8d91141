"""Acts in a real log: one entry each, in force at once, read back after a restart."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial

import pytest

from audit import Entry, LogFull
from audit.act import Act
from gateway.acts import (
    ActOutOfOrder,
    ActsInForce,
    NotActivated,
    parse_note,
    require_active,
    roster,
    stop,
)
from gateway.clock import SystemClock
from gateway.config import Config
from gateway.entries import cfg, leaf, leaf_schema
from gateway.errors import Cause, Unavailable
from gateway.ledger import Basis, Ledger, open_ledger
from tests.gateway.county import (
    BOTH,
    GENESIS,
    LATE,
    LINES,
    ORIGIN,
    activated,
    cut,
    lifted,
    signed,
)

BASIS = Basis(policy="a" * 64, manifest="b" * 64)
HOUR_MS = 3_600_000
NOW_MS = 1_795_424_400_000
"""2026-11-23T09:00:00Z."""


class Clock(SystemClock):
    """Stands until it is moved."""

    def __init__(self) -> None:
        super().__init__()
        self.ms = NOW_MS

    def now_ms(self) -> int:
        """Return the set time."""
        return self.ms


@pytest.fixture
def clock() -> Clock:
    """A clock that the test moves."""
    return Clock()


def _same(act: Act, _in_force: ActsInForce) -> Act:
    """Return an act that was made before."""
    return act


async def leaves(ledger: Ledger) -> list[dict[str, object]]:
    """Return every leaf of the log."""
    found = await asyncio.to_thread(lambda: list(ledger.log.leaves()))
    return [dict(members) for _, members in found]


async def test_a_log_begins_with_genesis(ledger: Ledger) -> None:
    """Index 0 is genesis with its note and the leaf model; it begins nothing twice."""
    with pytest.raises(ActOutOfOrder, match="index 0 and nowhere else"):
        await ledger.registrar.write(lambda _: GENESIS, basis=Basis())
    (first,) = await leaves(ledger)
    assert (first["ev"], first["decision"]) == ("act", "genesis")
    assert (first["policy"], first["manifest"]) == ("", "")
    note = await ledger.registrar.public_file(f"acts/{first['act']}")
    assert note is not None
    assert parse_note(note) == GENESIS
    schema = await ledger.registrar.public_file(f"schema/{cfg()}.json")
    assert schema == leaf_schema()


async def test_an_act_is_in_force_when_it_is_durable(ledger: Ledger) -> None:
    """When writing returns, the act holds and has its leaf and counter."""
    event = await ledger.registrar.write(activated, basis=BASIS)
    assert event.index == 1
    assert ledger.acts.in_force.activation is not None
    second = (await leaves(ledger))[1]
    assert second["act"] == event.act.sha256
    assert (second["policy"], second["manifest"]) == (BASIS.policy, BASIS.manifest)
    assert ledger.registrar.event(1) == event
    assert ledger.registrar.event(2) is None


async def test_what_nobody_signs_is_numbered(ledger: Ledger) -> None:
    """A statement gets its counter as it is written."""
    events = [
        await ledger.registrar.state(lambda _: stop(origin=ORIGIN, run=0), basis=BASIS)
        for _ in range(2)
    ]
    assert [event.statement.counter for event in events] == [0, 1]


async def test_an_act_that_does_not_count_is_not_written(ledger: Ledger) -> None:
    """One hand, another log, a replay: refused, and the log has not grown."""
    await ledger.registrar.write(activated, basis=BASIS)
    held = ledger.acts.in_force
    foreign = replace(activated(held).statement, origin="other.example/log")
    for act, reason in (
        (activated(held, "officer-1"), "only officer-1 has"),
        (activated(ActsInForce()), "carried out already"),
        (signed(foreign, *BOTH), "of another log, other.example/log"),
    ):
        with pytest.raises(ActOutOfOrder, match=reason):
            await ledger.registrar.write(partial(_same, act), basis=BASIS)
    assert ledger.log.size == 2


async def test_an_act_that_expires_while_it_is_written_is_not(
    ledger: Ledger, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looked at a moment before its end, written at it: the log refuses."""
    end = "2026-11-23T09:00:01Z"
    clock.ms = NOW_MS + 999
    append = ledger.log.append

    async def late(entry: Entry) -> object:
        clock.ms += 1
        return await append(entry)

    monkeypatch.setattr(ledger.log, "append", late)
    act = activated(ledger.acts.in_force, expires=end)
    for reason in ("expired, or the roster changed", f"it expired at {end}"):
        with pytest.raises(ActOutOfOrder, match=reason):
            await ledger.registrar.write(lambda _: act, basis=BASIS)
    assert ledger.log.size == 1


async def test_a_change_of_roster_waits_a_day(ledger: Ledger, clock: Clock) -> None:
    """By the clock of the entries: the old decide until then, and not after."""
    change = roster(origin=ORIGIN, people=LINES[1:], expires=LATE)
    clock.ms = NOW_MS + 1
    await ledger.registrar.write(lambda _: signed(change, *BOTH), basis=BASIS)
    clock.ms = NOW_MS + 25 * HOUR_MS - 1
    await ledger.registrar.write(activated, basis=BASIS)
    clock.ms += 1
    with pytest.raises(ActOutOfOrder, match="counsel-1 by a key that is not in"):
        await ledger.registrar.write(activated, basis=BASIS)
    new = ("officer-1", "records-1")
    await ledger.registrar.write(lambda held: activated(held, *new), basis=BASIS)


async def test_acts_written_at_once_are_counted(ledger: Ledger) -> None:
    """Twenty at a time get twenty counters, none twice."""
    async with asyncio.TaskGroup() as group:
        for _ in range(20):
            group.create_task(ledger.registrar.write(cut, basis=BASIS))
    numbers = [item.number for item in ledger.acts.in_force.cutoffs]
    assert numbers == list(range(20))


async def test_who_wants_to_know_is_told(ledger: Ledger) -> None:
    """Whoever asked is told what is in force after each act."""
    told: list[int] = []

    async def changed(in_force: ActsInForce) -> None:
        told.append(len(in_force.cutoffs))

    ledger.registrar.tell(changed)
    await ledger.registrar.write(cut, basis=BASIS)
    await ledger.registrar.write(lambda held: lifted(held, 0), basis=BASIS)
    assert told == [1, 0]


async def test_a_restart_reads_everything_back(county: Config) -> None:
    """Activation and cut-offs hold after a restart, with and without the state."""
    async with open_ledger(county, clock=SystemClock(), create=True) as first:
        await first.registrar.write(lambda _: GENESIS, basis=Basis())
        await first.registrar.write(activated, basis=BASIS)
        await first.registrar.write(cut, basis=BASIS)
        await first.registrar.write(cut, basis=BASIS)
        await first.registrar.write(lambda held: lifted(held, 0), basis=BASIS)
        before = first.acts.in_force
    async with open_ledger(county, clock=SystemClock()) as second:
        assert second.acts.in_force == before
        assert second.caught_up.acts == 0
    await asyncio.to_thread(county.state_path.unlink)
    async with open_ledger(county, clock=SystemClock()) as third:
        assert third.acts.in_force == before
        assert third.caught_up.acts == 5
        active = require_active(
            third.acts.in_force.activation,
            policy=BASIS.policy,
            manifest=BASIS.manifest,
        )
        assert active.index == 1
        with pytest.raises(NotActivated):
            require_active(active, policy="q", manifest=BASIS.manifest)


async def test_ordinary_entries_are_passed_over(county: Config) -> None:
    """Entries that are no acts are not read as such."""
    async with open_ledger(county, clock=SystemClock(), create=True) as first:
        await first.registrar.write(lambda _: GENESIS, basis=Basis())
        for _ in range(50):
            await first.log.append(
                Entry(
                    public=leaf(
                        event="exchange",
                        decision="refused",
                        policy=BASIS.policy,
                        manifest=BASIS.manifest,
                    )
                )
            )
        await first.registrar.write(activated, basis=BASIS)
    await asyncio.to_thread(county.state_path.unlink)
    async with open_ledger(county, clock=SystemClock()) as second:
        assert (second.caught_up.entries, second.caught_up.acts) == (52, 2)


async def test_a_log_that_cannot_write_does_nothing(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No room in the log: the act was not done, and nothing holds by it."""

    async def full(_entry: Entry) -> None:
        raise LogFull("no room")

    monkeypatch.setattr(ledger.log, "append", full)
    with pytest.raises(Unavailable) as caught:
        await ledger.registrar.write(cut, basis=BASIS)
    assert caught.value.cause is Cause.LOG_UNAVAILABLE
    assert ledger.acts.in_force.cutoffs == ()


async def test_an_act_whose_writer_is_cancelled_is_done_whole_or_not(
    county: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cancelled while it waits, nothing is written; once begun, it holds.

    The next act has the next number, and a start reads both.
    """
    entered, go_on = asyncio.Event(), asyncio.Event()
    async with open_ledger(county, clock=SystemClock(), create=True) as first:
        registrar, append = first.registrar, first.log.append
        await registrar.write(lambda _: GENESIS, basis=Basis())

        async def slow(entry: Entry) -> object:
            receipt = await append(entry)
            entered.set()
            await go_on.wait()
            return receipt

        monkeypatch.setattr(first.log, "append", slow)
        async with asyncio.timeout(5), asyncio.TaskGroup() as group:
            begun = group.create_task(registrar.write(cut, basis=BASIS))
            await entered.wait()
            waits = group.create_task(registrar.write(cut, basis=BASIS))
            await asyncio.sleep(0)
            begun.cancel()
            waits.cancel()
        go_on.set()
        event = await registrar.write(cut, basis=BASIS)
        held = [item.number for item in first.acts.in_force.cutoffs]

    assert begun.cancelled()
    assert waits.cancelled()
    assert event.statement.counter == 1
    assert held == [0, 1]
    async with open_ledger(county, clock=SystemClock()) as second:
        assert second.acts.in_force == first.acts.in_force


async def test_a_stop_waits_for_the_act_that_was_begun(
    county: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its writer is gone, log and state are not: it is folded and stored."""
    entered = asyncio.Event()
    async with open_ledger(county, clock=SystemClock(), create=True) as first:
        await first.registrar.write(lambda _: GENESIS, basis=Basis())
        append = first.log.append

        async def slow(entry: Entry) -> object:
            entered.set()
            await asyncio.sleep(0.05)
            return await append(entry)

        monkeypatch.setattr(first.log, "append", slow)
        async with asyncio.TaskGroup() as group:
            begun = group.create_task(first.registrar.write(cut, basis=BASIS))
            await entered.wait()
            begun.cancel()
    assert len(first.acts.in_force.cutoffs) == 1
    async with open_ledger(county, clock=SystemClock()) as second:
        assert second.caught_up.acts == 0
        assert second.acts.in_force == first.acts.in_force


async def test_state_that_cannot_be_written_stops_no_act(ledger: Ledger) -> None:
    """The log has the act: it holds, although the cache could not be written."""
    await ledger.database.close()
    await ledger.registrar.write(cut, basis=BASIS)
    assert len(ledger.acts.in_force.cutoffs) == 1
