"""A log with witnesses, in a store of either kind."""

from __future__ import annotations

import asyncio

import pytest

from audit import Log, LogBehind
from audit.asker import Answer, Question
from audit.checkpoint import Checkpoint, open_checkpoint
from audit.cosigning import Cosigner
from audit.note import Note
from audit.policyfile import Policy
from audit.verify import Trust, verify
from tests.audit.builders import KEYS, ORIGIN, START_MS, FakeClock, entry
from tests.audit.kept import Store
from tests.audit.witnessing import Boards, Time, cosigner, policy_text, silent


def trust(boards: Boards) -> Trust:
    """Return what a verifier brings that wants the signatures of all."""
    policy = Policy.parse(policy_text(boards.boards, "all"))
    return Trust(keys=KEYS.verifiers, policy=policy)


def size_of(note: bytes) -> int:
    """Return how many entries a checkpoint is of."""
    return Checkpoint.parse(Note.parse(note).text).size


def witnesses(log: Log, boards: Boards) -> int:
    """Return how many witnesses have signed the live checkpoint."""
    found = open_checkpoint(log.checkpoint(), trust(boards).all_keys)
    return sum(not key.name.startswith(ORIGIN) for key in found.times)


async def grow(log: Log, count: int = 1) -> None:
    """Add some entries, and publish them."""
    await asyncio.gather(*(log.append(entry()) for _ in range(count)))
    await log.settle()


async def test_what_is_published_is_witnessed(store: Store, boards: Boards) -> None:
    """From the empty tree on; the proofs are of trees that grow over full tiles."""
    async with store.opening(create=True, cosigner=cosigner(boards, "all")) as log:
        assert witnesses(log, boards) == 2
        for count in (1, 300, 2):
            await grow(log, count)
            assert witnesses(log, boards) == 2
            assert log.unwitnessed_since_ms is None
    report = await asyncio.to_thread(verify, store.source(), trust(boards))
    assert (report.witnessed, report.facts["entries"]) == (True, 303)
    async with store.opening(cosigner=cosigner(boards, "all")) as log:
        asked = len(boards.boards[0].asked)
        await log.settle()
        assert len(boards.boards[0].asked) == asked  # nothing lacks, nobody is asked


async def test_without_witnesses_it_says_since_when(
    store: Store, boards: Boards
) -> None:
    """What they missed they sign later; a restart does not begin the count anew."""
    clock, time = FakeClock(), Time()

    def one() -> Cosigner:
        return cosigner(boards, "all", time=time)

    async with store.opening(create=True, cosigner=one(), clock=clock) as log:
        await grow(log)
        for each in boards.boards:
            each.fault = silent
        clock.ms = START_MS + 60_000
        await grow(log)
        assert log.unwitnessed_since_ms == START_MS + 60_000
    clock.ms = START_MS + 120_000
    async with store.opening(cosigner=one(), clock=clock) as log:
        await grow(log)
        assert log.unwitnessed_since_ms == START_MS + 60_000
        unsigned = log.checkpoint()
        for each in boards.boards:
            each.fault = None
        time.now = 1000
        await log.settle()
        assert log.checkpoint().startswith(unsigned)
        assert witnesses(log, boards) == 2
    async with store.opening(cosigner=one(), clock=clock) as log:
        for each in boards.boards:
            each.fault = silent
        clock.ms = START_MS + 180_000
        await grow(log)
        assert log.unwitnessed_since_ms == START_MS + 180_000


async def test_the_public_sees_the_lines_that_came_late(
    store: Store, boards: Boards
) -> None:
    """A checkpoint that was signed late is public with what it has then."""
    clock, time = FakeClock(), Time()
    one = cosigner(boards, "all", time=time)
    async with store.opening(
        create=True, cosigner=one, clock=clock, delay_s=3600
    ) as log:
        for each in boards.boards:
            each.fault = silent
        await grow(log)
        for each in boards.boards:
            each.fault = None
        time.now = 1000
        await log.settle()
        signed = log.checkpoint()
        clock.ms += 3_600_000
        await grow(log)
        clock.ms += 60_000
        assert one.satisfied(signed)
        assert log.public_checkpoint() == signed


async def test_a_store_that_witnesses_have_seen_more_of_is_not_written(
    store: Store, boards: Boards
) -> None:
    """A copy from before, whoever put it there: the first checkpoint stops it."""
    async with store.opening(create=True) as log:
        await grow(log, 2)
        note, key = log.checkpoint(), boards.boards[0]
        larger = Checkpoint.parse(Note.parse(note).text)

        def seen(question: Question, answer: Answer) -> Answer:
            if question.body is None:
                return answer
            kind = "text/x.tlog.size"
            return Answer(status=409, kind=kind, body=f"{larger.size + 7}\n".encode())

        key.fault = seen
    with pytest.raises(LogBehind, match="signed 9 entries, and 2 entries are stored"):
        await store.opening(cosigner=cosigner(boards))
