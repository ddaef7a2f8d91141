"""``sallyport policy``, run in this process."""

from __future__ import annotations

from typer.testing import CliRunner, Result

from gateway.cli.policy import app

__all__ = ["run"]


def run(*arguments: object) -> Result:
    """Run a command of it."""
    return CliRunner().invoke(app, [str(argument) for argument in arguments])
