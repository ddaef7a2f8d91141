"""What an entry was made under."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Basis"]


@dataclass(frozen=True, slots=True)
class Basis:
    """What an entry was made under: the bundle's revision, the manifest's digest."""

    policy: str = ""
    manifest: str = ""
