"""Two registrars on one log: acts in one order, each built on all before it."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import NoReturn

import pytest
from sqlalchemy import text

from audit import LogUnavailable
from audit.contract import TurnLost
from gateway.acts import ActEvent, ActOutOfOrder, ActsInForce
from gateway.clock import SystemClock
from gateway.config import Config, load
from gateway.errors import Cause, Unavailable
from gateway.ledger import Basis, Ledger, open_ledger
from gateway.runs import state_put_back
from gateway.state import ActsCache
from tests.audit.kept import Database
from tests.gateway.county import GENESIS, activated, cut
from tests.gateway.ledger.test_place import on_server

pytestmark = [pytest.mark.services, pytest.mark.fault("replica-behind")]

BASIS = Basis(policy="0" * 64, manifest="1" * 64)


@pytest.fixture
async def both(
    tmp_path: Path, log_database: Database
) -> AsyncIterator[tuple[Ledger, Ledger]]:
    """Two processes' ledgers; each has its own cache, so nothing is known by that."""

    def configs() -> tuple[Config, Config]:
        first = on_server(tmp_path / "1", log_database)
        shutil.copytree(tmp_path / "1", tmp_path / "2")
        return first, load(tmp_path / "2" / first.path.name)

    (tmp_path / "1").mkdir()
    one, two = await asyncio.to_thread(configs)
    clock = SystemClock()
    async with AsyncExitStack() as stack:
        here = await stack.enter_async_context(
            open_ledger(one, clock=clock, create=True)
        )
        await here.registrar.write(lambda _: GENESIS, basis=Basis())
        yield here, await stack.enter_async_context(open_ledger(two, clock=clock))


async def test_each_act_is_built_on_those_of_the_other(
    both: tuple[Ledger, Ledger],
) -> None:
    """Written by turns and at once, every one has the number that comes next."""
    here, there = both
    await here.registrar.write(activated, basis=BASIS)
    events = await asyncio.gather(
        *(
            registrar.write(cut, basis=BASIS)
            for registrar in (here.registrar, there.registrar) * 4
        )
    )
    for ledger in both:
        await ledger.registrar.follow()

    numbers = sorted(event.statement.counter for event in events)
    assert numbers == list(range(8))
    assert len({event.index for event in events}) == 8
    assert here.registrar.events == there.registrar.events
    assert here.registrar.in_force == there.registrar.in_force


async def test_who_follows_is_told_and_hears_what_others_wrote(
    both: tuple[Ledger, Ledger],
) -> None:
    """Told what is in force, and the acts themselves; of its own it hears nothing."""
    here, there = both
    told: list[ActsInForce] = []
    heard: list[Sequence[ActEvent]] = []

    async def tell(acts: ActsInForce) -> None:
        told.append(acts)

    there.registrar.tell(tell)
    there.registrar.hear(heard.append)
    await here.registrar.write(activated, basis=BASIS)
    await there.registrar.follow()
    await there.registrar.follow()
    event = await there.registrar.write(cut, basis=BASIS)

    assert [[each.statement.act for each in some] for some in heard] == [["activation"]]
    assert [len(acts.cutoffs) for acts in told] == [0, 1]
    assert event.index == 2


async def test_an_act_that_another_made_old_is_refused(
    both: tuple[Ledger, Ledger],
) -> None:
    """It was signed when it would have counted; another came first."""
    here, there = both
    signed = activated(there.registrar.in_force)
    await here.registrar.write(activated, basis=BASIS)

    with pytest.raises(ActOutOfOrder, match="another act came first"):
        await there.registrar.write(lambda _: signed, basis=BASIS)


async def test_who_never_gets_its_turn_says_so(
    both: tuple[Ledger, Ledger], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing was written, and it may be tried again."""
    here, _ = both

    async def lost(*_: object) -> NoReturn:
        raise TurnLost("another process had its turn")

    monkeypatch.setattr(here.registrar, "_append", lost)
    with pytest.raises(Unavailable) as caught:
        await here.registrar.write(activated, basis=BASIS)

    assert caught.value.cause is Cause.OVERLOADED


async def test_a_log_that_does_not_answer_is_unavailable(
    both: tuple[Ledger, Ledger], monkeypatch: pytest.MonkeyPatch
) -> None:
    """For who follows, and for who wants to write."""
    here, _ = both

    async def gone(*_: object) -> NoReturn:
        raise LogUnavailable("the database does not answer")

    monkeypatch.setattr(here.log, "news", gone)
    for work in (
        here.registrar.follow(),
        here.registrar.write(activated, basis=BASIS),
    ):
        with pytest.raises(Unavailable) as caught:
            await work
        assert caught.value.cause is Cause.LOG_UNAVAILABLE


async def test_state_that_cannot_be_written_stops_nobody(
    both: tuple[Ledger, Ledger],
) -> None:
    """What others did holds all the same, and is stored when that goes again."""
    here, there = both
    await there.database.close()
    await here.registrar.write(activated, basis=BASIS)
    await there.registrar.follow()

    assert there.registrar.in_force.activation is not None


@pytest.mark.fault("state-restored")
async def test_a_state_that_is_put_back_under_a_running_gateway_is_told(
    both: tuple[Ledger, Ledger],
) -> None:
    """Nothing is stored over it before the log says so; all are closed from then on."""
    here, there = both
    await there.registrar.write(activated, basis=BASIS)
    await there.database.run(lambda c: c.execute(text("UPDATE seal SET log_size = 1")))
    await there.registrar.write(cut, basis=BASIS)
    stale = await there.database.run(
        lambda c: c.execute(text("SELECT log_size FROM seal")).scalar_one()
    )
    told = there.acts.put_back

    await state_put_back(there)
    await here.registrar.follow()
    fresh = ActsCache(
        database=there.database, key=there.keys.acts, origin=there.registrar.origin
    )
    whole = await fresh.load()

    assert (stale, told, there.acts.put_back) == (1, True, False)
    assert here.registrar.in_force.causes == {"state-restored"}
    assert whole
    assert fresh.events == there.registrar.events


async def test_what_could_not_be_stored_is_stored_at_the_next_look(
    both: tuple[Ledger, Ledger], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not only a minute later: whoever starts meanwhile would find a state behind."""
    here, there = both
    await here.registrar.write(activated, basis=BASIS)
    run = there.database.run

    async def gone(*_: object) -> NoReturn:
        raise Unavailable(Cause.STATE_UNAVAILABLE, "gone")

    monkeypatch.setattr(there.database, "run", gone)
    await there.registrar.follow()
    monkeypatch.setattr(there.database, "run", run)
    lacking = there.acts.unstored
    await there.registrar.follow()

    assert (lacking, there.acts.unstored) == (True, False)
