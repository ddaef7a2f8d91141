"""Server processes that end with the suite, even if the suite is killed."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

__all__ = ["end", "start"]

_SHELL = """\
exec 3<&0
"$@" 3<&- &
server=$!
(read -r _ <&3; kill -"$SIGNAL" $server 2>/dev/null) &
wait $server
"""
"""Runs a server until it ends by itself, or nobody holds our end of the pipe."""


def start(
    command: Sequence[str | Path], *, ended_by: str, log: Path
) -> subprocess.Popen[bytes]:
    """Start a server; ``ended_by`` is the signal (``INT``) that stops it cleanly.

    The kernel closes a dead process's pipes, so this also works where the suite has
    no time to clean up, and whichever thread started the server.
    """
    with log.open("ab") as said:
        return subprocess.Popen(
            ["sh", "-c", _SHELL, "sh", *command],
            env={"PATH": "/usr/bin:/bin", "SIGNAL": ended_by, "LC_ALL": "C"},
            stdin=subprocess.PIPE,
            stdout=said,
            stderr=said,
        )


def end(process: subprocess.Popen[bytes], *, within_s: float = 60.0) -> None:
    """Stop a server and wait until it has ended."""
    assert process.stdin is not None
    process.stdin.close()
    process.wait(within_s)
