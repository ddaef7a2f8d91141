"""What a requester is told of one thing asked for."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.canonical import Json
from gateway.policy.table import Reason

__all__ = ["RequesterRow"]


@dataclass(frozen=True, kw_only=True, slots=True)
class RequesterRow:
    """What a requester is told of one ask."""

    kind: str
    use: str
    category: str
    effect: str
    reasons: tuple[Reason, ...]
    change: tuple[str, ...]
    obligations: tuple[dict[str, Json], ...]

    def document(self) -> dict[str, Json]:
        """Return the row as plain data."""
        return {
            "kind": self.kind,
            "use": self.use,
            "category": self.category,
            "effect": self.effect,
            "reasons": [
                {"code": r.code, "citation": r.citation, "title": r.title}
                for r in self.reasons
            ],
            "what_would_change_it": list(self.change),
            "obligations": list(self.obligations),
        }
