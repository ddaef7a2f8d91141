"""Carrying out a command: by the running gateway, or on its log while none runs."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gateway.cli.exit_codes import ExitCode
from gateway.cli.output import fail, show, tell

if TYPE_CHECKING:
    from gateway.config import Config
    from gateway.control import Proposal

__all__ = ["carry_out", "configured", "known_names"]

_CODES = {
    "not-done": ExitCode.NOT_DONE,
    "malformed": ExitCode.MISTAKES,
    "unavailable": ExitCode.UNAVAILABLE,
}


def configured(path: Path, *, as_json: bool = False, files: bool = True) -> Config:
    """Load the configuration or end with every mistake named."""
    from gateway.config import load
    from gateway.errors import InvalidFile

    try:
        return load(path, files=files)
    except InvalidFile as error:
        fail(ExitCode.MISTAKES, str(error), as_json=as_json)


def carry_out(
    path: Path, command: dict[str, Any], *, as_json: bool, create: bool = False
) -> None:
    """Carry out a command, print what came of it, and end with its exit code.

    Args:
        path: the configuration file.
        command: see ``gateway.control.protocol``.
        as_json: print JSON.
        create: begin a new log where there is none.
    """
    from gateway.control.client import NoGateway, call

    config = configured(path, as_json=as_json)
    try:
        answer = call(config.control.socket, command)
    except NoGateway:
        answer = _offline(config, command, create=create)
    except OSError as error:
        problem = f"the gateway did not answer: {error}"
        fail(ExitCode.UNAVAILABLE, problem, as_json=as_json)
    if answer["outcome"] != "done":
        code = _CODES[answer["outcome"]]
        fail(code, str(answer["problem"]), as_json=as_json)
    show(answer["result"], as_json=as_json)


def _offline(config: Config, command: dict[str, Any], *, create: bool) -> Any:
    """Take the log's lock, do it, leave; the answer is as over the socket."""
    import orjson

    from audit import LogError, LogLocked, LogMissing
    from gateway.control import MalformedCommand, parse_command
    from gateway.errors import GatewayError, InvalidFile, Unavailable

    try:
        parsed = parse_command(orjson.dumps(command))
        return {"outcome": "done", "result": asyncio.run(_run(config, parsed, create))}
    except (MalformedCommand, InvalidFile) as error:
        return {"outcome": "malformed", "problem": str(error)}
    except Unavailable as error:
        return {"outcome": "unavailable", "problem": str(error)}
    except LogLocked:
        problem = "another process holds the log; a gateway starts or a command runs"
        return {"outcome": "unavailable", "problem": problem}
    except LogMissing:
        problem = "there is no log yet; run: sallyport activate"
        return {"outcome": "not-done", "problem": problem}
    except (GatewayError, LogError) as error:
        return {"outcome": "not-done", "problem": str(error)}


async def _run(config: Config, command: Any, create: bool) -> Any:
    from gateway.clock import SystemClock
    from gateway.control import offline_actions
    from gateway.running import propose

    async def proposed() -> Proposal:
        proposal, _written = await propose(config)
        return proposal

    async with offline_actions(
        config,
        clock=SystemClock(),
        propose=proposed,
        known=lambda scope: known_names(config, scope),
        create=create,
        progress=_progress(),
    ) as actions:
        return await actions.run(command, uid=os.getuid())


def known_names(config: Config, scope: str) -> Collection[str] | None:
    """Return the families, agencies or datasets there are; None if unknown.

    In an emergency a file with mistakes must not stand in the way of a cut-off.
    """
    from gateway.errors import GatewayError
    from gateway.in_force import read_files

    try:
        written = read_files(config)
    except GatewayError:
        return None
    match scope:
        case "dataset":
            return written.catalogue.datasets.keys()
        case "family":
            return written.vocabulary.families.keys()
        case "agency":
            return written.registry.agencies
        case _:
            return None


def _progress() -> Callable[[int], None]:
    """Return what says how far the log was read; only where somebody watches."""
    if not sys.stderr.isatty():
        return lambda _entries: None
    return lambda entries: tell(f"read {entries} entries of the log")
