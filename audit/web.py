"""Reads a log from a web address."""

from __future__ import annotations

import http.client
import ssl
import urllib.error
import urllib.parse
import urllib.request
import zlib
from collections.abc import Iterator
from http import HTTPStatus

from audit.errors import CannotTell, FileUnreadable, SourceUnreadable
from audit.tiles import Tile
from audit.tls import Tls
from audit.within import opener

__all__ = ["WebSource"]

_TIMEOUT_S = 20.0
_WHOLE_S = 120.0
"""From the question to the last byte: the largest bundle has 16 MB."""
_MAX_BYTES = 64_000_000
_PART_BYTES = 1 << 20


class _SameHostOnly(urllib.request.HTTPRedirectHandler):
    """A log lives where its address says: redirects are not followed."""

    def redirect_request(self, *_: object, **__: object) -> None:
        """Refuse."""


class WebSource:
    """A public tree below a web address."""

    def __init__(self, prefix: str, tls: Tls | None = None) -> None:
        """Take the address, and the certificates for it; ``CannotTell`` if unread."""
        self._prefix = prefix.rstrip("/")
        self._opener = opener(_WHOLE_S, _context(tls or Tls()), _SameHostOnly())

    def read(self, path: str) -> bytes | None:
        """Return a file; none if the server says that there is none."""
        url = f"{self._prefix}/{urllib.parse.quote(path)}"
        try:
            with self._opener.open(url, timeout=_TIMEOUT_S) as answer:
                data = _whole(answer)
        except _Unfit as error:
            raise FileUnreadable(f"{path}: {error}") from None
        except urllib.error.HTTPError as error:
            error.close()
            if error.code in {404, 410}:
                return None
            # One that can do no more now is asked for nothing else.
            busy = error.code == HTTPStatus.TOO_MANY_REQUESTS
            down = busy or error.code >= HTTPStatus.INTERNAL_SERVER_ERROR
            unreadable = SourceUnreadable if down else FileUnreadable
            raise unreadable(f"{path}: status {error.code}") from None
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise SourceUnreadable(f"{path}: {_why(error)}") from None
        return data

    def wider(self, _tile: Tile) -> None:
        """Return none: a server is asked for what it must have."""

    def files(self) -> Iterator[str]:
        """Yield nothing, as :meth:`tiles`."""
        yield from ()

    def tiles(self) -> Iterator[Tile]:
        """Yield nothing: a web server can't be asked what it has."""
        yield from ()


class _Unfit(Exception):
    """An answer that is no whole file; it says nothing about the log."""


def _whole(answer: http.client.HTTPResponse) -> bytes:
    """Return a file that a server answers, all of it, as it was before the way.

    Raises:
        _Unfit: it is none, or a part of one; the sentence says which.
    """
    if answer.status != HTTPStatus.OK:
        raise _Unfit(f"status {answer.status}")
    read = bytearray()
    # In parts: the library holds each chunk apart, and they may be of a byte each.
    while len(read) <= _MAX_BYTES and (part := answer.read(_PART_BYTES)):
        read += part
    data = bytes(read)
    if len(data) <= _MAX_BYTES and answer.length:
        raise _Unfit(f"the answer ended {answer.length} bytes early")
    coding = answer.headers.get("Content-Encoding", "identity").strip().lower()
    if coding in {"gzip", "x-gzip"}:  # logs may send bundles so, asked or not
        data = _unpacked(data)
    elif coding != "identity":
        raise _Unfit("the content coding is not understood")
    if len(data) > _MAX_BYTES:
        raise _Unfit(f"more than {_MAX_BYTES} bytes")
    return data


def _unpacked(data: bytes) -> bytes:
    """Return what was packed by gzip, and no more than a byte too much of it."""
    packed = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        found = packed.decompress(data, _MAX_BYTES + 1)
    except zlib.error:
        raise _Unfit("the answer is no gzip") from None
    if len(found) <= _MAX_BYTES and (not packed.eof or packed.unused_data):
        raise _Unfit("the answer is no whole gzip")
    return found


def _context(tls: Tls) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=tls.cacert)
        if tls.cert is not None:
            context.load_cert_chain(tls.cert, tls.key)
    except (OSError, ValueError) as error:
        names = [each.name for each in (tls.cacert, tls.cert, tls.key) if each]
        raise CannotTell(f"{', '.join(names)}: {_why(error)}") from None
    return context


def _why(error: Exception) -> str:
    """Return the reason of a failed connection, TLS's own where it has one."""
    inner = getattr(error, "reason", None)
    cause = inner if isinstance(inner, OSError) else error
    said = (
        getattr(cause, "verify_message", None)
        or getattr(cause, "reason", None)
        or getattr(cause, "strerror", None)
        or str(cause)
    )
    name = type(cause).__name__
    return f"{name}: {said}" if said else name
