"""The work of ``sallyport doctor``: what was found, printed, and the exit code."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from pathlib import Path

import typer

from gateway.cli.exit_codes import ExitCode
from gateway.cli.finding import Verdict
from gateway.cli.findings import examine
from gateway.cli.output import show

__all__ = ["look"]


def look(path: Path, *, allow_unwitnessed: bool, as_json: bool) -> None:
    """Print every finding and end with the exit code of the worst."""
    findings = asyncio.run(examine(path))
    if as_json:
        show([item.row() for item in findings], as_json=True)
    else:
        width = max(len(item.part) for item in findings)
        for item in findings:
            typer.echo(f"{item.verdict:<13}{item.part:<{width}}  {item}")
    verdicts = {item.verdict for item in findings}
    raise typer.Exit(_code(verdicts, allow_unwitnessed=allow_unwitnessed))


def _code(verdicts: Collection[Verdict], *, allow_unwitnessed: bool) -> ExitCode:
    if Verdict.WRONG in verdicts:
        return ExitCode.NOT_DONE
    if Verdict.UNWITNESSED in verdicts and not allow_unwitnessed:
        return ExitCode.UNWITNESSED
    return ExitCode.DONE
