"""The commands' end of the control socket: standard library only, so it starts fast."""

from __future__ import annotations

import http.client
import json
import socket
import time
from pathlib import Path
from typing import Any

__all__ = ["NoGateway", "call", "call_when_there"]

_AGAIN_S = 0.1


class NoGateway(Exception):
    """Nobody answers on the socket: no gateway runs with this configuration."""


class _Connection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: Path, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        """Connect to the socket's path."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


def call(path: Path, command: dict[str, Any], *, timeout_s: float = 60) -> Any:  # noqa: ANN401  # any JSON
    """Send one command and return the answer: ``outcome`` and what goes with it.

    Raises:
        NoGateway: nobody answers on the socket.
        ConnectionError: the gateway went away before it had answered; whether the
            command was carried out is for the log to say.
    """
    connection = _Connection(path, timeout_s)
    try:
        try:
            connection.connect()
        except (FileNotFoundError, ConnectionRefusedError) as error:
            raise NoGateway(str(path)) from error
        connection.request("POST", "/", json.dumps(command).encode())
        return json.loads(connection.getresponse().read())
    except (http.client.HTTPException, ValueError, TimeoutError) as error:
        raise ConnectionError(
            f"no whole answer came ({type(error).__name__})"
        ) from error
    finally:
        connection.close()


def call_when_there(path: Path, command: dict[str, Any], *, wait_s: float) -> Any:  # noqa: ANN401  # any JSON
    """Send one command to a gateway that may still be starting, as :func:`call` does.

    Args:
        path: the control socket.
        command: see ``gateway.control.protocol``.
        wait_s: seconds to wait for somebody who answers.

    Raises:
        NoGateway: nobody answered within that time.
        ConnectionError: as :func:`call`.
    """
    until = time.monotonic() + wait_s
    while True:
        try:
            return call(path, command)
        except NoGateway:
            if time.monotonic() >= until:
                raise
        time.sleep(_AGAIN_S)
