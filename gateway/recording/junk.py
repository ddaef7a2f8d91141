"""What is not an exchange is counted, not recorded one by one.

Failed handshakes and authentication, malformed, oversized and excessive requests are
counted by cause and certificate, or network where there was none, into one entry a
minute: a flood buys a bounded number of entries of a bounded size. Counts, certificate
digests and networks are sealed; the leaf says only that there were some.
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
"""Most pairs of cause and source kept apart; what is more is counted by cause alone,
of which there is a closed list."""

OTHERS = ("", "others")

_Key = tuple[str, str, str]
"""Cause, network, certificate; one of the last two is empty."""


class Junk:
    """Counts causes by where they came from and writes them once an interval."""

    def __init__(self, *, log: Log, standing: Standing) -> None:
        """Take the log and what its entries name."""
        self._log = log
        self._standing = standing
        self._counts: Counter[_Key] = Counter()

    def count(
        self, cause: str, certificate_der: bytes | None = None, *, network: str = ""
    ) -> None:
        """Count one; past the bound, sources are no longer told apart.

        Args:
            cause: a word of a closed list.
            certificate_der: what the peer proved to hold, if anything.
            network: where it came from, where it proved nothing.
        """
        source = hashlib.sha256(certificate_der or b"").hexdigest()[:16]
        self._add((cause, network, "" if network else source), 1)

    def _add(self, key: _Key, count: int) -> None:
        if key not in self._counts and len(self._counts) >= MOST_SOURCES:
            key = (key[0], *OTHERS)
        self._counts[key] += count

    async def write(self) -> None:
        """Write what was counted as one entry, if anything was.

        Counts that cannot be written now are kept for the next time, in the same
        bounds: a log that is down for a day does not fill memory.
        """
        if not self._counts:
            return
        counted, self._counts = self._counts, Counter()
        basis = self._standing.basis
        public = leaf(
            event="counts",
            decision="refused",
            policy=basis.policy,
            manifest=basis.manifest,
        )
        sealed: dict[str, dict[str, Json]] = {"account": {"counts": _rows(counted)}}
        try:
            await self._log.append(Entry(public=public, sealed=sealed))
        except LogError:
            for key, count in counted.items():
                self._add(key, count)

    async def run(self) -> None:
        """Write once an interval, until cancelled."""
        while True:
            await asyncio.sleep(INTERVAL_S)
            await self.write()


def _rows(counted: Counter[_Key]) -> list[Json]:
    """Return the counts as the sealed entry has them."""
    rows: list[Json] = []
    for (cause, network, certificate), count in sorted(counted.items()):
        source = {"network": network} if network else {"certificate": certificate}
        rows.append({"cause": cause, "count": count, **source})
    return rows
