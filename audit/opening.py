"""What only an auditor's key opens: the sealed parts of an entry, checked in full.

Each part must be the one whose digest the leaf names, and each name and value in it
one that the leaf is committed to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from audit.encoding import Json, decode, encode
from audit.entry import PARTS
from audit.errors import CannotTell, Malformed, ProofInvalid
from audit.keep import Keep
from audit.keyfiles import AuditorKey
from audit.leaf import SALT, commitment
from audit.leafcheck import leaf_fault
from audit.sealing import SealedRecord, epoch_key, open_part, side_digest

__all__ = ["Opened", "Opener", "expected_parts", "open_entry"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Opened:
    """An entry's sealed parts, opened; a part that is absent or erased is none."""

    leaf: dict[str, Json]
    missing: tuple[str, ...]
    """Parts that should hold something and do not: absent, erased or empty."""
    parts: dict[str, dict[str, Json] | None]
    decoys: int
    """Commitments in the leaf that nothing opened stands for."""


class Opener:
    """Opens entries of one log with one auditor's key; asks for each epoch's keys once.

    What it is given as a leaf was checked already.
    """

    def __init__(self, keep: Keep, *, origin: str, key: AuditorKey) -> None:
        """Take the store, the log's name and the key."""
        self._keep = keep
        self._origin = origin
        self._key = key
        self._ciphers: dict[tuple[bytes, str], AESGCM] = {}

    def open(
        self, leaf: bytes, record: bytes, *, asked: Sequence[str] = PARTS
    ) -> Opened:
        """Open the parts that are asked for of a sealed record.

        Raises:
            Malformed: the record, its epoch or a part does not read.
            CannotTell: the epoch's keys are gone, or not sealed to this auditor.
            ProofInvalid: a digest, a commitment or a key does not hold.
        """
        fault, members = leaf_fault(leaf)
        if fault:
            raise Malformed("leaf", fault)
        sealed = SealedRecord.parse(record)
        committed = set(members["_sd"])
        parts: dict[str, dict[str, Json] | None] = {}
        sides = zip(PARTS, sealed.parts, members["side"], strict=True)
        for part, data, side in sides:
            if part not in asked:
                continue
            if not data:
                parts[part] = None
                continue
            if side_digest(data).hex() != side:
                raise ProofInvalid(f"part {part} is not the one that the leaf names")
            plain = open_part(
                self._cipher(sealed.epoch, part),
                data,
                origin=self._origin,
                epoch=sealed.epoch,
                part=part,
            )
            parts[part] = _disclosed(part, plain, committed)
        expected = [part for part in expected_parts(members) if part in asked]
        return Opened(
            leaf=members,
            missing=tuple(part for part in expected if not parts[part]),
            parts=parts,
            decoys=len(committed),
        )

    def _cipher(self, epoch: bytes, part: str) -> AESGCM:
        if (epoch, part) not in self._ciphers:
            document = _epoch_document(self._keep, epoch)
            self._ciphers[epoch, part] = epoch_key(document, part, self._key)
        return self._ciphers[epoch, part]


def open_entry(
    keep: Keep, leaf: bytes, *, index: int, origin: str, key: AuditorKey
) -> Opened:
    """Open the sealed parts of entry ``index``, whose leaf was checked already.

    Raises:
        LogDamaged: there is no sealed record.
        Malformed, CannotTell, ProofInvalid: as :meth:`Opener.open`.
    """
    return Opener(keep, origin=origin, key=key).open(leaf, keep.record(index))


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
