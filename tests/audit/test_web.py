"""What came over the web is the whole file, or says nothing about the log."""

from __future__ import annotations

import contextlib
import gzip
import socket
import threading
from collections.abc import Iterator

import pytest

from audit import web
from audit.errors import FileUnreadable, SourceUnreadable
from audit.web import WebSource

FILE = b"entries of a log " * 100
PACKED = gzip.compress(FILE)


@contextlib.contextmanager
def answering(answer: bytes) -> Iterator[WebSource]:
    """Serve one answer as it is given, and end."""

    def serve() -> None:
        talk, _ = listener.accept()
        with talk:
            talk.recv(65536)
            talk.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=serve)
        server.start()
        yield WebSource(f"http://127.0.0.1:{listener.getsockname()[1]}")
        server.join()


def said(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    """Return an answer."""
    lines = [f"HTTP/1.1 {status}", "Connection: close", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def length(body: bytes) -> str:
    """Return the header that says how long a body is."""
    return f"Content-Length: {len(body)}"


def test_a_file_is_read_with_and_without_its_length() -> None:
    """The end of the connection is an end where no length was said."""
    for headers in ([length(FILE)], []):
        with answering(said(FILE, *headers)) as source:
            assert source.read("file") == FILE


def test_a_packed_file_is_unpacked() -> None:
    """A log may send bundles so, and need not be asked."""
    for name in ("gzip", "x-gzip", "GZIP"):
        answer = said(PACKED, length(PACKED), f"Content-Encoding: {name}")
        with answering(answer) as source:
            assert source.read("file") == FILE


PARTS = {
    "cut": (said(FILE[:900], length(FILE)), "ended 800 bytes early"),
    "nothing": (said(b"", length(FILE)), "ended 1700 bytes early"),
    "packed and cut": (
        said(PACKED[:-9], "Content-Encoding: gzip"),
        "no whole gzip",
    ),
    "packed and more": (
        said(PACKED + b"x", "Content-Encoding: gzip"),
        "no whole gzip",
    ),
    "not packed": (said(FILE, "Content-Encoding: gzip"), "is no gzip"),
    "other coding": (said(FILE, "Content-Encoding: br"), "coding is not understood"),
    "part": (said(FILE[:9], status="206 Partial Content"), "status 206"),
    "none": (said(b"", status="204 No Content"), "status 204"),
}


@pytest.mark.parametrize(("answer", "reason"), PARTS.values(), ids=[*PARTS])
def test_a_part_of_a_file_is_not_taken_for_it(answer: bytes, reason: str) -> None:
    """A line that broke is no tampering: nobody can tell, and can ask again."""
    with (
        answering(answer) as source,
        pytest.raises(SourceUnreadable, match=f"file: .*{reason}"),
    ):
        source.read("file")


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("403 Forbidden", FileUnreadable),
        ("429 Too Many Requests", SourceUnreadable),
        ("503 Service Unavailable", SourceUnreadable),
    ],
)
def test_a_server_that_refuses_one_file_is_asked_for_others(
    status: str, kind: type[SourceUnreadable]
) -> None:
    """One that can do no more is not."""
    with answering(said(b"", status=status)) as source:
        with pytest.raises(SourceUnreadable, match=status[:3]) as raised:
            source.read("file")
        assert type(raised.value) is kind


def test_what_unpacks_without_end_is_not_unpacked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A few bytes on the way may be more than any memory after it."""
    monkeypatch.setattr(web, "_MAX_BYTES", 1000)
    answer = said(PACKED, length(PACKED), "Content-Encoding: gzip")
    with (
        answering(answer) as source,
        pytest.raises(SourceUnreadable, match="file: more than 1000 bytes"),
    ):
        source.read("file")
