"""A bounded memory of answers, per process; the oldest goes first."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

__all__ = ["Memo"]

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Memo(Generic[K, V]):
    """Keeps at most ``most`` frozen values; emptied when what they rest on changes."""

    def __init__(self, *, most: int) -> None:
        self._most = most
        self._kept: dict[K, V] = {}

    def __len__(self) -> int:
        """Return how many values are kept."""
        return len(self._kept)

    def get(self, key: K) -> V | None:
        """Return the value kept for a key, if there is one."""
        return self._kept.get(key)

    def keep(self, key: K, value: V) -> None:
        """Keep a value; where there is no room the oldest goes."""
        if len(self._kept) >= self._most:
            del self._kept[next(iter(self._kept))]
        self._kept[key] = value

    def forget(self) -> None:
        """Forget everything."""
        self._kept.clear()
