"""Reads a log from a web address."""

from __future__ import annotations

import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass

from audit.errors import SourceUnreadable
from audit.tiles import Tile

__all__ = ["WebSource"]

_TIMEOUT_S = 20.0
_MAX_BYTES = 64_000_000


class _SameHostOnly(urllib.request.HTTPRedirectHandler):
    """A log lives where its address says: redirects are not followed."""

    def redirect_request(self, *_: object, **__: object) -> None:
        """Refuse."""


@dataclass(frozen=True, slots=True)
class WebSource:
    """A public tree below a web address."""

    prefix: str

    def read(self, path: str) -> bytes | None:
        """Return a file; none if the server says that there is none."""
        opener = urllib.request.build_opener(_SameHostOnly)
        url = f"{self.prefix.rstrip('/')}/{urllib.parse.quote(path)}"
        try:
            with opener.open(url, timeout=_TIMEOUT_S) as answer:
                data: bytes = answer.read(_MAX_BYTES + 1)
        except urllib.error.HTTPError as error:
            error.close()
            if error.code in {404, 410}:
                return None
            raise SourceUnreadable(f"{path}: status {error.code}") from None
        except (OSError, ValueError) as error:
            raise SourceUnreadable(f"{path}: {type(error).__name__}") from None
        if len(data) > _MAX_BYTES:
            raise SourceUnreadable(f"{path}: more than {_MAX_BYTES} bytes")
        return data

    def tiles(self) -> Iterator[Tile]:
        """Yield nothing: a web server can't be asked what it has."""
        yield from ()
