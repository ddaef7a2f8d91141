"""What a family asked before: about how many people, and in what other way."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from gateway.answering.prospect import Prospect
from gateway.config import load
from gateway.demo.papers import paper
from tests.exchange.county import County, activate, running
from tests.exchange.narrow import PURPOSES, careful, named
from tests.exchange.requests import SHERIFF, custody, subpoenaed

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(240)]


async def test_asking_in_another_way_ends_in_review(narrow: County) -> None:
    """Thirteen ways round a first question wait for a person; repeating it does not."""
    ways: list[dict[str, Any]] = [
        *[{"why": why} for why in PURPOSES],
        *[{"recipient": who} for who in ("usms", "state_le", "prosecutor")],
        *[{"channel": word} for word in ("phone", "email")],
        *[{"why": why, "recipient": "usms"} for why in PURPOSES[:2]],
    ]
    same: list[int] = []
    other: list[int] = []
    for number, way in enumerate(ways, start=31):
        for found, more in ((same, {}), (same, {}), (other, way)):
            answer = await narrow.post(SHERIFF, custody(number, **more))
            found.append(answer.status)
    # Refused to ICE, asked for ICE by a neighbour.
    await narrow.post("ice-ero", custody(29, "immigration_civil"))
    through = await narrow.post(SHERIFF, custody(29, recipient="ice_ero"))

    assert len(ways) == 12
    assert 202 not in same
    assert [*other, through.status] == [202] * 13


async def test_what_a_court_commands_is_answered_past_a_budget(
    narrow: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a confirmed subpoena one more person is asked about; without, none."""
    monkeypatch.setattr(narrow.services.limits.asked, "_most_people", 0)
    body = subpoenaed()
    before = await narrow.post("ice-hsi", body)
    await narrow.command(
        command="draft-paper", document=paper("subpoena-31")["document_sha256"]
    )
    after = await narrow.post("ice-hsi", body)
    other = await narrow.post("ice-hsi", custody(20))

    assert (before.status, after.status, other.status) == (429, 200, 429)
    assert 0 < int(other.headers["Retry-After"]) <= 25 * 3600


async def test_what_a_statute_alone_may_command_has_its_budget(
    narrow: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asks may claim it: without a confirmed paper nothing lifts the limit."""
    monkeypatch.setattr(narrow.services.limits.asked, "_most_people", 0)
    every = property(lambda prospect: prospect.shape.release_asks)
    monkeypatch.setattr(Prospect, "commanded", every)

    answer = await narrow.post(SHERIFF, custody(21))

    assert (answer.status, answer.problem) == (429, "too-many")


async def test_budgets_and_ways_outlive_a_restart(tmp_path: Path) -> None:
    """What was tried and how it was asked counts in the next process too."""
    layout = await asyncio.to_thread(careful, tmp_path / "d")
    await activate(await asyncio.to_thread(load, layout.config()))
    guesses = [
        named("county-jail", "A. Loop", f"1980-01-{n + 1:02d}") for n in range(6)
    ]
    async with running(layout) as county:
        first = [await county.post(SHERIFF, body) for body in guesses]
        await county.post(SHERIFF, custody(31))
    async with running(layout) as county:
        again = [await county.post(SHERIFF, body) for body in guesses]
        otherwise = await county.post(SHERIFF, custody(31, PURPOSES[0]))

    assert [answer.status == 429 for answer in first] == [False] * 5 + [True]
    assert [answer.status for answer in again] == [answer.status for answer in first]
    assert otherwise.status == 202
