"""One activation after another, and what an engine's doubt leaves behind."""

from __future__ import annotations

import asyncio
import gc
import weakref
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from gateway.config import load
from gateway.demo.layout import Layout
from gateway.errors import EngineFault
from gateway.policy import Question, Screen
from gateway.policy.doubt import Finding
from gateway.policy.engine import NoAnswer, Overtaken
from gateway.running import actions_of
from gateway.succession import Succession
from tests.exchange import county as at_county
from tests.exchange.beside import is_closed, own_law, until
from tests.exchange.clock import SetClock
from tests.exchange.county import County, activate, running, vouch, write_county
from tests.exchange.requests import SHERIFF, custody

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def layout(tmp_path_factory: pytest.TempPathFactory) -> Layout:
    """An activated county with a small law of its own and the embedded engine."""
    root: Path = tmp_path_factory.mktemp("s")
    layout = await asyncio.to_thread(write_county, root / "d", records=60)
    await asyncio.to_thread(own_law, layout)
    await activate(await asyncio.to_thread(load, layout.config()))
    return layout


async def next_law(county: County) -> str:
    """Change a rule's title and activate; return the revision before."""
    before = county.services.in_force.policy.revision
    path = county.layout.root / "policies/packs/us-il/rules/process.yaml"
    text = await asyncio.to_thread(path.read_text)
    changed = text.replace("  title: ", "  title: Again, ", 1)
    await asyncio.to_thread(path.write_text, changed)
    await asyncio.to_thread(vouch, county.config)
    await county.command(command="draft-activation", reason="scheduled")
    assert county.services.in_force.policy.revision != before
    return before


class Held:
    """Holds an exchange that is screened already until it is let go."""

    def __init__(self, county: County) -> None:
        self.policy = county.services.in_force.policy
        self.reached, self.go = asyncio.Event(), asyncio.Event()
        self._screen = self.policy.screen

    async def __call__(self, question: Question) -> Screen:
        """Screen, and go on when the test says so."""
        screen = await self._screen(question)
        self.reached.set()
        await self.go.wait()
        return screen


@pytest.mark.parametrize(("spent_s", "status"), [(0.0, 200), (11.0, 503)])
async def test_what_was_begun_may_end_for_ten_seconds(
    layout: Layout, monkeypatch: pytest.MonkeyPatch, spent_s: float, status: int
) -> None:
    """It ends under the law it began with, as its entry says; after that no more."""
    async with running(layout) as county:
        held = Held(county)
        monkeypatch.setattr(held.policy, "screen", held)
        async with asyncio.TaskGroup() as group:
            asked = group.create_task(county.post(SHERIFF, custody()))
            await held.reached.wait()
            before = await next_law(county)
            county.services.standing._before_until -= spent_s
            held.go.set()
        answer, leaf = asked.result(), (await county.leaves())[-1]

    assert answer.status == status
    assert leaf["policy"] == before
    assert answer.body.get("policy", before) == before
    if status == 503:
        assert answer.cause == "policy-unavailable"
        assert leaf["decision"] == "unavailable"


