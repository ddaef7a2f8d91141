"""What only an auditor's key opens: the sealed parts of an entry, checked in full.

Each part must be the one whose digest the leaf names, and each name and value in it
one that the leaf is committed to.
"""

from __future__ import annotations

from dataclasses import dataclass

from audit.encoding import Json, decode, encode
from audit.entry import PARTS
from audit.errors import CannotTell, Malformed, ProofInvalid
from audit.keep import Keep
from audit.keyfiles import AuditorKey
from audit.leaf import SALT, commitment
from audit.leafcheck import leaf_fault
from audit.sealing import SealedRecord, epoch_key, open_part, side_digest

__all__ = ["Opened", "expected_parts", "open_entry"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Opened:
    """An entry's sealed parts, opened; a part that is absent or erased is none."""

    leaf: dict[str, Json]
    missing: tuple[str, ...]
    """Parts that should hold something and do not: absent, erased or empty."""
    parts: dict[str, dict[str, Json] | None]
    decoys: int
    """Commitments in the leaf that nothing opened stands for."""


def open_entry(
    keep: Keep, leaf: bytes, *, index: int, origin: str, key: AuditorKey
) -> Opened:
    """Open the sealed parts of entry ``index``, whose leaf was checked already.

    Raises:
        LogDamaged: there is no sealed record.
        Malformed: the record, its epoch or a part does not read.
        CannotTell: the epoch's keys are gone, or not sealed to this auditor.
        ProofInvalid: a digest, a commitment or a key does not hold.
    """
    fault, members = leaf_fault(leaf)
    if fault:
        raise Malformed("leaf", fault)
    record = SealedRecord.parse(keep.record(index))
    committed = set(members["_sd"])
    parts: dict[str, dict[str, Json] | None] = {}
    for part, sealed, side in zip(PARTS, record.parts, members["side"], strict=True):
        if not sealed:
            parts[part] = None
            continue
        if side_digest(sealed).hex() != side:
            raise ProofInvalid(f"part {part} is not the one that the leaf names")
        document = _epoch_document(keep, record.epoch)
        cipher = epoch_key(document, part, key)
        plain = open_part(cipher, sealed, origin=origin, epoch=record.epoch, part=part)
        parts[part] = _disclosed(part, plain, committed)
    return Opened(
        leaf=members,
        missing=tuple(part for part in expected_parts(members) if not parts[part]),
        parts=parts,
        decoys=len(committed),
    )


def expected_parts(leaf: dict[str, Json]) -> tuple[str, ...]:
    """Return the parts that an entry like this has something in.

    Where one is missing, nothing in the log tells if it was erased or never written.
    """
    return PARTS if leaf.get("ev") == "exchange" else PARTS[:1]


def _epoch_document(keep: Keep, epoch: bytes) -> bytes:
    document = keep.epoch(epoch)
    if document is None:
        name = f"epochs/{epoch.hex()}.json"
        raise CannotTell(f"{name} is gone: its keys were erased or lost")
    return document


def _disclosed(part: str, plain: bytes, committed: set[str]) -> dict[str, Json]:
    """Read a part's names and values, taking each commitment out of the set."""
    found: dict[str, Json] = {}
    for salt, name, value in _rows(part, plain):
        digest = commitment(salt, name.encode(), encode(value))
        if digest not in committed:
            raise ProofInvalid(f"{part}/{name} is not what the leaf is committed to")
        committed.discard(digest)
        found[name] = value
    return found


def _rows(part: str, plain: bytes) -> list[tuple[bytes, str, Json]]:
    try:
        rows = [(bytes.fromhex(row[0]), row[1], row[2]) for row in decode(plain)]
    except (ValueError, TypeError, IndexError, KeyError):
        raise Malformed("sealed-part", part) from None
    if any(len(salt) != SALT or not isinstance(name, str) for salt, name, _ in rows):
        raise Malformed("sealed-part", part)
    return rows
