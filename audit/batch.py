"""One commit batch: entries that became durable together."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from audit.encoding import Json, decode, encode
from audit.entry import DIGEST, Dedup, Known
from audit.errors import LogDamaged
from audit.merkle import leaf_hash, root_and_path, root_and_paths
from audit.receipt import Receipt, Statement
from audit.signer import Signer

__all__ = ["Batch", "Stored", "basis_of", "receipt_of", "receipts_of"]

_BASIS = ("manifest", "policy")

_BATCH = struct.Struct(">QQH")
_ENTRY = struct.Struct(">QBHIH")
_FILE = struct.Struct(">HI")


@dataclass(frozen=True, kw_only=True, slots=True)
class Stored:
    """One entry as it is kept: public leaf, sealed record, exact time, dedup."""

    leaf: bytes
    record: bytes
    at_ms: int
    dedup: Dedup | None
    files: Mapping[str, bytes]
    basis: bytes = b""
    """What a dedup key's page says of the leaf (:func:`basis_of`), if there is one."""
    turn: int | None = None
    """In whose turn it must be written; not stored."""

    def known(self, receipt: Receipt) -> Known:
        """Return what stands under its dedup key, now that it has a receipt."""
        dedup = cast("Dedup", self.dedup)
        return Known(
            receipt=receipt,
            request=dedup.request,
            content=dedup.content,
            public=decode(self.basis),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """Entries ``first`` and following, committed at ``ms``."""

    first: int
    ms: int
    entries: tuple[Stored, ...]
    hashes: tuple[bytes, ...]

    @property
    def end(self) -> int:
        """The index after the last entry."""
        return self.first + len(self.entries)

    def receipts(self, *, origin: str, signer: Signer) -> list[Receipt]:
        """Return each entry's receipt; the same batch always gives the same."""
        leaves = [entry.leaf for entry in self.entries]
        return receipts_of(
            self.first,
            self.ms,
            self.hashes,
            origin=origin,
            signer=signer,
            leaves=leaves,
        )

    def pack(self) -> bytes:
        """Return the bytes for the write-ahead file."""
        out = [_BATCH.pack(self.first, self.ms, len(self.entries))]
        for entry in self.entries:
            dedup = entry.dedup
            out += (
                _ENTRY.pack(
                    entry.at_ms,
                    dedup is not None,
                    len(entry.leaf),
                    len(entry.record),
                    len(entry.files),
                ),
                entry.leaf,
                entry.record,
            )
            if dedup is not None:
                out += (dedup.key, dedup.request, dedup.content)
            for name, data in entry.files.items():
                out += (_FILE.pack(len(name), len(data)), name.encode(), data)
        return b"".join(out)

    @classmethod
    def parse(cls, body: bytes) -> Batch:
        """Read a batch back; ``LogDamaged`` if it is none."""
        try:
            reader = _Reader(body)
            first, ms, count = _BATCH.unpack(reader.take(_BATCH.size))
            entries = tuple(_entry(reader) for _ in range(count))
            reader.end()
        except (struct.error, ValueError, AttributeError, TypeError):
            raise LogDamaged("a batch that does not read") from None
        hashes = tuple(leaf_hash(entry.leaf) for entry in entries)
        return cls(first=first, ms=ms, entries=entries, hashes=hashes)


class _Reader:
    """Takes bytes from the front; short input is a ``struct.error`` as elsewhere."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, length: int) -> bytes:
        start, self._at = self._at, self._at + length
        if self._at > len(self._data):
            raise struct.error
        return self._data[start : self._at]

    def end(self) -> None:
        if self._at != len(self._data):
            raise struct.error


def _entry(reader: _Reader) -> Stored:
    at_ms, marked, leaf, record, files = _ENTRY.unpack(reader.take(_ENTRY.size))
    leaf_bytes, record_bytes = reader.take(leaf), reader.take(record)
    dedup = None
    if marked:
        key, request, content = (reader.take(DIGEST) for _ in range(3))
        dedup = Dedup(key=key, request=request, content=content)
    attached: dict[str, bytes] = {}
    for _ in range(files):
        name, length = _FILE.unpack(reader.take(_FILE.size))
        # Apart, because an assignment takes its right side first.
        path = reader.take(name).decode()
        attached[path] = reader.take(length)
    return Stored(
        leaf=leaf_bytes,
        record=record_bytes,
        at_ms=at_ms,
        dedup=dedup,
        files=attached,
        basis=b"" if dedup is None else basis_of(decode(leaf_bytes)),
    )


def basis_of(public: Mapping[str, Json]) -> bytes:
    """Return the canonical policy and manifest members of a leaf."""
    return encode({name: public[name] for name in _BASIS if name in public})


def receipts_of(
    first: int,
    ms: int,
    hashes: tuple[bytes, ...],
    *,
    origin: str,
    signer: Signer,
    leaves: Sequence[bytes] | None = None,
) -> list[Receipt]:
    """Return the receipts of a batch whose leaf hashes are known.

    Each has its leaf beside it where ``leaves`` are given.
    """
    root, paths = root_and_paths(hashes)
    statement = Statement(
        origin=origin, first=first, count=len(hashes), root=root, ms=ms
    )
    note = statement.signed(signer)
    beside: Sequence[bytes | None] = leaves or [None] * len(hashes)
    return [
        Receipt(index=index, leaf_hash=each, path=path, note=note, leaf=leaf)
        for index, (each, path, leaf) in enumerate(
            zip(hashes, paths, beside, strict=True), start=first
        )
    ]


def receipt_of(
    place: int,
    first: int,
    ms: int,
    hashes: tuple[bytes, ...],
    *,
    origin: str,
    signer: Signer,
) -> Receipt:
    """Return one receipt of a batch, as ``receipts_of`` has it at that place.

    Who asks again asks for one: what the others need is not made.
    """
    root, path = root_and_path(hashes, place)
    statement = Statement(
        origin=origin, first=first, count=len(hashes), root=root, ms=ms
    )
    note = statement.signed(signer)
    return Receipt(index=first + place, leaf_hash=hashes[place], path=path, note=note)
