"""Commands while no gateway runs: take the lock, write the act, let the lock go."""

from __future__ import annotations

import pytest

from audit import LogLocked, LogMissing
from gateway.clock import SystemClock
from gateway.config import Config
from gateway.control import NotDone, offline_actions
from gateway.control.protocol import CutoffAdd, Status, Stop
from tests.gateway.control.conftest import Files, begun


def nothing_known(_scope: str) -> None:
    """Know no names."""


async def test_the_first_act_begins_the_log(config: Config) -> None:
    """Only with ``create`` is a log begun; the next command finds it."""
    files = Files()
    with pytest.raises(LogMissing):
        async with offline_actions(
            config, clock=SystemClock(), propose=files.propose, known=nothing_known
        ):
            pass
    async with offline_actions(
        config,
        clock=SystemClock(),
        propose=files.propose,
        known=nothing_known,
        create=True,
    ) as actions:
        await begun(actions)
    async with offline_actions(
        config, clock=SystemClock(), propose=files.propose, known=nothing_known
    ) as actions:
        await actions.run(CutoffAdd(scope="all", by="R."), uid=0)
        status = await actions.run(Status(), uid=0)
    assert isinstance(status, dict)
    assert (status["running"], status["entries"], status["cutoffs"]) == (False, 3, 1)


async def test_two_commands_do_not_write_at_once(config: Config) -> None:
    """While one holds the log another is refused."""
    files = Files()
    async with offline_actions(
        config,
        clock=SystemClock(),
        propose=files.propose,
        known=nothing_known,
        create=True,
    ):
        with pytest.raises(LogLocked):
            async with offline_actions(
                config, clock=SystemClock(), propose=files.propose, known=nothing_known
            ):
                pass


async def test_what_only_a_gateway_can_do_is_said(config: Config) -> None:
    """There is nothing to stop, and nothing to name before an activation."""
    files = Files()
    async with offline_actions(
        config,
        clock=SystemClock(),
        propose=files.propose,
        known=nothing_known,
        create=True,
    ) as actions:
        with pytest.raises(NotDone, match="no gateway runs"):
            await actions.run(Stop(), uid=0)
        with pytest.raises(NotDone, match="sallyport activate"):
            await actions.run(CutoffAdd(scope="all", by="R."), uid=0)
