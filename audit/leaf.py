"""Builds what is stored of an entry: the public leaf and the sealed record.

A commitment is hex SHA-256(16-byte salt, two bytes of name length, name, canonical
value). One SHAKE-256 of a fresh seed gives the salts, in the order of the entry, and
all that only has to look random: decoys, tags, digests of absent parts. The seed is
dropped; each salt is sealed beside its name and value, so that erasing a part leaves
nothing that a guess could be tried on.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256, shake_256
from itertools import chain
from struct import unpack

from audit.encoding import Json, checked, encode
from audit.entry import BUCKETS, DIGEST, PARTS, RESERVED, Entry
from audit.errors import InvalidEntry
from audit.sealing import Epoch, SealedRecord
from audit.tiles import MAX_ENTRY

__all__ = ["SALT", "Built", "build", "commitment", "hour_of", "hour_text"]

SALT = 16
# One-subject leaves differ by some dozens of bytes in words and names; a step of 512
# hides that and costs 256 bytes in the mean.
_STEP = 512
_KNOWN_PARTS = frozenset(PARTS)
_HOUR_MS = 3_600_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Built:
    """One entry ready to be committed."""

    leaf: bytes
    record: bytes
    at_ms: int


def hour_of(ms: int) -> int:
    """Return the number of an instant's hour since 1970."""
    return ms // _HOUR_MS


def hour_text(ms: int) -> str:
    """Return the public time of an entry: its hour, as ``2026-11-23T09Z``."""
    return _text_of(hour_of(ms))


@lru_cache(maxsize=8)
def _text_of(hour: int) -> str:
    at = dt.datetime.fromtimestamp(hour * _HOUR_MS // 1000, tz=dt.UTC)
    return f"{at:%Y-%m-%dT%H}Z"


def commitment(salt: bytes, name: bytes, value: bytes) -> str:
    """Return the commitment to one sealed name and its canonical value."""
    return sha256(salt + len(name).to_bytes(2, "big") + name + value).hexdigest()


def build(entry: Entry, *, at_ms: int, hour: str, epoch: Epoch) -> Built:
    """Return the leaf and the sealed record of an entry.

    Raises:
        InvalidEntry: it is not in the small language, or does not fit its shape.
    """
    parts = _parts(entry, at_ms)
    count = sum(map(len, parts))
    decoys = entry.commitments - count
    tags = _bucket(len(entry.subjects))
    if decoys < 0:
        raise InvalidEntry(f"{count} sealed names, {entry.commitments} commitments")
    random = DIGEST * (len(PARTS) + tags + decoys)
    stream = shake_256(epoch.seed()).digest(SALT * count + random)
    looks = stream[SALT * count :].hex()
    fill = [looks[i : i + 64] for i in range(0, len(looks), 64)]

    rows, committed = _disclosed(parts, stream[: SALT * count])
    commitments = fill[len(PARTS) + tags :] + committed
    sealed: list[bytes] = []
    for name, part in zip(PARTS, parts, strict=True):
        own = rows[: len(part)]
        rows = rows[len(part) :]
        sealed.append(epoch.seal(name, _listed(own)) if own else b"")
    commitments.sort()
    leaf = {
        **entry.public,
        "_sd": commitments,
        "side": [
            sha256(each).hexdigest() if each else instead
            for each, instead in zip(sealed, fill, strict=False)
        ],
        "tags": fill[len(PARTS) : len(PARTS) + tags],
        "t": hour,
        "pad": "",
    }
    record = SealedRecord(epoch=epoch.id, parts=tuple(sealed))
    return Built(leaf=_padded(leaf), record=record.pack(), at_ms=at_ms)


def _parts(entry: Entry, at_ms: int) -> list[Mapping[str, Json]]:
    sealed, public = entry.sealed, entry.public
    if not sealed.keys() <= _KNOWN_PARTS:
        raise InvalidEntry("a sealed part that does not exist")
    if not RESERVED.isdisjoint(public):
        raise InvalidEntry("a public member that the log itself writes")
    checked(public)
    checked(sealed)
    who = sealed.get("who", {})
    if "at_ms" in who:
        raise InvalidEntry("at_ms is written by the log")
    return [{"at_ms": at_ms, **who}, *(sealed.get(part, {}) for part in PARTS[1:])]


@lru_cache(maxsize=1024)
def _names(names: tuple[str, ...]) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
    """Return names as they are committed to, and as they are written."""
    plain = [name.encode() for name in names]
    committed = tuple(len(data).to_bytes(2, "big") + data for data in plain)
    return committed, tuple(b'",' + encode(name) + b"," for name in names)


def _disclosed(
    parts: Iterable[Mapping[str, Json]], salts: bytes
) -> tuple[list[bytes], list[str]]:
    """Return what is sealed of each name, its salt and its value; and commitments.

    Column by column: an interpreter pays for each step of a row, and many entries have
    the same names.
    """
    committed, quoted = _names(tuple(chain.from_iterable(parts)))
    values = [encode(value) for part in parts for value in part.values()]
    each = unpack(f"{SALT}s" * len(values), salts)
    written = salts.hex(",", SALT).encode().split(b",")
    digests = map(sha256, map(b"".join, zip(each, committed, values, strict=True)))
    rows = map(b"".join, zip(written, quoted, values, strict=True))
    return [*rows], [digest.hexdigest() for digest in digests]


def _listed(rows: Iterable[bytes]) -> bytes:
    """Return a part's plain text, a list of [salt, name, value]."""
    return b'[["' + b'],["'.join(rows) + b"]]"


def _bucket(subjects: int) -> int:
    place = bisect_left(BUCKETS, subjects)
    if place == len(BUCKETS):
        raise InvalidEntry(f"{subjects} subjects in one entry")
    return BUCKETS[place]


def _padded(leaf: dict[str, Json]) -> bytes:
    short = len(encode(leaf)) % _STEP
    if short:
        leaf["pad"] = "0" * (_STEP - short)
    data = encode(leaf)
    if len(data) > MAX_ENTRY:
        raise InvalidEntry(f"a leaf of {len(data)} bytes")
    return data
