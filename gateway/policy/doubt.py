"""Whether an engine was caught saying something wrong, and nobody has looked since.

One a process: it outlives the bundle it arose under. Whoever remembers answers is told
at once and forgets them; whoever writes the log waits for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol
from weakref import WeakSet

from gateway.errors import Cause, Unavailable

__all__ = ["Doubt", "Finding", "Forgetful"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """What was found: a sentence, the revision, and what an auditor replays.

    ``question`` is canonical, and ``answers`` has each engine's bytes by its name;
    both are empty where a known question was answered wrong, as they are in the
    bundle.
    """

    detail: str
    revision: str
    question: bytes = b""
    answers: Mapping[str, bytes] = field(default_factory=dict)


class Forgetful(Protocol):
    """Something that remembers answers of engines."""

    def forget(self) -> None:
        """Forget them all: what gave them is not to be believed."""


class Doubt:
    """Closed from the first finding until an operator has looked."""

    def __init__(self) -> None:
        """Begin without a doubt."""
        self.detail = ""
        self.finding: Finding | None = None
        self.noted = False
        """Whether the log has it; then an act may end it, whoever writes that."""
        self._found = asyncio.Event()
        self._memories: WeakSet[Forgetful] = WeakSet()

    def tell(self, memory: Forgetful) -> None:
        """Have this forget its answers whenever there is reason to."""
        self._memories.add(memory)

    def distrust(self) -> None:
        """Have everybody forget: an engine failed, though it said nothing wrong."""
        for memory in tuple(self._memories):
            memory.forget()

    def close(self, finding: Finding) -> None:
        """Answer nothing until :meth:`clear`; the first finding is the one kept."""
        self.distrust()
        if not self.detail:
            self.again(finding)

    def again(self, finding: Finding) -> None:
        """Close, or stay closed, with a finding that the log does not have yet."""
        self.detail, self.finding, self.noted = finding.detail, finding, False
        self._found.set()

    def still(self, detail: str) -> None:
        """Be closed by a finding of the log that nobody has looked at."""
        self.distrust()
        self.detail, self.noted = detail, True

    def clear(self) -> None:
        """Answer again: an operator has looked."""
        self.detail, self.finding, self.noted = "", None, False
        self._found.clear()
        self.distrust()

    def refuse(self) -> None:
        """Refuse while there is a doubt.

        Raises:
            Unavailable: policy-disagreement.
        """
        if self.detail:
            raise Unavailable(Cause.POLICY_DISAGREEMENT, self.detail)

    async def found(self) -> Finding:
        """Return the next finding; waits for it."""
        while True:
            await self._found.wait()
            self._found.clear()
            if self.finding is not None:
                return self.finding
