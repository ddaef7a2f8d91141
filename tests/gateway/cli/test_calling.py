"""The commands' end of the control socket: a whole answer, or a named error."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gateway.cli.calling import NoGateway, call, call_when_there


@contextmanager
def answering(path: Path, answer: bytes) -> Iterator[None]:
    """Answer one connection with these bytes and hang up."""
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(path))
    listening.listen()

    def serve() -> None:
        connection, _ = listening.accept()
        with connection:
            request = b""
            while not request.endswith(b"}"):
                request += connection.recv(10_000)
            connection.sendall(answer)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield
    finally:
        thread.join()
        listening.close()


def response(body: bytes, length: int | None = None) -> bytes:
    """Return an HTTP response with this body."""
    size = len(body) if length is None else length
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (size, body)


def test_a_whole_answer_is_returned(tmp_path: Path) -> None:
    """The answer's JSON comes back as it is."""
    path = tmp_path / "s"
    body = json.dumps({"outcome": "done", "result": []}).encode()
    with answering(path, response(body)):
        assert call(path, {"command": "status"}) == {"outcome": "done", "result": []}


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"garbage",
        response(b"not json"),
        response(b'{"outcome": "done"}', 999),
    ],
    ids=["nothing", "garbage", "no-json", "cut-short"],
)
def test_half_an_answer_is_an_error(tmp_path: Path, answer: bytes) -> None:
    """A gateway that goes away half-way leaves no half answer."""
    path = tmp_path / "s"
    with answering(path, answer), pytest.raises(ConnectionError):
        call(path, {"command": "status"}, timeout_s=5)


def test_nobody_there_is_no_gateway(tmp_path: Path) -> None:
    """No socket, or one that nobody answers on: no gateway runs."""
    path = tmp_path / "s"
    with pytest.raises(NoGateway):
        call(path, {"command": "status"})
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(path))
    left.close()
    with pytest.raises(NoGateway):
        call(path, {"command": "status"})


def test_a_gateway_that_is_silent_is_not_waited_for(tmp_path: Path) -> None:
    """The wait has a limit."""
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()
        with pytest.raises(ConnectionError):
            call(path, {"command": "status"}, timeout_s=0.1)


def test_a_gateway_that_starts_is_waited_for(tmp_path: Path) -> None:
    """It begins to listen while somebody asks; who has waited enough is told."""
    path = tmp_path / "s"
    body = json.dumps({"outcome": "done"}).encode()
    with pytest.raises(NoGateway):
        call_when_there(path, {"command": "status"}, wait_s=0.2)

    def listen() -> None:
        with answering(path, response(body)):
            pass

    starting = threading.Timer(0.3, listen)
    starting.start()
    found = call_when_there(path, {"command": "status"}, wait_s=20)
    starting.join()
    assert found == {"outcome": "done"}
