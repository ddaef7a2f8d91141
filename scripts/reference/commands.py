"""The page of commands: the program's own help, command by command."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterator

# The plain help: no frames, no colours, one width for everybody.
os.environ.update(TYPER_USE_RICH="0", NO_COLOR="1", TERM="dumb", COLUMNS="80")

from typer.main import get_command  # noqa: E402 - reads those variables

from gateway.cli import exit_codes  # noqa: E402 - as above
from gateway.cli.main import app  # noqa: E402 - as above
from scripts.reference import markdown  # noqa: E402 - as above

__all__ = ["page"]

LEAD = (
    "The program's own help. Every command takes `--json` where it prints something, "
    "and then prints one JSON document on standard output. Progress and colour appear "
    "only on a terminal."
)


def page() -> str:
    """Return the help of every command."""
    parts = [f"## {' '.join(path)}\n\n```text\n{_help(path)}\n```" for path in _paths()]
    return markdown.page("Commands and exit codes", LEAD, _exit_codes(), *parts)


def _paths() -> Iterator[tuple[str, ...]]:
    """Yield the path of each command, groups before what is in them."""
    waiting = [(("sallyport",), get_command(app))]
    while waiting:
        path, command = waiting.pop(0)
        yield path
        inner = getattr(command, "commands", {})
        waiting[:0] = [((*path, name), each) for name, each in inner.items()]


def _help(path: tuple[str, ...]) -> str:
    """Return what a command says when asked for help."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.suppress(SystemExit):
        get_command(app).main([*path[1:], "--help"], prog_name=path[0])
    return "\n".join(line.rstrip() for line in said.getvalue().strip().splitlines())
