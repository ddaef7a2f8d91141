"""What is not an exchange is counted, not recorded one by one.

Failed authentication, malformed and oversized requests are counted by cause and
certificate into one entry a minute, bounded: a flood buys a bounded number of
entries. Counts and certificate digests are sealed; the leaf says only that there
were some.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter

from audit import Entry, Log, LogError
from gateway.canonical import Json
from gateway.entries import leaf
from gateway.standing import Standing

__all__ = ["Junk"]

INTERVAL_S = 60.0
"""How often counts become an entry, in seconds."""

MOST_SOURCES = 64
"""Most pairs of cause and certificate kept apart in one interval."""


class Junk:
    """Counts causes by certificate and writes them once an interval."""

    def __init__(self, *, log: Log, standing: Standing) -> None:
        """Take the log and what its entries name."""
        self._log = log
        self._standing = standing
        self._counts: Counter[tuple[str, str]] = Counter()

    def count(self, cause: str, certificate_der: bytes | None) -> None:
        """Count one; past the bound, sources are no longer told apart."""
        source = hashlib.sha256(certificate_der or b"").hexdigest()[:16]
        key = (cause, source)
        if key not in self._counts and len(self._counts) >= MOST_SOURCES:
            key = (cause, "others")
        self._counts[key] += 1

    async def write(self) -> None:
        """Write what was counted as one entry, if anything was.

        Counts that cannot be written now are kept for the next time.
        """
        if not self._counts:
            return
        counted, self._counts = self._counts, Counter()
        rows: list[Json] = [
            {"cause": cause, "certificate": source, "count": count}
            for (cause, source), count in sorted(counted.items())
        ]
        public = leaf(
            event="counts",
            decision="refused",
            policy=self._standing.in_force.policy.revision,
            manifest=self._standing.in_force.manifest,
        )
        try:
            await self._log.append(
                Entry(public=public, sealed={"account": {"counts": rows}})
            )
        except LogError:
            self._counts += counted

    async def run(self) -> None:
        """Write once an interval, until cancelled."""
        while True:
            await asyncio.sleep(INTERVAL_S)
            await self.write()
