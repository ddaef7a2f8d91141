"""A web server's answer ends in time, however slowly it is said."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from audit import within
from audit.within import opener

HEAD = b"HTTP/1.1 200 OK\r\nX: y\r\nContent-Length: 1000\r\n\r\n"
SAYS = {"head": (b"", HEAD), "body": (HEAD, b"x" * 1000)}
"""What comes at once, and what comes a byte now and then."""


@contextlib.contextmanager
def dripping(at_once: bytes, slowly: bytes) -> Iterator[str]:
    """Serve one answer so; each byte comes well within the socket's own limit."""
    ended = threading.Event()

    def serve() -> None:
        with contextlib.suppress(OSError):
            talk, _ = listener.accept()
            with talk:
                talk.recv(65536)
                talk.sendall(at_once)
                for byte in slowly:
                    if ended.wait(0.05):
                        return
                    talk.sendall(bytes([byte]))

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=serve)
        server.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/checkpoint"
        finally:
            ended.set()
            server.join()


@pytest.mark.parametrize("where", SAYS)
def test_what_drips_is_late(where: str) -> None:
    """Its head and its body alike, though something comes all the time."""
    before = time.monotonic()
    for within_s in (0.5, 0.0):
        with dripping(*SAYS[where]) as address, pytest.raises(TimeoutError):
            opener(within_s, None).open(address, timeout=20).read()
    assert time.monotonic() - before < 15


def test_what_has_no_end_is_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a chunk with a size below 0 the library would hold all that ever comes."""
    monkeypatch.setattr(within, "_MOST_BYTES", 1000)
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n"
    with dripping(chunked + b"x" * 900, b"y" * 100) as address:
        answer = opener(20.0, None).open(address, timeout=20)
        with pytest.raises(OSError, match="the answer is too long"):
            answer.read(10)
        answer.close()


def test_what_comes_in_time_is_whole() -> None:
    """Nothing is lost, and it can be read in pieces."""
    with dripping(SAYS["body"][0] + b"x" * 990, b"y" * 10) as address:
        answer = opener(20.0, None).open(address, timeout=20)
        assert answer.read(1) == b"x"
        assert answer.read() == b"x" * 989 + b"y" * 10
        answer.close()
