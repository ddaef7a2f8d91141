"""Programs that are not ours, run beside the bench's own servers on the same core."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from scripts.bench.running import to_core

__all__ = ["free_port", "listening"]

UP_S = 20.0


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def listening(
    *command: str, port: int, said: Path, variables: Mapping[str, str] | None = None
) -> Iterator[int]:
    """Run a program on the servers' core while the block runs; yield its process.

    It starts there where the system can do that, so that each of its threads is.

    Args:
        command: the program and its arguments; it stays in the foreground.
        port: where it is to listen on 127.0.0.1.
        said: the file that what it prints goes to.
        variables: its whole environment, if not ours.

    Raises:
        RuntimeError: it does not come up; with the end of what it said.
    """
    pinned = ("taskset", "-c", "0", *command) if shutil.which("taskset") else command
    with subprocess.Popen(
        pinned,
        stdin=subprocess.DEVNULL,
        stdout=said.open("wb"),
        stderr=subprocess.STDOUT,
        env=dict(variables) if variables is not None else None,
    ) as process:
        try:
            to_core(process.pid, 0)
            _wait(process, port, said)
            yield process.pid
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait(process: subprocess.Popen[bytes], port: int, said: Path) -> None:
    until = time.monotonic() + UP_S
    while time.monotonic() < until and process.poll() is None:
        with (
            contextlib.suppress(OSError),
            socket.create_connection(("127.0.0.1", port), timeout=1),
        ):
            return
        time.sleep(0.05)
    last = said.read_text(encoding="utf-8", errors="replace")[-2_000:]
    raise RuntimeError(f"{process.args!r} did not listen on {port}: {last}")
