"""Asks web servers, and waits no longer for a whole answer than was said.

A socket's own time limit begins anew with each byte: a server that says one now and
then, in its headers too, would hold whoever asks for as long as it likes. A log's
server may want just that of a monitor.
"""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import time
import urllib.request
from collections.abc import Callable
from functools import partial
from typing import Any

__all__ = ["TlsHandler", "opener"]

_MOST_BYTES = 128_000_000
"""Of an answer, as it comes: of a chunk with a size below 0 the library reads all."""


def opener(
    within_s: float, tls: ssl.SSLContext | None, *handlers: urllib.request.BaseHandler
) -> urllib.request.OpenerDirector:
    """Return what opens addresses as urllib does; each answer ends in time.

    Past its time ``TimeoutError`` is raised, wherever something is being read.

    Args:
        within_s: seconds from when an answer is first waited for to its last byte.
        tls: for ``https``; none for what the system trusts.
        handlers: besides.
    """
    return urllib.request.build_opener(
        _Plain(within_s), TlsHandler(within_s, tls), *handlers
    )


class _Reader(io.RawIOBase):
    """The reading side of a socket, until a moment, and so many bytes."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket, ends_at: float) -> None:
        super().__init__()
        self._raw = raw
        self._sock = sock
        self._ends_at = ends_at
        self._room = _MOST_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, room: Any, /) -> int | None:  # noqa: ANN401 - any buffer
        left = self._ends_at - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer takes too long")
        self._sock.settimeout(left)
        count = self._raw.readinto(room)
        self._room -= count or 0
        if self._room < 0:
            raise OSError("the answer is too long")
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


def _answer(
    sock: socket.socket,
    *args: Any,  # noqa: ANN401 - passed on
    within_s: float,
    **kwargs: Any,  # noqa: ANN401 - passed on
) -> http.client.HTTPResponse:
    answer = http.client.HTTPResponse(sock, *args, **kwargs)
    reader = _Reader(answer.fp.detach(), sock, time.monotonic() + within_s)
    answer.fp = io.BufferedReader(reader)
    return answer


def _connecting(
    kind: Callable[..., http.client.HTTPConnection], within_s: float
) -> Callable[..., http.client.HTTPConnection]:
    """Return what makes connections of a kind whose answers end in time."""

    def connection(host: str, **told: Any) -> http.client.HTTPConnection:  # noqa: ANN401 - passed on
        made = kind(host, **told)
        answers: Any = partial(
            _answer, within_s=within_s
        )  # all that is done is call it
        made.response_class = answers
        return made

    return connection


class _Plain(urllib.request.HTTPHandler):
    def __init__(self, within_s: float) -> None:
        super().__init__()
        self._connecting = _connecting(http.client.HTTPConnection, within_s)

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(self._connecting, req)


class TlsHandler(urllib.request.HTTPSHandler):
    """Opens ``https`` alone; for who wants nothing else of what :func:`opener` brings.

    An ``OpenerDirector`` with this follows no redirect and knows no proxy.
    """

    def __init__(self, within_s: float, context: ssl.SSLContext | None) -> None:
        """Take both as :func:`opener` does."""
        super().__init__(context=context)
        kind = partial(http.client.HTTPSConnection, context=context)
        self._connecting = _connecting(kind, within_s)

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        """Open an address; urllib calls this."""
        return self.do_open(self._connecting, req)
