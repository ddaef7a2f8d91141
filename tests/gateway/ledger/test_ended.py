"""The entry that something which waited for a person is over."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from audit import Log, LogFull, LogOverloaded
from gateway.errors import Cause, Unavailable
from gateway.ledger import (
    Basis,
    Ended,
    EndedOtherwise,
    Ledger,
    record_end,
)

BASIS = Basis(policy="a" * 64, manifest="b" * 64)
DUTY = Ended(
    key=b"k" * 32,
    how=b"d" * 32,
    account={"task": "ab" * 16, "do": "notify_subject", "state": "done"},
    who={"by": "R. Example"},
)
REVIEW = Ended(key=b"r" * 32, how=b"r" * 32, account={"state": "expired"})


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
