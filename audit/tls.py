"""The files that a connection to a log's web server may need."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["Tls"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Tls:
    """What a log's web server may ask for, and whom to believe that it is one."""

    cacert: Path | None = None
    cert: Path | None = None
    key: Path | None = None
