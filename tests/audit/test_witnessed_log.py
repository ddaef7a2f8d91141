"""A log with witnesses: what it publishes, what it remembers, when it stops."""

from __future__ import annotations

import asyncio
import errno
import json
import shutil
import threading
from pathlib import Path
from typing import Any

import pytest

from audit import Log, LogBehind, LogForked, LogFull
from audit.asker import Answer, Question
from audit.checkpoint import Checkpoint, open_checkpoint
from audit.cosigning import Cosigner
from audit.disk import no_faults
from audit.elsewhere import Said
from audit.errors import LogError
from audit.note import Note
from audit.policyfile import Policy
from audit.publish import publish
from audit.reading import FolderSource
from audit.report import Outcome
from audit.verify import Trust, verify
from tests.audit.builders import (
    AUDITOR,
    KEYS,
    ORIGIN,
    START_MS,
    FakeClock,
    entry,
    opening,
    write_schema,
)
from tests.audit.witnessing import Board, Boards, Time, cosigner, policy_text


def silent(_question: Question, _answer: Answer) -> None:
    """Answer nothing in time."""


def trust(boards: Boards, needed: str = "any") -> Trust:
    """Return what a verifier of a witnessed log brings."""
    policy = Policy.parse(policy_text(boards.boards, needed))
    return Trust(keys=KEYS.verifiers, policy=policy)


def open_log(
    folder: Path,
    one: Cosigner | None,
    *,
    create: bool = False,
    **more: Any,  # noqa: ANN401 - as Log.open
) -> Any:  # noqa: ANN401 - as opening
    """Open a log with witnesses."""
    return Log.open(
        folder,
        origin=ORIGIN,
        keys=KEYS,
        auditors=[AUDITOR.auditor],
        clock=more.pop("clock", FakeClock()),
        public_delay_s=more.pop("delay_s", 0),
        create=create,
        cosigner=one,
        checkpoint_interval_s=0.001,
        **more,
    )


@pytest.fixture
def boards() -> Boards:
    """Two witnesses."""
    return Boards([Board("a.example"), Board("b.example")])


def heads(note: bytes) -> int:
    """Return how many entries a checkpoint says."""
    return Checkpoint.parse(Note.parse(note).text).size


async def test_what_is_published_is_witnessed(tmp_path: Path, boards: Boards) -> None:
    """Live, public and proved; the exit code is 0 without being let off."""
    async with open_log(tmp_path / "s", cosigner(boards, "all"), create=True) as log:
        for _ in range(2):
            await log.append(entry())
            await log.settle()
        receipt = await log.append(entry())
        await log.settle()
        proof = await asyncio.to_thread(log.proof, 2, receipt.leaf_hash)
        assert log.unwitnessed_since_ms is None
    live = tmp_path / "s" / "live"
    await asyncio.to_thread(write_schema, live)
    report = await asyncio.to_thread(verify, FolderSource(live), trust(boards, "all"))
    assert (report.outcome(), report.witnessed) == (Outcome.OK, True)
    checked = proof.check(receipt.leaf, trust(boards).all_keys)
    assert len(checked.times) == 3
    await asyncio.to_thread(publish, tmp_path / "s", tmp_path / "p", now_ms=START_MS)
    report = await asyncio.to_thread(
        verify, FolderSource(tmp_path / "p"), trust(boards, "all")
    )
    assert report.witnessed


async def test_nobody_waits_for_a_witness(tmp_path: Path, boards: Boards) -> None:
    """Receipts come while the witnesses think; the checkpoint waits for them."""
    think = threading.Event()

    def slow(_question: Question, answer: Answer) -> Answer:
        think.wait(20)
        return answer

    async with open_log(tmp_path / "s", cosigner(boards), create=True) as log:
        boards.boards[0].fault = slow
        before = log.checkpoint()
        for number in range(20):
            assert (await log.append(entry())).index == number
        assert log.checkpoint() == before
        think.set()
        await log.settle()
        assert heads(log.checkpoint()) == 20


async def test_without_witnesses_it_goes_on_and_says_since_when(
    tmp_path: Path, boards: Boards
) -> None:
    """What they missed they sign later; a restart does not begin the count anew."""
    clock, time = FakeClock(), Time()
    one = cosigner(boards, time=time)
    async with open_log(tmp_path / "s", one, create=True, clock=clock) as log:
        await log.append(entry())
        await log.settle()
        for each in boards.boards:
            each.fault = silent
        clock.ms = START_MS + 60_000
        await log.append(entry())
        await log.settle()
        assert heads(log.checkpoint()) == 2
        assert log.unwitnessed_since_ms == START_MS + 60_000
    clock.ms = START_MS + 120_000
    one = cosigner(boards, time=time)
    async with open_log(tmp_path / "s", one, clock=clock) as log:
        await log.append(entry())
        await log.settle()
        assert log.unwitnessed_since_ms == START_MS + 60_000
        unsigned = log.checkpoint()
        for each in boards.boards:
            each.fault = None
        time.now = 1000
        await log.settle()
        signed = log.checkpoint()
        assert log.unwitnessed_since_ms is None
    assert heads(signed) == 3
    assert Note.parse(signed).text == Note.parse(unsigned).text
    assert signed.startswith(unsigned)
    state = json.loads((tmp_path / "s" / "state.json").read_text())
    assert "unwitnessed_since_ms" not in state


