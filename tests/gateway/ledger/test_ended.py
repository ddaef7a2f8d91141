"""The entry that something which waited for a person is over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from audit import Log, LogFull, LogOverloaded
from gateway.clock import SystemClock
from gateway.config import Config
from gateway.errors import Cause, Unavailable
from gateway.ledger import (
    Basis,
    Ended,
    EndedOtherwise,
    Ledger,
    open_ledger,
    record_end,
)
from tests.gateway.county import GENESIS, found_county

BASIS = Basis(policy="a" * 64, manifest="b" * 64)
DUTY = Ended(
    key=b"k" * 32,
    how=b"d" * 32,
    account={"task": "ab" * 16, "do": "notify_subject", "state": "done"},
    who={"by": "R. Example"},
)
REVIEW = Ended(key=b"r" * 32, how=b"r" * 32, account={"state": "expired"})


@pytest.fixture
def county(tmp_path: Path) -> Config:
    """A county with keys and no log yet."""
    return found_county(tmp_path)


@pytest.fixture
async def ledger(county: Config) -> AsyncIterator[Ledger]:
    """A log that has begun."""
    async with open_ledger(county, clock=SystemClock(), create=True) as opened:
        await opened.registrar.write(lambda _: GENESIS, basis=Basis())
        yield opened


async def test_every_end_has_the_same_face(ledger: Ledger) -> None:
    """A duty that was done and a review that ran out can't be told apart."""
    await record_end(ledger.log, DUTY, basis=BASIS)
    await record_end(ledger.log, REVIEW, basis=BASIS)

    _, duty, review = await asyncio.to_thread(lambda: [*ledger.log.leaves()])

    random = {"_sd", "side", "tags", "pad", "t"}
    faces = [
        {name: value for name, value in leaf.items() if name not in random}
        for _, leaf in (duty, review)
    ]
    sizes = [
        (len(leaf["_sd"]), len(leaf["side"]), len(leaf["tags"]))
        for _, leaf in (duty, review)
    ]
    assert faces[0] == faces[1]
    assert sizes[0] == sizes[1]
    assert (faces[0]["ev"], faces[0]["decision"]) == ("review", "closed")
    assert (faces[0]["policy"], faces[0]["manifest"]) == (BASIS.policy, BASIS.manifest)


async def test_it_ends_once(ledger: Ledger) -> None:
    """Written again it is the same entry, whoever says it; another end is refused."""
    first = await record_end(ledger.log, DUTY, basis=BASIS)
    again = await record_end(
        ledger.log, replace(DUTY, who={"by": "S. Example"}), basis=BASIS
    )
    with pytest.raises(EndedOtherwise, match="entry 1 says") as told:
        await record_end(ledger.log, replace(DUTY, how=b"c" * 32), basis=BASIS)

    assert (again.index, told.value.entry) == (first.index, 1)
    assert ledger.log.size == 2


@pytest.mark.parametrize(
    ("failure", "cause"),
    [
        (LogFull("no room"), Cause.LOG_UNAVAILABLE),
        (LogOverloaded("too many wait"), Cause.OVERLOADED),
    ],
)
async def test_without_the_log_nothing_ends(
    ledger: Ledger,
    monkeypatch: pytest.MonkeyPatch,
    failure: Exception,
    cause: Cause,
) -> None:
    """Whoever asked is told the cause, and may ask again."""

    async def fails(*_: object) -> None:
        raise failure

    with monkeypatch.context() as patched:
        patched.setattr(Log, "append", fails)
        with pytest.raises(Unavailable) as refused:
            await record_end(ledger.log, DUTY, basis=BASIS)
    assert refused.value.cause is cause
