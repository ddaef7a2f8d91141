"""Checks what a store keeps beside its public tree; needs no key.

Each sealed part must be the one whose digest the leaf names, and each epoch's keys
must be there. Whether they open, only an auditor's key can tell.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from audit.encoding import Json, decode
from audit.entry import PARTS
from audit.errors import Malformed, SourceUnreadable
from audit.finding import Finding, Kind
from audit.keep import Keep
from audit.opening import expected_parts
from audit.reading import Source, read_tile
from audit.report import Report
from audit.sealing import SealedRecord, epoch_fault, side_digest
from audit.tiles import ENTRIES, WIDTH, Tile, entries_of

__all__ = ["Ranges", "check_store"]

_MOST = 20


def check_store(keep: Keep, report: Report, *, first: int = 0) -> None:
    """Compare the sealed records with the leaves; tell the report.

    ``report`` must come from a verification of the store's tree that found nothing;
    ``first`` is the first bundle that is looked at.
    """
    check = _Check(keep=keep, report=report)
    check.lost()
    size = int(report.facts["entries"])
    for number, leaves in _bundles(keep.source(), first, size):
        try:
            check.bundle(number, leaves)
        except SourceUnreadable as error:
            report.doubt(str(error))
    check.end(str(report.facts["origin"]))


def _bundles(
    source: Source, first: int, size: int
) -> Iterator[tuple[int, list[bytes]]]:
    for number in range(first, -(-size // WIDTH)):
        width = min(WIDTH, size - number * WIDTH)
        tile = Tile(level=ENTRIES, index=number, width=width)
        yield number, entries_of(read_tile(source, tile) or b"", width)


@dataclass(kw_only=True, slots=True)
class Ranges:
    """Ascending numbers, held as runs: few, however many they are."""

    _runs: list[list[int]] = field(default_factory=list)

    def add(self, number: int) -> None:
        """Add a number that is larger than all before."""
        if self._runs and self._runs[-1][1] == number - 1:
            self._runs[-1][1] = number
        else:
            self._runs.append([number, number])

    def __bool__(self) -> bool:
        return bool(self._runs)

    @property
    def first(self) -> int:
        """The smallest."""
        return self._runs[0][0]

    @property
    def text(self) -> str:
        """The numbers as ``3, 7-9``, at most twenty runs of them."""
        said = [str(a) if a == b else f"{a}-{b}" for a, b in self._runs[:_MOST]]
        return ", ".join(said) + (", ..." if len(self._runs) > _MOST else "")


@dataclass(kw_only=True, slots=True)
class _Check:
    keep: Keep
    report: Report
    missing: Ranges = field(default_factory=Ranges)
    absent: dict[str, Ranges] = field(default_factory=dict)
    epochs: dict[bytes, Ranges] = field(default_factory=dict)
    checked: int = 0

    def lost(self) -> None:
        """Say what does not read of the write-ahead folder."""
        for each in self.keep.lost():
            if each.unread:
                self.report.doubts.append(f"{each.where}: {each.reason}")
            else:
                self._found(each.where, each.reason, each.first)

    def _found(
        self, where: str, reason: str, index: int, kind: Kind = Kind.STORE_CHANGED
    ) -> None:
        finding = Finding(where=where, reason=reason, index=index, kind=kind)
        self.report.findings.append(finding)

    def bundle(self, number: int, leaves: Sequence[bytes]) -> None:
        """Check the sealed records beside one bundle."""
        first = number * WIDTH
        for index, leaf in self.keep.doubles(number):
            if index - first < len(leaves) and leaf != leaves[index - first]:
                self._found("wal", "holds another entry than the tree", index)
        where, records = self.keep.records(number)
        for index, leaf in enumerate(leaves, first):
            if index in records:
                self._record(index, decode(leaf), records[index], where, leaves)
            else:
                self.missing.add(index)

    def _record(
        self,
        index: int,
        members: dict[str, Json],
        data: bytes,
        where: str,
        leaves: Sequence[bytes],
    ) -> None:
        try:
            record = SealedRecord.parse(data)
        except Malformed as error:
            reason = f"the sealed record does not read: {error}"
            self._found(where, reason, index, Kind.SIDECAR_CHANGED)
            return
        self.checked += 1
        self.epochs.setdefault(record.epoch, Ranges()).add(index)
        sides, expected = members["side"], expected_parts(members)
        for part, sealed, side in zip(PARTS, record.parts, sides, strict=True):
            if not sealed and part in expected:
                self.absent.setdefault(part, Ranges()).add(index)
            digest = side_digest(sealed).hex()
            if sealed and digest != side:
                other = _named_by(digest, leaves)
                if other is None:
                    reason, kind = "what the leaf names", Kind.SIDECAR_CHANGED
                else:
                    name = f"entry {index // WIDTH * WIDTH + other}"
                    reason, kind = f"its own but that of {name}", Kind.SIDECAR_SWAPPED
                self._found(where, f"part {part} is not {reason}", index, kind)

    def end(self, origin: str) -> None:
        """Say what is missing as a whole, and look at the epochs."""
        doubts = self.report.doubts
        if self.missing:
            doubts.append(f"no sealed record of entries {self.missing.text}")
        for part, indices in self.absent.items():
            doubts.append(f"part {part}: absent or erased in {indices.text}")
        for epoch, indices in self.epochs.items():
            self._epoch(epoch, indices, origin)
        self.report.facts["sealed_records"] = self.checked

    def _epoch(self, epoch: bytes, indices: Ranges, origin: str) -> None:
        where = f"epochs/{epoch.hex()}.json"
        try:
            document = self.keep.epoch(epoch)
        except SourceUnreadable as error:
            self.report.doubt(str(error))
            return
        if document is None:
            self.report.doubts.append(
                f"{where}: missing; nobody can open entries {indices.text}"
            )
        elif fault := epoch_fault(document, origin=origin, epoch=epoch):
            self._found(where, fault, indices.first)


def _named_by(digest: str, leaves: Sequence[bytes]) -> int | None:
    """Return the place of the leaf that names a sealed part, of one bundle's."""
    places = enumerate(leaves)
    return next((at for at, leaf in places if digest in decode(leaf)["side"]), None)
