"""What the log remembers of the last 24 hours: dedup keys and their receipts."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass

from audit.batch import Batch, receipt_of
from audit.entry import Dedup, Known
from audit.errors import LogDamaged
from audit.leaf import hour_of
from audit.merkle import HASH_SIZE
from audit.signer import Signer

__all__ = ["KEPT_HOURS", "Memory", "Page", "remembered"]

KEPT_HOURS = 24
_PAGE = struct.Struct(">QQHH")
_KEY = struct.Struct(">H32s32s32sH")


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """What is kept of one batch: enough to give its receipts again."""

    first: int
    ms: int
    hashes: tuple[bytes, ...]
    keys: tuple[tuple[int, Dedup, bytes], ...]
    """Place in the batch, dedup, canonical basis (policy and manifest)."""

    def pack(self) -> bytes:
        """Return the stored bytes."""
        out = [_PAGE.pack(self.first, self.ms, len(self.hashes), len(self.keys))]
        out += self.hashes
        for place, dedup, basis in self.keys:
            out.append(
                _KEY.pack(place, dedup.key, dedup.request, dedup.content, len(basis))
            )
            out.append(basis)
        return b"".join(out)

    @classmethod
    def parse(cls, body: bytes) -> Page:
        """Read a page back; ``LogDamaged`` if it is none."""
        try:
            return cls._parse(body)
        except struct.error:
            raise LogDamaged("a page of dedup keys does not read") from None

    @classmethod
    def _parse(cls, body: bytes) -> Page:
        first, ms, count, marked = _PAGE.unpack_from(body)
        at = _PAGE.size + count * HASH_SIZE
        hashes = tuple(
            body[i : i + HASH_SIZE] for i in range(_PAGE.size, at, HASH_SIZE)
        )
        keys: list[tuple[int, Dedup, bytes]] = []
        for _ in range(marked):
            place, key, request, content, length = _KEY.unpack_from(body, at)
            at += _KEY.size + length
            dedup = Dedup(key=key, request=request, content=content)
            keys.append((place, dedup, body[at - length : at]))
        if at != len(body):
            raise LogDamaged("a page of dedup keys does not read")
        return cls(first=first, ms=ms, hashes=hashes, keys=tuple(keys))


def remembered(batch: Batch) -> Page | None:
    """Return what to keep of a batch; none if no entry has a dedup key."""
    keys = tuple(
        (place, entry.dedup, entry.basis)
        for place, entry in enumerate(batch.entries)
        if entry.dedup is not None
    )
    if not keys:
        return None
    return Page(first=batch.first, ms=batch.ms, hashes=batch.hashes, keys=keys)


class Memory:
    """Dedup keys by hour, so that forgetting a day-old hour costs nothing."""

    def __init__(self, *, origin: str, signer: Signer) -> None:
        self._origin = origin
        self._signer = signer
        self._hours: dict[int, dict[bytes, tuple[Page, int]]] = {}

    def learn(self, page: Page) -> None:
        """Remember a batch."""
        hour = self._hours.setdefault(hour_of(page.ms), {})
        for number, (_, dedup, _) in enumerate(page.keys):
            hour[dedup.key] = (page, number)

    def forget(self, now_ms: int) -> None:
        """Drop what is older than 24 hours, rounded up to the hour."""
        oldest = hour_of(now_ms) - KEPT_HOURS
        for hour in [hour for hour in self._hours if hour < oldest]:
            del self._hours[hour]

    def known(self, key: bytes) -> Known | None:
        """Return what stands under a dedup key."""
        for hour in self._hours.values():
            if key in hour:
                page, number = hour[key]
                return self._known(page, number)
        return None

    def _known(self, page: Page, number: int) -> Known:
        place, dedup, basis = page.keys[number]
        receipt = receipt_of(
            place,
            page.first,
            page.ms,
            page.hashes,
            origin=self._origin,
            signer=self._signer,
        )
        return Known(
            receipt=receipt,
            request=dedup.request,
            content=dedup.content,
            public=json.loads(basis),
        )
