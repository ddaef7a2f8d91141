"""What ``sallyport demo`` does; imported only when it is asked for."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

from audit import LogError
from gateway.cli.exit_codes import ExitCode
from gateway.cli.output import fail
from gateway.demo.identities import UnknownRequester
from gateway.demo.performance import NotEmpty, new_token, perform
from gateway.demo.story import DeedRefused
from gateway.errors import GatewayError

__all__ = ["show_demo", "show_token"]

_NO_ENGINE = (
    "There is no embedded policy engine for this machine (wheels exist for Linux on "
    "x86-64 with glibc 2.34 or later, and for macOS), so the demo cannot run here."
)


def show_demo(
    *, directory: Path | None, serve: bool, records: int, as_json: bool, colour: bool
) -> None:
    """Perform the demo; end with 1 where something came out otherwise."""
    if importlib.util.find_spec("regorus") is None:
        fail(ExitCode.UNAVAILABLE, _NO_ENGINE, as_json=as_json)
    try:
        well = perform(
            directory=directory,
            serve=serve,
            records=records,
            as_json=as_json,
            colour=colour,
        )
    except NotEmpty as error:
        fail(ExitCode.MISTAKES, str(error), as_json=as_json)
    except (GatewayError, LogError, DeedRefused, OSError, ExceptionGroup) as error:
        fail(ExitCode.UNAVAILABLE, f"The demo stopped: {error}", as_json=as_json)
    sys.exit(ExitCode.DONE if well else ExitCode.NOT_DONE)


def show_token(directory: Path, name: str) -> None:
    """Mint a token and say where it lies."""
    try:
        new_token(directory, name)
    except UnknownRequester as error:
        fail(ExitCode.MISTAKES, str(error))
    sys.stdout.write(f"{directory / 'requesters' / name / 'token'}\n")
