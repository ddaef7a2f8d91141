"""The auditor's commands: ``python -m audit ...``.

Exit codes, the first that applies: 1 tampering, 2 cannot tell (also: wrong usage, a
file that can't be read), 3 unwitnessed, 0. ``--allow-unwitnessed`` makes 3 a 0 and
still says so.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NoReturn

from audit.errors import AuditError, ProofInvalid
from audit.finding import Finding
from audit.report import Outcome, Report, shown

if TYPE_CHECKING:
    from audit.command import Command

__all__ = ["MODULES", "main", "parser", "witness"]

MODULES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "audit.verifying": ("verify",),
        "audit.commands": (
            *("prove", "verify-proof"),
            *("check-receipt", "verify-evidence"),
        ),
        "audit.looking": ("show", "counts"),
        "audit.exporting": ("export",),
        "audit.fsck": ("fsck",),
        "audit.custody": ("keygen", "open", "replay"),
        "audit.obliged": ("duties",),
        "audit.operating": ("publish", "copy", "doctor", "prepare"),
        "audit.timestamp": ("timestamp", "check-timestamp"),
        "audit.monitor": ("monitor",),
        "audit.witness.program": ("witness",),
    }
)
"""Which module has which commands: only the one that is asked is imported."""


class _Usage(SystemExit):
    """Wrong usage, which was said on standard error; for who wants it as JSON too."""

    def __init__(self, message: str) -> None:
        super().__init__(int(Outcome.CANNOT_TELL))
        self.message = message


class _Parser(argparse.ArgumentParser):
    """Says what is wrong with a command line as a terminal may have it."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        sys.stderr.write(f"{self.prog}: error: {shown(message)}\n")
        raise _Usage(message)


def parser(name: str | None = None) -> argparse.ArgumentParser:
    """Return the parser of all commands, or of those beside one; each sets ``run``."""
    top = _Parser(prog="audit", description=__doc__)
    subs = top.add_subparsers(required=True, metavar="COMMAND")
    asked = [module for module, names in MODULES.items() if name in names]
    for module in asked or MODULES:
        for each, command in _commands(module).items():
            said = command.run.__doc__
            sub = subs.add_parser(each, help=command.help, description=said)
            command.arguments(sub)
            sub.set_defaults(run=command.run)
    return top


def _commands(module: str) -> dict[str, Command]:
    """Return a module's commands; one that has a single one has its name from here."""
    found = import_module(module)
    several: dict[str, Command] | None = getattr(found, "COMMANDS", None)
    return several or dict.fromkeys(MODULES[module], found.COMMAND)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code."""
    given = sys.argv[1:] if argv is None else argv
    try:
        arguments = parser(given[0] if given else None).parse_args(given)
    except _Usage as wrong:
        if "--json" in given:
            _print(Report(doubts=[f"wrong usage: {wrong.message}"], witnessed=None))
        return Outcome.CANNOT_TELL
    except SystemExit as end:  # it was asked for help
        return int(end.code or 0)
    try:
        outcome: Outcome = arguments.run(arguments)
    except ProofInvalid as error:
        found = Finding(where="log", reason=str(error))
        said = [f"TAMPERED  {error}"]
        return _failed(Report(findings=[found], witnessed=None), said, arguments)
    except (AuditError, OSError) as error:
        if isinstance(error, AuditError):
            doubts = [*error.sentences]
        else:
            doubts = [_words(error)]
        said = [f"CANNOT TELL  {each}" for each in doubts]
        return _failed(Report(doubts=doubts, witnessed=None), said, arguments)
    return outcome


def _failed(report: Report, said: list[str], arguments: argparse.Namespace) -> Outcome:
    """Say on standard error why a command came to no end; with --json as JSON too."""
    if getattr(arguments, "json", False):
        _print(report)
    sys.stderr.write("".join(f"{shown(line)}\n" for line in said))
    return report.outcome()


def _print(report: Report) -> None:
    """Print an object on one line: what came before it may be an object a line."""
    # Where nobody reads on, as after ``| head``, there is nobody to tell.
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.write(f"{json.dumps(report.to_json())}\n")


def _words(error: OSError) -> str:
    """Return what the system says, with the file's name and not where it lies."""
    name = "" if error.filename is None else f"{Path(str(error.filename)).name}: "
    return f"{name}{error.strerror or error}"


def witness() -> int:
    """Run ``sallyport-witness``: the commands of a witness, as a program of its own."""
    return main(["witness", *sys.argv[1:]])
