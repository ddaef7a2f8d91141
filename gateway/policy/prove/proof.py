"""What a proof came to: it holds, or here is a question that breaks it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from gateway.canonical import Json

__all__ = ["Case", "Counterexample", "Proof"]

Case: TypeAlias = Mapping[str, Any]
"""A case file, ``sallyport.case/1``, as data."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Counterexample:
    """What breaks a claim: a sentence, and case files that show it if questions do."""

    says: str
    cases: tuple[Case, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Proof:
    """A claim about every question, and what breaks it; it holds if nothing does."""

    id: str
    says: str
    citation: str = ""
    broken_by: tuple[Counterexample, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether no question breaks the claim."""
        return not self.broken_by

    def document(self) -> dict[str, Json]:
        """Return the proof as it travels in a bundle."""
        return {
            "id": self.id,
            "says": self.says,
            "citation": self.citation,
            "holds": self.holds,
            "notes": [*self.notes],
        }
