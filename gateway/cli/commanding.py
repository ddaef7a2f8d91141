"""Carrying out a command: by the running gateway, or on its log while none runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from gateway.cli.calling import NoGateway, call_when_there
from gateway.cli.exit_codes import ExitCode
from gateway.cli.later import later
from gateway.cli.output import fail, show, tell
from gateway.config import Config, load
from gateway.errors import InvalidFile

__all__ = ["carry_out", "configured", "result_of"]

offline = later("gateway.cli.offline:offline")
refuse_unusable = later("gateway.cli.usable:refuse_unusable")

_DIGITS_SHOWN = 12
"""Digits of a digest that people are shown in a table; programs get all."""

_CODES = {
    "not-done": ExitCode.NOT_DONE,
    "malformed": ExitCode.MISTAKES,
    "unavailable": ExitCode.UNAVAILABLE,
}


def configured(path: Path, *, as_json: bool = False) -> Config:
    """Load the configuration or end with every mistake named."""
    try:
        return load(path)
    except InvalidFile as error:
        fail(ExitCode.MISTAKES, str(error), as_json=as_json)


def carry_out(
    path: Path,
    command: dict[str, Any],
    *,
    as_json: bool,
    wait_s: float = 0,
    most: int = 0,
) -> None:
    """Carry out a command, print what came of it, and end with its exit code.

    Args:
        path: the configuration file.
        command: see ``gateway.control.protocol``.
        as_json: print JSON.
        wait_s: as :func:`result_of`.
        most: how many rows at most come of it, if not all; then that is said.
    """
    result = result_of(path, command, as_json=as_json, wait_s=wait_s)
    show(result if as_json else _short(result), as_json=as_json)
    if most and len(result) >= most:
        tell(f"no more than {most} at a time; there may be others")


def result_of(
    path: Path,
    command: dict[str, Any],
    *,
    as_json: bool,
    create: bool = False,
    wait_s: float = 0,
) -> Any:  # noqa: ANN401  # any JSON
    """Carry out a command and return what came of it, or end with its exit code.

    Args:
        path: the configuration file.
        command: see ``gateway.control.protocol``.
        as_json: say in JSON why it was not done.
        create: begin a new log where there is none.
        wait_s: seconds to wait for a gateway that is starting; none runs the
            command on the log itself.
    """
    config = configured(path, as_json=as_json)
    _text(command, as_json=as_json)
    if command["command"] == "draft-activation":
        _loadable(config, as_json=as_json)
    try:
        answer = call_when_there(config.control.socket, command, wait_s=wait_s)
    except NoGateway:
        if wait_s:
            problem = f"no gateway answered within {wait_s:g} seconds"
            fail(ExitCode.UNAVAILABLE, problem, as_json=as_json)
        answer = offline(config, command, create=create)
    except OSError as error:
        problem = f"the gateway did not answer: {error}"
        fail(ExitCode.UNAVAILABLE, problem, as_json=as_json)
    if answer["outcome"] != "done":
        code = _CODES[answer["outcome"]]
        fail(code, str(answer["problem"]), as_json=as_json)
    return answer["result"]


def _short(result: object) -> object:
    """Return a table's rows with digests cut to what tells them apart."""
    if not isinstance(result, list):
        return result
    return [
        {
            name: f"{cell[:_DIGITS_SHOWN]}..." if name == "policy" and cell else cell
            for name, cell in row.items()
        }
        for row in result
    ]


def _text(command: dict[str, Any], *, as_json: bool) -> None:
    """End where an argument is bytes that are no text: no entry can hold them."""
    try:
        json.dumps(command, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        fail(ExitCode.MISTAKES, "an argument is not UTF-8", as_json=as_json)


def _loadable(config: Config, *, as_json: bool) -> None:
    """End with every mistake rather than activate what ``serve`` would refuse."""
    try:
        refuse_unusable(config)
    except InvalidFile as error:
        fail(ExitCode.MISTAKES, str(error), as_json=as_json)