async def test_what_was_decided_before_a_doubt_is_not_released_after_it(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the engine said of it: nothing leaves a gateway that closed itself."""
    async with running(layout) as county:
        held = Held(county)
        monkeypatch.setattr(held.policy, "screen", held)
        async with asyncio.TaskGroup() as group:
            asked = group.create_task(county.post(SHERIFF, custody()))
            await held.reached.wait()
            finding = Finding(detail="as the test wants it", revision="f" * 64)
            county.services.standing.doubt.close(finding)
            held.go.set()
        await until(lambda: is_closed(county))
        await county.command(command="reopen", by="R. Example")

    assert asked.result().cause == "policy-disagreement"


async def test_what_an_engine_is_ahead_of_is_decided_again(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An exchange whose engine has the next bundle waits for it, and is one entry."""
    async with running(layout) as county:
        policy, ahead = county.services.in_force.policy, asyncio.Event()

        async def screen(_question: Question) -> Screen:
            ahead.set()
            raise Overtaken("opa")

        monkeypatch.setattr(policy, "screen", screen)
        size = county.services.log.size
        async with asyncio.TaskGroup() as group:
            asked = group.create_task(county.post(SHERIFF, custody()))
            await ahead.wait()
            before = await next_law(county)
        answer = asked.result()
        leaves = (await county.leaves())[size:]

    assert answer.status == 200
    # That past questions were read, the activation, and the answer.
    assert [leaf["ev"] for leaf in leaves] == ["act", "act", "exchange"]
    assert leaves[-1]["policy"] != before


async def test_an_engine_ahead_of_nothing_is_no_engine(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no other activation comes, it is refused, and recorded as that."""
    monkeypatch.setattr("gateway.standing._FOLLOW_S", 0.05)
    async with running(layout) as county:

        async def screen(_question: Question) -> Screen:
            raise Overtaken("opa")

        monkeypatch.setattr(county.services.in_force.policy, "screen", screen)
        answer = await county.post(SHERIFF, custody())
        leaf = (await county.leaves())[-1]

    assert answer.cause == "policy-unavailable"
    assert leaf["decision"] == "unavailable"


async def test_a_doubt_outlives_a_restart_and_ends_by_command(layout: Layout) -> None:
    """Closed by an entry, closed after a start, open when somebody has looked."""
    async with running(layout) as county:
        county.services.standing.doubt.close(
            Finding(detail="as the test wants it", revision="f" * 64)
        )
        first = await county.post(SHERIFF, custody())
        await until(lambda: is_closed(county))
    async with running(layout) as county:
        second = await county.post(SHERIFF, custody())
        status = await county.command(command="status")
        await next_law(county)
        third = await county.post(SHERIFF, custody())
        await county.command(command="reopen", by="R. Example")
        fourth = await county.post(SHERIFF, custody())
    async with running(layout) as county:
        fifth = await county.post(SHERIFF, custody())

    assert isinstance(status, dict)
    assert "sallyport reopen" in str(status["closed"])
    assert {one.cause for one in (first, second, third)} == {"policy-disagreement"}
    assert (fourth.status, fifth.status) == (200, 200)


async def test_an_engine_elsewhere_is_watched_and_told_of(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Readiness asks once in ten seconds, at once after a failure, and says why."""
    clock = SetClock()
    async with running(layout, clock=clock) as county:
        policy, asked, fails = county.services.in_force.policy, [], [""]

        async def problem(which: str) -> str:
            asked.append(which)
            return fails[0] if which == "remote" else ""

        monkeypatch.setattr(policy, "problem", problem)
        succession = county.services.succession
        succession._asked.clear()
        assert await succession.problem() == ""
        assert await succession.problem() == ""
        assert asked == ["local", "remote"]
        clock.quiet_s = 11
        fails[0] = str(NoAnswer("opa", EngineFault.GONE, "nobody there"))
        assert "nobody there" in await succession.problem()
        assert "nobody there" in await succession.problem()
        assert asked[2:] == ["local", "remote", "remote"]
        fails[0] = ""
        assert await succession.looked_at() == ""
        assert asked[5:] == ["local", "remote"]


async def test_an_activation_that_is_not_taken_over_closes(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is in the log, so the law before is not applied; a restart takes it over."""
    async with running(layout) as county:

        async def fail(*_: object, **__: object) -> str:
            raise NoAnswer("opa", EngineFault.FAILED, "as the test wants it")

        monkeypatch.setattr(Succession, "take", fail)
        with pytest.raises(NoAnswer):
            await next_law(county)
        closed = await county.post(SHERIFF, custody())
        status = await county.command(command="status")
    async with running(layout) as county:
        opened = await county.post(SHERIFF, custody())

    assert closed.cause == "policy-unavailable"
    assert isinstance(status, dict)
    assert status["closed"] == "an activation was not taken over: restart"
    assert opened.status == 200


async def test_a_finding_is_written_when_the_log_takes_it(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is tried again until it is in the log; nothing is released meanwhile."""
    monkeypatch.setattr("gateway.succession._RETRY_S", 0.01)
    async with running(layout) as county:
        registrar, tries = county.services.ledger.registrar, [0]
        write = registrar.write

        async def refuse(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401  # whatever the real one takes
            tries[0] += 1
            if tries[0] == 1:
                raise NoAnswer("log", EngineFault.FAILED, "as the test wants it")
            return await write(*arguments, **named)

        monkeypatch.setattr(registrar, "write", refuse)
        finding = Finding(detail="as the test wants it", revision="f" * 64)
        county.services.standing.doubt.close(finding)
        await until(lambda: is_closed(county))
        monkeypatch.setattr(registrar, "write", write)
        await county.command(command="reopen", by="R. Example")

    assert tries == [2]


async def test_a_law_that_another_followed_is_not_kept(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the ten seconds over nothing holds it, though commands go on for years."""
    async with running(layout) as county:
        services = county.services
        actions = actions_of(services, stop=lambda: None)
        monkeypatch.setattr(at_county, "actions_of", lambda *_, **__: actions)
        await next_law(county)
        law = weakref.ref(services.in_force.policy)
        await next_law(county)
        services.standing._before_until = 0.0
        services.standing.retire()
        assert await services.succession.looked_at() == ""
        gc.collect()

        assert law() is None
