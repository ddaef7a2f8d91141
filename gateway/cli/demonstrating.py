"""What ``sallyport demo`` does; imported only when it is asked for."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from aiohttp import ClientError

from audit import LogError
from gateway.cli.exit_codes import ExitCode
from gateway.cli.output import fail, sentence
from gateway.demo.identities import UnknownRequester
from gateway.demo.performance import NotEmpty, new_token, perform
from gateway.demo.story import DeedRefused
from gateway.errors import GatewayError
from gateway.policy.embedded import have_embedded

__all__ = ["show_demo", "show_token"]

_NO_ENGINE = (
    "There is no embedded policy engine for this machine (wheels exist for Linux on "
    "x86-64 and ARM64 with glibc 2.34 or later, and for macOS), so the demo cannot run "
    "here."
)

_EXPECTED = (GatewayError, LogError, DeedRefused, ClientError, OSError)


def show_demo(
    *, directory: Path | None, serve: bool, records: int, as_json: bool, colour: bool
) -> None:
    """Perform the demo; end with 1 where something came out otherwise."""
    if not have_embedded():
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
    except (*_EXPECTED, ExceptionGroup) as error:
        # Gateways that run already wrap what stopped a later one, once each.
        causes = list(_causes(error))
        if not all(isinstance(cause, _EXPECTED) for cause in causes):
            raise
        told = "; ".join(dict.fromkeys(map(sentence, causes)))
        fail(ExitCode.UNAVAILABLE, f"The demo stopped: {told}", as_json=as_json)
    sys.exit(ExitCode.DONE if well else ExitCode.NOT_DONE)


def _causes(error: Exception) -> Iterator[Exception]:
    """Yield what an error or a group of errors comes down to."""
    if not isinstance(error, ExceptionGroup):
        yield error
        return
    for inner in error.exceptions:
        yield from _causes(inner)


def show_token(directory: Path, name: str) -> None:
    """Mint a token and say where it lies."""
    try:
        new_token(directory, name)
    except UnknownRequester as error:
        fail(ExitCode.MISTAKES, str(error))
    sys.stdout.write(f"{directory / 'requesters' / name / 'token'}\n")
