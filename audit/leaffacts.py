"""What a run of public leaves told :mod:`audit.leafcheck`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from audit.encoding import Json

__all__ = ["ActLeaf", "Basis", "BasisRun", "LeafFacts", "spans"]

Basis = tuple[Json, Json]
"""The policy and the manifest that a leaf names."""
BasisRun = tuple[int, Basis]
"""From which index on leaves name them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ActLeaf:
    """A leaf that names an act: where, when, and what the leaf calls it."""

    index: int
    act: str
    at_ms: int
    """The start of its hour."""
    word: Json


@dataclass(kw_only=True, slots=True)
class LeafFacts:
    """What a run of leaves tells, in order."""

    faults: list[tuple[int, str]] = field(default_factory=list)
    """Index and what is wrong with that leaf."""
    schemas: list[tuple[int, str]] = field(default_factory=list)
    """From which index on which ``cfg`` holds."""
    acts: list[ActLeaf] = field(default_factory=list)
    """The leaves that name an act."""
    bases: list[BasisRun] = field(default_factory=list)
    """In order, each once until another begins."""
    first: int = 0
    """Index of the first leaf that could be read."""
    whole: bool = True
    """Whether every leaf could be read that it is about."""
    first_hour: str = ""
    last_hour: str = ""

    def add(self, after: LeafFacts) -> None:
        """Append what the leaves that follow tell."""
        if self.last_hour and after.first_hour and after.first_hour < self.last_hour:
            self.faults.append((after.first, "time runs back"))
        self.faults += after.faults
        for each in after.schemas:
            if not self.schemas or self.schemas[-1][1] != each[1]:
                self.schemas.append(each)
        for run in after.bases:
            if not self.bases or self.bases[-1][1] != run[1]:
                self.bases.append(run)
        self.acts += after.acts
        self.first_hour = self.first_hour or after.first_hour
        self.last_hour = after.last_hour or self.last_hour


def spans(
    activations: Sequence[BasisRun], first: int, end: int
) -> list[tuple[int, int, list[BasisRun]]]:
    """Return the parts of a run between activations, and those before each part."""
    inner = (index for index, _ in activations if first < index < end)
    starts = [first, *inner]
    return [
        (start, after - 1, [each for each in activations if each[0] <= start])
        for start, after in zip(starts, [*starts[1:], end], strict=True)
    ]