async def test_an_idle_log_asks_again_by_itself(
    tmp_path: Path, boards: Boards, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also one that was only opened: nobody has to write for that."""
    monkeypatch.setattr("audit.publication._LATER_S", 0.001)
    async with open_log(tmp_path / "s", None, create=True) as log:
        await log.append(entry())
    for each in boards.boards:
        each.fault = silent
    time = Time()
    one = cosigner(boards, "all", time=time)
    async with asyncio.timeout(20), open_log(tmp_path / "s", one) as log:
        since = log.unwitnessed_since_ms
        boards.boards[0].fault = None
        time.now = 100
        while not _times(log, boards):  # noqa: ASYNC110 - the thread tells nobody
            await asyncio.sleep(0.001)
        boards.boards[1].fault = None
        time.now = 1000
        while log.unwitnessed_since_ms is not None:  # noqa: ASYNC110 - the thread tells nobody
            await asyncio.sleep(0.001)
        assert since == START_MS
        assert len(_times(log, boards)) == 2


def _times(log: Log, boards: Boards) -> set[str]:
    keys = trust(boards).all_keys
    found = open_checkpoint(log.checkpoint(), keys)
    return {key.name for key in found.times if not key.name.startswith(ORIGIN)}


async def test_new_entries_do_not_wait_for_the_next_look(
    tmp_path: Path, boards: Boards, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A log that would look again in an hour still publishes when something comes."""
    monkeypatch.setattr("audit.publication._LATER_S", 3600)
    for each in boards.boards:
        each.fault = silent
    async with open_log(tmp_path / "s", cosigner(boards), create=True) as log:
        await log.append(entry())
        await log.settle()
        await log.append(entry())
        async with asyncio.timeout(20):
            while heads(log.checkpoint()) < 2:  # noqa: ASYNC110 - the thread tells nobody
                await asyncio.sleep(0.001)


async def test_the_public_view_gets_the_lines_too(
    tmp_path: Path, boards: Boards
) -> None:
    """A checkpoint that was signed late is public with what it has now."""
    clock, time = FakeClock(), Time()
    one = cosigner(boards, time=time)
    log = await open_log(tmp_path / "s", one, create=True, clock=clock, delay_s=3600)
    for each in boards.boards:
        each.fault = silent
    await log.append(entry())
    await log.settle()
    for each in boards.boards:
        each.fault = None
    time.now = 1000
    await log.settle()
    signed = log.checkpoint()
    clock.ms += 3_600_000
    await log.append(entry())
    await log.settle()
    clock.ms += 60_000
    assert one.satisfied(signed)
    assert log.public_checkpoint() == signed
    await log.close()


async def test_a_state_that_cannot_be_written_is_tried_again(
    tmp_path: Path, boards: Boards
) -> None:
    """The count goes on in memory; the next checkpoint tries once more."""
    fail = True

    def faults(name: str) -> None:
        if fail and name == "before write state.json":
            raise OSError(28, "No space left on device")
        no_faults(name)

    one = cosigner(boards)
    for each in boards.boards:
        each.fault = silent
    async with open_log(tmp_path / "s", None, create=True):
        pass
    path = tmp_path / "s" / "state.json"
    async with open_log(tmp_path / "s", one, fault_hooks=faults) as log:
        await log.append(entry())
        await log.settle()
        assert log.unwitnessed_since_ms == START_MS
        assert "unwitnessed" not in await asyncio.to_thread(path.read_text)
        fail = False
        await log.append(entry())
        await log.settle()
        assert str(START_MS) in await asyncio.to_thread(path.read_text)


# --- the same note again -----------------------------------------------------------


async def test_what_witnesses_were_shown_is_published_after_a_crash(
    tmp_path: Path, boards: Boards
) -> None:
    """Not another note of the same tree: ML-DSA lines and times would differ."""

    class Killed(Exception):
        """The process ended here."""

    crash = False

    def faults(name: str) -> None:
        if crash and name == "before write checkpoint":
            raise Killed
        no_faults(name)

    store = tmp_path / "s"
    clock = FakeClock()
    log = await open_log(
        store, cosigner(boards), create=True, fault_hooks=faults, clock=clock
    )
    crash = True
    await log.append(entry())
    with pytest.raises(Killed):
        await log.settle()
    crash = False
    shown = await asyncio.to_thread((store / "signed").read_bytes)
    await asyncio.to_thread(shutil.copytree, store, tmp_path / "after")
    with pytest.raises(LogError):
        await log.append(entry())
    await log.close()
    clock.ms += 60_000
    async with open_log(tmp_path / "after", cosigner(boards), clock=clock) as log:
        assert log.checkpoint().startswith(shown)
        assert heads(log.checkpoint()) == 1
        await log.append(entry())
        await log.settle()
        assert heads(log.checkpoint()) == 2


# --- other histories -----------------------------------------------------------


@pytest.fixture
def stores(tmp_path: Path, boards: Boards) -> tuple[Path, Path]:
    """A store of five entries, and its copy of when it had three."""

    async def make() -> None:
        async with open_log(tmp_path / "s", cosigner(boards), create=True) as log:
            for _ in range(3):
                await log.append(entry())
        await asyncio.to_thread(shutil.copytree, tmp_path / "s", tmp_path / "old")
        async with open_log(tmp_path / "s", cosigner(boards)) as log:
            for _ in range(2):
                await log.append(entry())

    asyncio.run(make())
    return tmp_path / "s", tmp_path / "old"


def said(one: Cosigner) -> list[Said]:
    """Return what the witnesses show, as one asks at start."""
    return one.said(ORIGIN)[0]


def test_an_old_copy_is_refused_at_start(
    stores: tuple[Path, Path], boards: Boards
) -> None:
    """Nothing is written to it, and the sentence says what may be done."""
    _, old = stores
    before = sorted((path, path.stat().st_mtime_ns) for path in old.rglob("*"))

    async def go() -> None:
        one = cosigner(boards)
        async with open_log(old, one, said=await asyncio.to_thread(said, one)):
            pass

    with pytest.raises(LogBehind) as caught:
        asyncio.run(go())
    assert "shows that this log signed 5 entries, and 3 entries are stored" in str(
        caught.value
    )
    assert "Put the newest copy back" in str(caught.value)
    after = sorted((path, path.stat().st_mtime_ns) for path in old.rglob("*"))
    assert [each for each in after if each[0].name != "lock"] == [
        each for each in before if each[0].name != "lock"
    ]


def test_without_the_question_the_first_checkpoint_stops_it(
    stores: tuple[Path, Path], boards: Boards
) -> None:
    """A witness that was not reached at start is reached with the first checkpoint."""
    _, old = stores

    async def go() -> None:
        async with open_log(old, cosigner(boards)) as log:
            await log.append(entry())
            with pytest.raises(LogBehind):
                await log.settle()
            with pytest.raises(LogBehind, match=r"the witness a\.example shows"):
                await log.append(entry())
            assert log.failed

    asyncio.run(go())


def test_the_whole_store_is_accepted(stores: tuple[Path, Path], boards: Boards) -> None:
    """What continues everything that was signed is opened."""
    whole, _ = stores

    async def go() -> None:
        one = cosigner(boards)
        async with open_log(whole, one, said=await asyncio.to_thread(said, one)) as log:
            assert log.size == 5

    asyncio.run(go())


def test_a_second_history_is_refused_at_start(
    stores: tuple[Path, Path], boards: Boards
) -> None:
    """An old copy that went on without its witnesses is a fork, and stays one."""
    _, old = stores

    async def go() -> None:
        async with open_log(old, None) as log:
            for _ in range(4):
                await log.append(entry())
        one = cosigner(boards)
        async with open_log(old, one, said=await asyncio.to_thread(said, one)):
            pass

    with pytest.raises(LogForked, match="there are two histories"):
        asyncio.run(go())


def test_an_open_store_is_given_up_if_it_cannot_be_watched(
    tmp_path: Path, boards: Boards, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever goes wrong after the lock was taken, the lock is given back."""

    async def go() -> None:
        async with open_log(tmp_path / "s", None, create=True):
            pass
        with monkeypatch.context() as patch:
            patch.setattr(Cosigner, "satisfied", lambda *_: 1 / 0)
            patch.setattr(Cosigner, "lacking", lambda *_: False)
            one = cosigner(boards)
            async with open_log(tmp_path / "s", None) as log:
                await log.append(entry())
            with pytest.raises(ZeroDivisionError):
                await open_log(tmp_path / "s", one)
        async with opening(tmp_path / "s") as log:
            assert log.size == 1

    asyncio.run(go())


async def test_a_full_disk_does_not_show_witnesses_what_is_not_kept(
    tmp_path: Path, boards: Boards
) -> None:
    """The log refuses while it is full, and heals; nobody saw a note that is lost."""
    full = False

    def faults(name: str) -> None:
        if full and name == "before write signed":
            raise OSError(errno.ENOSPC, "injected")

    one = cosigner(boards)
    async with open_log(tmp_path / "s", one, create=True, fault_hooks=faults) as log:
        full, asked = True, len(boards.rounds)
        await log.append(entry())
        with pytest.raises(LogFull):
            await log.settle()
        assert len(boards.rounds) == asked
        full = False
        await log.settle()
        assert heads(log.checkpoint()) == 1
