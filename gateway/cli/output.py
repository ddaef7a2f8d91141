"""What commands print: plain lines for people, JSON for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

import typer

from gateway.cli.exit_codes import ExitCode

__all__ = ["fail", "rows", "sentence", "show", "tell", "tell_waiting"]


def tell(sentence: str) -> None:
    """Say something beside the answer, on standard error."""
    typer.echo(sentence, err=True)


def tell_waiting(seconds: float) -> None:
    """Say, before anybody wonders, that another process has the log."""
    tell(
        "another process has the log, a gateway or a command: waiting for it,"
        f" {seconds:g} seconds at most"
    )


def show(value: object, *, as_json: bool) -> None:
    """Print an answer: an object as ``name: value`` lines, a list as a table."""
    if as_json:
        typer.echo(json.dumps(value, indent=2, sort_keys=True))
    elif isinstance(value, Mapping):
        typer.echo("\n".join(_lines(value)))
    elif isinstance(value, Sequence) and not isinstance(value, str):
        typer.echo("\n".join(rows(value)) or "none")
    else:
        typer.echo(str(value))


def rows(items: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return a table's lines: the names, then each row, in columns."""
    if not items:
        return []
    names = list(items[0])
    table = [names, *([str(item[name]) for name in names] for item in items)]
    widths = [max(len(row[place]) for row in table) for place in range(len(names))]
    return [
        "  ".join(
            cell.ljust(width) for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in table
    ]


def fail(code: ExitCode, problem: str, *, as_json: bool = False) -> NoReturn:
    """Say why, and end with the code."""
    if as_json:
        typer.echo(json.dumps({"outcome": code.name.lower(), "problem": problem}))
    else:
        typer.echo(problem, err=True)
    sys.exit(code)


def sentence(error: BaseException) -> str:
    """Return what an error says, without the system's number; tasks fail in groups."""
    if isinstance(error, BaseExceptionGroup):
        return "; ".join(map(sentence, error.exceptions))
    if isinstance(error, OSError) and error.strerror:
        before = f"{error.filename}: " if error.filename else ""
        return f"{before}{error.strerror}"
    return str(error) or type(error).__name__


def _lines(value: Mapping[str, Any], prefix: str = "") -> list[str]:
    """Flatten an object into ``dotted.name: value`` lines."""
    found: list[str] = []
    for name, item in value.items():
        if isinstance(item, Mapping) and item:
            found += _lines(item, f"{prefix}{name}.")
        elif isinstance(item, list | tuple) and item and isinstance(item[0], Mapping):
            for place, inner in enumerate(item):
                found += _lines(inner, f"{prefix}{name}.{place}.")
        else:
            shown = ", ".join(map(str, item)) if isinstance(item, list) else item
            found.append(f"{prefix}{name}: {shown}")
    return found
