"""A command while no gateway runs: take the log's lock, do it, leave."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Collection

import orjson

from audit import LogError, LogLocked, LogMissing
from gateway.canonical import Json
from gateway.cli.output import tell, tell_waiting
from gateway.clock import SystemClock
from gateway.config import Config
from gateway.control import (
    Command,
    MalformedCommand,
    Outcome,
    Proposal,
    offline_actions,
    parse_command,
)
from gateway.control.protocol import CutoffAdd
from gateway.errors import GatewayError, InvalidFile, Unavailable
from gateway.in_force import read_files
from gateway.running import propose

__all__ = ["known_names", "offline"]

PATIENCE_S = 3.0
"""How long a command waits for another one that has the log, in seconds."""


def offline(
    config: Config, command: dict[str, Json], *, create: bool
) -> dict[str, Json]:
    """Carry out a command on the log itself; the answer is as over the socket."""
    try:
        parsed = parse_command(orjson.dumps(command))
        result = asyncio.run(_run(config, parsed, create=create))
    except LogLocked:
        problem = "another process has the log; a gateway starts or a command runs"
        return _answer(Outcome.UNAVAILABLE, problem)
    except LogMissing:
        problem = (
            "there is no log yet; it begins with the people who decide: see"
            " sallyport act new genesis"
        )
        return _answer(Outcome.NOT_DONE, problem)
    except (MalformedCommand, InvalidFile) as error:
        return _answer(Outcome.MALFORMED, str(error))
    except Unavailable as error:
        return _answer(Outcome.UNAVAILABLE, str(error))
    except (GatewayError, LogError) as error:
        return _answer(Outcome.NOT_DONE, str(error))
    return {"outcome": str(Outcome.DONE), "result": result}


def known_names(config: Config, scope: str) -> Collection[str] | None:
    """Return the families, agencies or datasets there are; None if unknown.

    In an emergency a file with mistakes must not stand in the way of a cut-off.
    """
    try:
        written = read_files(config)
    except GatewayError:
        return None
    known: dict[str, Collection[str]] = {
        "dataset": written.catalogue.datasets.keys(),
        "family": written.vocabulary.families.keys(),
        "agency": written.registry.agencies,
    }
    return known.get(scope)


async def _run(config: Config, command: Command, *, create: bool) -> Json:
    async def proposed() -> Proposal:
        proposal, _written = await propose(config)
        return proposal

    # Read before the loop is needed for anything else; nobody is waiting on it yet.
    names = None
    if isinstance(command, CutoffAdd):
        names = await asyncio.to_thread(known_names, config, command.scope)
    async with offline_actions(
        config,
        clock=SystemClock(),
        propose=proposed,
        known=lambda _scope: names,
        create=create,
        patience_s=PATIENCE_S,
        waits=tell_waiting,
        progress=_progress(),
    ) as actions:
        return await actions.run(command, uid=os.getuid())


def _answer(outcome: Outcome, problem: str) -> dict[str, Json]:
    return {"outcome": str(outcome), "problem": problem}


def _progress() -> Callable[[int], None]:
    """Return what says how far the log was read; only where somebody watches."""
    if not sys.stderr.isatty():
        return lambda _entries: None
    return lambda entries: tell(f"read {entries} entries of the log")
