"""The witness of the demo's logs: a program of its own, with a key of its own.

In a real county somebody else runs it, such as an oversight board: only then has
nobody inside the power to rewrite the log. Here the demo plays that part too.
"""

from __future__ import annotations

import asyncio
import errno
import os
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from audit.keyfiles import write_public, write_secret
from audit.signer import SeedSigner
from audit.vkey import COSIGNATURE
from gateway.demo.layout import Layout
from gateway.demo.ports import free_ports

__all__ = ["witness_running", "write_witness"]

_NAME: Final = "board.example.invalid/sallyport-demo"
_PORT: Final = 7380


def write_witness(layout: Layout, counties: Iterable[str]) -> None:
    """Write the witness's key and configuration, and the policy that asks for it."""
    layout.witness.mkdir(mode=0o700)
    key = SeedSigner.generate(_NAME, COSIGNATURE)
    write_secret(layout.witness / "witness.key", key.secret_text + "\n")
    write_public(layout.witness / "witness.vkey", key.verifier.text + "\n")
    [port] = free_ports(_PORT)
    lines = [
        f'listen = "127.0.0.1:{port}"',
        'database = "witness.db"',
        'keys = ["witness.key"]',
    ]
    for name in counties:
        vkeys = os.path.relpath(layout.log_keys(name), layout.witness)
        lines += ["", "[[logs]]", f'vkeys = "{vkeys}"']
    _write(layout.witness_config, lines)
    _write(
        layout.policy,
        [
            "# Who signs each state of the counties' logs (C2SP tlog-policy).",
            f"witness board {key.verifier.text} http://127.0.0.1:{port}",
            "quorum board",
        ],
    )


def _write(path: Path, lines: Iterable[str]) -> None:
    with path.open("x", encoding="utf-8") as file:
        file.write("".join(f"{line}\n" for line in lines))


@asynccontextmanager
async def witness_running(layout: Layout) -> AsyncIterator[None]:
    """Run the witness until the block ends, so that it sees the logs' last state.

    Raises:
        OSError: it could not start; with ``EADDRINUSE`` where its port was taken.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        # -P: a folder named audit where the reader stands is not the program.
        *("-P", "-m", "audit", "witness", "serve", str(layout.witness_config)),
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for the gateways, which still need it
    )
    assert process.stderr is not None  # noqa: S101  # for the type checker
    try:
        said = (await process.stderr.readline()).decode()
        if not said.startswith("ready at "):
            number = errno.EADDRINUSE if "in use" in said else errno.ECHILD
            raise OSError(number, f"the witness did not start: {said.strip()}")
        yield
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()
