"""The page of commands: the program's own help, command by command."""

from __future__ import annotations

import ast
import inspect
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from audit.cli import MODULES
from gateway.cli import exit_codes
from gateway.cli.main import command_tree
from scripts.reference import markdown
from scripts.reference.markdown import code, table

__all__ = ["page"]

LEAD = (
    "The program's own help. Commands that print something take `--json` and then "
    "print one JSON document. Progress and colour appear only on a terminal. "
    "`sallyport audit` and `python -m audit` are the same program; its exit codes are "
    "in [the log's format](../explanation/log-format.md#what-verification-says)."
)
AUDIT = tuple(name for names in MODULES.values() for name in names)


def page() -> str:
    """Return the exit codes and the help of every command."""
    paths = [*_paths(), *(("sallyport", "audit", name) for name in AUDIT)]
    parts = [f"## {' '.join(path)}\n\n```text\n{_help(path)}\n```" for path in paths]
    return markdown.page("Commands and exit codes", LEAD, _exit_codes(), *parts)


def _paths() -> Iterator[tuple[str, ...]]:
    """Yield the path of each command, groups before what is in them."""
    waiting: list[tuple[tuple[str, ...], Any]] = [(("sallyport",), command_tree())]
    while waiting:
        path, command = waiting.pop(0)
        yield path
        inner = getattr(command, "commands", {})
        waiting[:0] = [((*path, name), each) for name, each in inner.items()]


def _help(path: tuple[str, ...]) -> str:
    """Return what a command says when asked for help; the same for everybody."""
    run = (
        "import sys; sys.argv[0] = 'sallyport'; from gateway.cli.main import run; run()"
    )
    done = subprocess.run(
        [sys.executable, "-c", run, *path[1:], "--help"],
        env={**os.environ, "COLUMNS": "80", "NO_COLOR": "1", "TERM": "dumb"},
        check=True,
        capture_output=True,
        text=True,
    )
    return "\n".join(line.rstrip() for line in done.stdout.strip().splitlines())


def _exit_codes() -> str:
    """Return the exit codes with the sentences that stand below each."""
    [words] = [
        node
        for node in ast.parse(inspect.getsource(exit_codes)).body
        if isinstance(node, ast.ClassDef)
    ]
    rows = []
    for value, said in zip(words.body[1::2], words.body[2::2], strict=True):
        if not (isinstance(value, ast.Assign) and isinstance(said, ast.Expr)):
            raise TypeError("exit codes are values, each with its sentence")
        rows.append((code(ast.unparse(value.value)), ast.literal_eval(said.value)))
    return f"## Exit codes\n\n{table(('code', 'means'), rows)}"
