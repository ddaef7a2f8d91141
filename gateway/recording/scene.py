"""One exchange as its pages go by, and one page as it is handed over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from audit import Receipt
from gateway.answering.verdict import Verdict
from gateway.asking.idempotency import Ticket
from gateway.asking.inquiry import Inquiry
from gateway.canonical import Json
from gateway.identity import Requester
from gateway.in_force import InForce

__all__ = ["Page", "Scene"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    """Who asks what under which ticket; ``started`` is monotonic seconds."""

    requester: Requester
    law: InForce
    inquiry: Inquiry
    ticket: Ticket
    started: float
    body: bytes
    number: int = 0

    def next_page(self) -> Scene:
        """Return the scene of the page after this one."""
        return replace(self, number=self.number + 1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """One page as it is handed over; its entry is durable.

    ``code`` is that of its problem document, empty when something is released;
    ``padded`` says that its length must not tell what was found. ``policy`` is the
    revision of the bundle that it was decided under.
    """

    verdict: Verdict
    code: str
    exchange: str
    number: int
    last: bool
    records: tuple[Mapping[str, object], ...]
    decision: tuple[Json, ...]
    receipt: Receipt
    padded: bool
    policy: str
