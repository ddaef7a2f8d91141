"""The auditor's commands: ``python -m audit ...``.

Exit codes, the first that applies: 1 tampering, 2 cannot tell (also: wrong usage, a
file that can't be read), 3 unwitnessed, 0. ``--allow-unwitnessed`` makes 3 a 0 and
still says so.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from audit import commands as reading
from audit import custody, timestamp
from audit import monitor as monitoring
from audit.errors import AuditError, ProofInvalid
from audit.report import Outcome
from audit.witness import program as witnessing

__all__ = ["main", "parser", "witness"]


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands; each sets ``run``."""
    top = argparse.ArgumentParser(prog="audit", description=__doc__)
    subs = top.add_subparsers(required=True, metavar="COMMAND")
    commands = {
        **reading.COMMANDS,
        **custody.COMMANDS,
        **timestamp.COMMANDS,
        "monitor": monitoring.COMMAND,
        "witness": witnessing.COMMAND,
    }
    for name, command in commands.items():
        sub = subs.add_parser(name, help=command.help, description=command.run.__doc__)
        command.arguments(sub)
        sub.set_defaults(run=command.run)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code."""
    try:
        arguments = parser().parse_args(argv)
    except SystemExit as end:  # argparse has said why
        return int(end.code or 0)
    try:
        outcome: Outcome = arguments.run(arguments)
    except ProofInvalid as error:
        sys.stderr.write(f"TAMPERED  {error}\n")
        return Outcome.TAMPERED
    except (AuditError, OSError) as error:
        sys.stderr.write(f"CANNOT TELL  {error}\n")
        return Outcome.CANNOT_TELL
    return outcome


def witness() -> int:
    """Run ``sallyport-witness``: the commands of a witness, as a program of its own."""
    return main(["witness", *sys.argv[1:]])
