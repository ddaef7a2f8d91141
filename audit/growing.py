"""A mapping that never changes and of which another, one entry on, costs little.

What holds after each act is a value of its own, made from the one before. To copy all
of it for each would make every act dearer than the one before. Here it lies in layers
that are shared, each at least twice as large as the next: one more entry is a layer of
one, and layers that have become alike in size are made one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar

__all__ = ["Growing"]

K = TypeVar("K")
V = TypeVar("V")


class Growing(Mapping[K, V]):
    """An immutable mapping in layers; of a key in several the newest counts."""

    __slots__ = ("_layers", "_length")

    def __init__(self) -> None:
        """Begin empty."""
        self._layers: tuple[dict[K, V], ...] = ()
        self._length = 0

    def with_entry(self, key: K, value: V) -> Growing[K, V]:
        """Return the same mapping with one more entry, or one in another's place."""
        layers, newest = [*self._layers], {key: value}
        while layers and len(layers[-1]) < 2 * len(newest):
            newest = {**layers.pop(), **newest}
        made: Growing[K, V] = Growing()
        made._layers = (*layers, newest)
        made._length = self._length + (key not in self)
        return made

    def news(self, before: Growing[K, V]) -> dict[K, V]:
        """Return the entries that are not, or are not the same, in an earlier one."""
        known = {id(layer) for layer in before._layers}
        fresh = [layer for layer in self._layers if id(layer) not in known]
        found = {key: value for layer in fresh for key, value in layer.items()}
        return {k: v for k, v in found.items() if k not in before or before[k] != v}

    def __getitem__(self, key: K) -> V:
        """Return the value of a key; KeyError where there is none."""
        for layer in reversed(self._layers):
            if key in layer:
                return layer[key]
        raise KeyError(key)

    def __contains__(self, key: object) -> bool:
        """Whether there is such a key."""
        return any(key in layer for layer in self._layers)

    def __iter__(self) -> Iterator[K]:
        """Yield each key once, in the order in which they came first."""
        return iter({key: None for layer in self._layers for key in layer})

    def __len__(self) -> int:
        """Return how many keys there are."""
        return self._length
