"""A log with witnesses: what it publishes, and what it does without them."""

from __future__ import annotations

import asyncio
import json
import threading
from pathlib import Path

import pytest

from audit import Log
from audit.asker import Answer, Question
from audit.checkpoint import open_checkpoint
from audit.note import Note
from audit.policyfile import Policy
from audit.publish import publish
from audit.reading import FolderSource
from audit.report import Outcome
from audit.verify import Trust, verify
from tests.audit.builders import KEYS, ORIGIN, START_MS, FakeClock, entry, write_schema
from tests.audit.witnessing import (
    Boards,
    Time,
    cosigner,
    heads,
    open_log,
    policy_text,
    silent,
)


def trust(boards: Boards, needed: str = "any") -> Trust:
    """Return what a verifier of a witnessed log brings."""
    policy = Policy.parse(policy_text(boards.boards, needed))
    return Trust(keys=KEYS.verifiers, policy=policy)


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
