"""Witnesses of a log that several processes write: they are shown one history."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from audit import Log, LogDamaged, LogError, LogFailed
from audit.asker import Answer, Question
from audit.checkpoint import Checkpoint
from audit.disk import no_faults
from audit.history import Past
from audit.notary import Notary
from audit.postgres.charter import KEYS_CHANGED, PostgresCharter
from audit.postgres.links import Links
from audit.postgres.publisher import PostgresPublisher
from audit.verify import verify
from tests.audit.builders import ORIGIN, START_MS, FakeClock, entry
from tests.audit.kept import PostgresStore
from tests.audit.test_contract_witnessed import grow, size_of, trust, witnesses
from tests.audit.witnessing import Board, Boards, Time, cosigner, silent

SLOW = 60.0
"""An interval in which nothing is published but on purpose."""


def publisher(log: Log) -> PostgresPublisher:
    """Return a log's publisher."""
    found = log._parts.publisher
    assert isinstance(found, PostgresPublisher)
    return found


def meanwhile(log: Log, board: Board) -> Callable[[Question, Answer], Answer]:
    """Return a fault: before a witness is heard, another process publishes."""

    def fault(_question: Question, answer: Answer) -> Answer:
        board.fault = None
        publisher(log).run((), START_MS)
        return answer

    return fault


async def test_each_has_what_the_other_published(
    postgres_store: PostgresStore, boards: Boards
) -> None:
    """Two processes, each with its own memory of the witnesses: one history."""
    async with (
        postgres_store.opening(
            create=True, checkpoint_interval_s=SLOW, cosigner=cosigner(boards, "all")
        ) as one,
        postgres_store.opening(
            checkpoint_interval_s=SLOW, cosigner=cosigner(boards, "all")
        ) as other,
    ):
        for log in (one, other, one, other):
            await grow(log, 100)
            assert (size_of(log.checkpoint()), witnesses(log, boards)) == (log.size, 2)
        await one.settle()
        assert one.checkpoint() == other.checkpoint()
    report = await asyncio.to_thread(verify, postgres_store.source(), trust(boards))
    assert (report.witnessed, report.facts["entries"]) == (True, 400)


async def test_lines_that_another_collected_are_seen(
    postgres_store: PostgresStore, boards: Boards
) -> None:
    """Also by who could not reach the witnesses itself, and its count ends."""
    time = Time()
    for each in boards.boards:
        each.fault = silent
    async with (
        postgres_store.opening(
            create=True, checkpoint_interval_s=SLOW, cosigner=cosigner(boards, "all")
        ) as one,
        postgres_store.opening(
            checkpoint_interval_s=SLOW, cosigner=cosigner(boards, "all", time=time)
        ) as other,
    ):
        await grow(one)
        assert one.unwitnessed_since_ms == START_MS
        for each in boards.boards:
            each.fault = None
        time.now = 1000
        await other.settle()
        assert witnesses(one, boards) == 0
        await one.settle()
        assert witnesses(one, boards) == 2
        assert one.unwitnessed_since_ms is None


async def test_a_later_checkpoint_of_another_process_stands(
    postgres_store: PostgresStore, boards: Boards
) -> None:
    """Who was overtaken while a witness thought writes nothing in its place."""
    board = boards.boards[1]
    async with (
        postgres_store.opening(
            create=True, checkpoint_interval_s=SLOW, cosigner=cosigner(boards, "all")
        ) as one,
        postgres_store.opening(
            checkpoint_interval_s=SLOW, cosigner=cosigner(boards, "all")
        ) as other,
    ):
        await grow(one)
        await one.append(entry())
        publish = meanwhile(other, board)

        def fault(question: Question, answer: Answer) -> Answer:
            asyncio.run_coroutine_threadsafe(other.append(entry()), loop).result(20)
            return publish(question, answer)

        loop = asyncio.get_running_loop()
        board.fault = fault
        await one.settle()
        assert one.checkpoint() == other.checkpoint()
        assert (size_of(one.checkpoint()), witnesses(one, boards)) == (3, 2)


async def test_lines_that_came_at_once_are_not_lost(
    postgres_store: PostgresStore, boards: Boards
) -> None:
    """Two that ask again at the same time: the first one's lines stay."""
    time = Time()
    for each in boards.boards:
        each.fault = silent
    async with (
        postgres_store.opening(
            create=True,
            checkpoint_interval_s=SLOW,
            cosigner=cosigner(boards, "all", time=time),
        ) as one,
        postgres_store.opening(
            checkpoint_interval_s=SLOW, cosigner=cosigner(boards, "all", time=time)
        ) as other,
    ):
        await grow(one)
        time.now = 1000
        first, second = boards.boards
        publish = meanwhile(other, first)

        def fault(question: Question, answer: Answer) -> Answer:
            second.fault = None
            answer = publish(question, answer)
            second.fault = silent
            return answer

        first.fault = fault
        await one.settle()
        assert one.checkpoint() == other.checkpoint()
        assert witnesses(one, boards) == 2


