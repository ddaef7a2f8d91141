"""Acts in a real log: one entry each, in force at once, read back after a restart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from audit import Entry, LogFull
from gateway.acts import (
    ActsInForce,
    NotActivated,
    Statement,
    activation,
    cutoff,
    cutoff_lift,
    parse_note,
    require_active,
)
from gateway.clock import SystemClock
from gateway.config import Config
from gateway.entries import cfg, leaf, leaf_schema
from gateway.errors import Cause, Unavailable
from gateway.ledger import Basis, Ledger, open_ledger
from tests.gateway.county import ORIGIN, found_county

BASIS = Basis(policy="p" * 64, manifest="b" * 64)


@pytest.fixture
def county(tmp_path: Path) -> Config:
    """A county with keys and no log yet."""
    return found_county(tmp_path)


@pytest.fixture
async def ledger(county: Config) -> AsyncIterator[Ledger]:
    """A new log with genesis in it."""
    async with open_ledger(county, clock=SystemClock(), create=True) as opened:
        await opened.registrar.begin(BASIS)
        yield opened


def activated(in_force: ActsInForce) -> Statement:
    """Return the next activation."""
    return activation(
        origin=ORIGIN,
        counter=in_force.next_counter("activation"),
        policy=BASIS.policy,
        bundle="e" * 64,
        manifest=BASIS.manifest,
        witness="none",
        reason="setup",
    )


def cut(in_force: ActsInForce) -> Statement:
    """Return the next cut-off of everything."""
    return cutoff(
        origin=ORIGIN,
        counter=in_force.next_counter("cutoff"),
        scope="all",
        name="",
        reason="legal_order",
    )


def lifted(number: int) -> Callable[[ActsInForce], Statement]:
    """Return what builds the lift of a cut-off."""
    return lambda in_force: cutoff_lift(
        origin=ORIGIN,
        counter=in_force.next_counter("cutoff-lift"),
        lifts=number,
        reason="resolved",
    )


async def leaves(ledger: Ledger) -> list[dict[str, object]]:
    """Return every leaf of the log."""
    found = await asyncio.to_thread(lambda: list(ledger.log.leaves()))
    return [dict(members) for _, members in found]


async def test_a_log_begins_with_genesis(ledger: Ledger) -> None:
    """Index 0 is genesis with its note and the leaf model; a second call adds none."""
    await ledger.registrar.begin(BASIS)
    (first,) = await leaves(ledger)
    assert (first["ev"], first["decision"]) == ("act", "genesis")
    await ledger.log.settle()
    note = await asyncio.to_thread(ledger.log.read, f"acts/{first['act']}")
    assert note is not None
    assert parse_note(note)["roster"] == "empty"
    schema = await asyncio.to_thread(ledger.log.read, f"schema/{cfg()}.json")
    assert schema == leaf_schema()


async def test_an_act_is_in_force_when_it_is_durable(ledger: Ledger) -> None:
    """When writing returns, the act holds and has its leaf and counter."""
    event = await ledger.registrar.write(activated, basis=BASIS)
    assert event.index == 1
    assert ledger.acts.in_force.activation is not None
    second = (await leaves(ledger))[1]
    assert second["act"] == event.statement.sha256
    assert (second["policy"], second["manifest"]) == (BASIS.policy, BASIS.manifest)


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
    await ledger.registrar.write(lifted(0), basis=BASIS)
    assert told == [1, 0]


async def test_a_restart_reads_everything_back(county: Config) -> None:
    """Activation and cut-offs hold after a restart, with and without the state."""
    async with open_ledger(county, clock=SystemClock(), create=True) as first:
        await first.registrar.begin(BASIS)
        await first.registrar.write(activated, basis=BASIS)
        await first.registrar.write(cut, basis=BASIS)
        await first.registrar.write(cut, basis=BASIS)
        await first.registrar.write(lifted(0), basis=BASIS)
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
        await first.registrar.begin(BASIS)
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


async def test_state_that_cannot_be_written_stops_no_act(ledger: Ledger) -> None:
    """The log has the act: it holds, although the cache could not be written."""
    await ledger.database.close()
    await ledger.registrar.write(cut, basis=BASIS)
    assert len(ledger.acts.in_force.cutoffs) == 1
