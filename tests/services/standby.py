"""A second PostgreSQL that has everything of the first: its standby, promoted."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import replace

from tests.services.postgres import HOST, Server
from tests.services.users import as_somebody_else, folder_for_others

__all__ = ["standby"]


@contextlib.contextmanager
def standby(server: Server) -> Iterator[Server]:
    """Run a copy of a server's data on another port, as a synchronous standby has it.

    The first is stopped for the moment of the copy. Both run in the block.
    """
    folder = folder_for_others("sallyport-standby-")
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    second = replace(server, folder=folder, port=port, process=None)
    try:
        user, _ = as_somebody_else()
        shutil.chown(folder, user)
        server.stop()
        try:
            subprocess.run(["cp", "-a", f"{server.folder}/.", folder], check=True)
        finally:
            server.start()
        second.start()
        yield second
    finally:
        second.stop()
        shutil.rmtree(folder, ignore_errors=True)
