"""Papers are read with the words in force, which an activation may change."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from gateway import in_force
from gateway.errors import GatewayError
from gateway.in_force import CurrentPapers
from gateway.policy.vocabulary import Vocabulary, load_vocabulary

WORDS = load_vocabulary(Path(__file__).parents[2] / "policies" / "vocabulary.yaml")
EMPTY = "schema: sallyport.instruments/1\npapers: {}\n"
DOCUMENT = "d" * 64
REGISTER = f"""\
schema: sallyport.instruments/1
papers:
  {DOCUMENT}:
    type: new_paper
    signer: court_clerk
    issued: 2026-01-20
    any_subject: true
"""


def with_one_type_more() -> Vocabulary:
    """Return the words of a law that knows another type of paper."""
    known = {**WORDS.instruments, "new_paper": WORDS.instruments["ao89b"]}
    return WORDS.model_copy(update={"instruments": known})


async def test_a_type_of_paper_that_was_activated_is_read_without_a_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refused while the law does not know it, and then taken as it stands."""
    monkeypatch.setattr(in_force, "PAPERS_S", 0.001)
    register = tmp_path / "instruments.yaml"
    await asyncio.to_thread(register.write_text, EMPTY)
    config: Any = SimpleNamespace(instruments=register, zone=ZoneInfo("UTC"))
    entries: Any = SimpleNamespace(latest=lambda *_: None)
    words = [WORDS]
    papers = await asyncio.to_thread(CurrentPapers, config, lambda: words[-1], entries)
    was_refused = asyncio.Event()
    refusals: list[GatewayError] = []

    def refused(error: GatewayError) -> None:
        refusals.append(error)
        was_refused.set()

    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        following = group.create_task(papers.follow(refused))
        await asyncio.to_thread(register.write_text, REGISTER)
        await was_refused.wait()
        before = papers.find(DOCUMENT)
        words.append(with_one_type_more())
        for _ in range(1000):
            if papers.find(DOCUMENT):
                break
            await asyncio.sleep(0.005)
        following.cancel()

    assert before is None
    assert papers.find(DOCUMENT)
    assert "new_paper" in str(refusals[0])