async def test_what_witnesses_were_shown_is_published_after_a_crash(
    postgres_store: PostgresStore, boards: Boards
) -> None:
    """By whoever comes to the same tree, also when its clock is another one."""
    crash = False

    def faults(name: str) -> None:
        if crash and name == "before publish":
            raise OSError(5, "the process ends here")
        no_faults(name)

    async with postgres_store.opening(
        create=True,
        checkpoint_interval_s=SLOW,
        cosigner=cosigner(boards),
        faults=faults,
    ) as log:
        await grow(log)
        crash = True
        await log.append(entry())
        with pytest.raises(LogError):
            await log.settle()
        assert size_of(log.checkpoint()) == 1
        [[shown]] = await asyncio.to_thread(
            postgres_store.database.execute,
            "SELECT shown FROM sallyport_log.pub_coord",
        )
        assert isinstance(shown, bytes)
        assert size_of(shown) == 2
        clock = FakeClock()
        clock.ms += 60_000
        async with postgres_store.opening(
            cosigner=cosigner(boards), clock=clock
        ) as other:
            assert other.checkpoint().startswith(shown)
            assert witnesses(other, boards) == 2


async def test_two_never_show_two_notes(
    postgres_store: PostgresStore, boards: Boards, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who signed while another process showed its own leaves it to that."""
    async with (
        postgres_store.opening(
            create=True, checkpoint_interval_s=SLOW, cosigner=cosigner(boards)
        ) as one,
        postgres_store.opening(
            checkpoint_interval_s=SLOW, cosigner=cosigner(boards)
        ) as other,
    ):
        await one.append(entry())
        sign = Notary.sign

        def late(notary: Notary, **how: Any) -> Past:  # noqa: ANN401 - passed on
            with monkeypatch.context() as patch:
                patch.setattr(Notary, "sign", sign)
                publisher(other).run((), START_MS)
            monkeypatch.setattr(Notary, "sign", sign)
            return sign(notary, **how)

        asked = len(boards.boards[0].asked)
        monkeypatch.setattr(Notary, "sign", late)
        await one.settle()
        assert len(boards.boards[0].asked) == asked + 1
        assert one.checkpoint() == other.checkpoint()
        assert size_of(one.checkpoint()) == 1


async def test_what_was_shown_and_was_altered_stops_the_log(
    postgres_store: PostgresStore, boards: Boards
) -> None:
    """It is of this log's tree, and nobody who has its keys signed it."""
    database = postgres_store.database
    async with postgres_store.opening(
        create=True, checkpoint_interval_s=SLOW, cosigner=cosigner(boards)
    ) as log:
        await log.append(entry())
        found = publisher(log)
        ask = found._links.ask
        await asyncio.to_thread(ask, lambda session: found.integrate(session, START_MS))
        [[root]] = await asyncio.to_thread(
            database.execute, "SELECT root FROM sallyport_log.int_coord"
        )
        assert isinstance(root, bytes)
        text = Checkpoint(origin=ORIGIN, size=1, root=root).text
        note = rf"'\x{text.encode().hex()}0a'"
        altered = f"UPDATE sallyport_log.pub_coord SET shown = {note}"  # noqa: S608 - the test's own
        await asyncio.to_thread(database.execute, altered)
        with pytest.raises(LogDamaged, match="what witnesses were shown"):
            await log.settle()
        assert log.failed


async def test_who_has_not_heard_of_new_keys_does_not_undo_them(
    postgres_store: PostgresStore,
) -> None:
    """What it writes into the charter is refused; written twice it is the same."""
    async with postgres_store.opening(create=True) as log:
        mine = log._parts.charter
        other = PostgresCharter(
            reads=Links(postgres_store.place.writer),
            writes=Links(postgres_store.place.integrator),
        )
        state = await asyncio.to_thread(other.adopt)
        begun = {**state, "next": ["others"]}
        for _ in range(2):
            await asyncio.to_thread(other.write_state, begun)
        with pytest.raises(LogFailed, match=KEYS_CHANGED):
            await asyncio.to_thread(mine.write_state, state)
        assert (await asyncio.to_thread(other.read_state))["next"] == ["others"]
