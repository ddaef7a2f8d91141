"""Checks what a store keeps beside its public tree; needs no key.

Each sealed part must be the one whose digest the leaf names, and each epoch's keys
must be there. Whether they open, only an auditor's key can tell.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from audit.encoding import decode
from audit.entry import PARTS
from audit.errors import Malformed
from audit.keep import Keep
from audit.locate import Finding
from audit.opening import expected_parts
from audit.reading import Source, read_tile
from audit.report import Report
from audit.salvage import MISSING
from audit.sealing import SealedRecord, epoch_fault, side_digest
from audit.tiles import ENTRIES, WIDTH, Tile, entries_of

__all__ = ["check_store"]


def check_store(keep: Keep, report: Report) -> None:
    """Compare the sealed records with the leaves; tell the report.

    ``report`` must come from a verification of the store's tree that found nothing.
    """
    check = _Check(keep=keep, report=report)
    check.lost()
    for number, leaves in _bundles(keep.source(), int(report.facts["entries"])):
        check.bundle(number, leaves)
    check.end(str(report.facts["origin"]))


def _bundles(source: Source, size: int) -> Iterator[tuple[int, list[bytes]]]:
    for number in range(-(-size // WIDTH)):
        width = min(WIDTH, size - number * WIDTH)
        tile = Tile(level=ENTRIES, index=number, width=width)
        yield number, entries_of(read_tile(source, tile) or b"", width)


@dataclass(kw_only=True, slots=True)
class _Check:
    keep: Keep
    report: Report
    missing: list[int] = field(default_factory=list)
    absent: dict[str, list[int]] = field(default_factory=dict)
    epochs: dict[bytes, list[int]] = field(default_factory=dict)
    checked: int = 0

    def lost(self) -> None:
        """Say what does not read of the write-ahead folder."""
        for each in self.keep.lost():
            if each.reason == MISSING:
                self.report.doubts.append(f"{each.where}: {MISSING}")
            else:
                self._found(each.where, each.reason, each.first)

    def _found(self, where: str, reason: str, index: int) -> None:
        finding = Finding(where=where, reason=reason, index=index)
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
                self._record(index, leaf, records[index], where)
            else:
                self.missing.append(index)

    def _record(self, index: int, leaf: bytes, data: bytes, where: str) -> None:
        try:
            record = SealedRecord.parse(data)
        except Malformed as error:
            self._found(where, f"the sealed record does not read: {error}", index)
            return
        self.checked += 1
        members = decode(leaf)
        self.epochs.setdefault(record.epoch, []).append(index)
        sides, expected = members["side"], expected_parts(members)
        for part, sealed, side in zip(PARTS, record.parts, sides, strict=True):
            if not sealed and part in expected:
                self.absent.setdefault(part, []).append(index)
            if sealed and side_digest(sealed).hex() != side:
                self._found(where, f"part {part} is not what the leaf names", index)

    def end(self, origin: str) -> None:
        """Say what is missing as a whole, and look at the epochs."""
        doubts = self.report.doubts
        if self.missing:
            doubts.append(f"no sealed record of entries {_ranges(self.missing)}")
        for part, indices in self.absent.items():
            doubts.append(f"part {part}: absent or erased in {_ranges(indices)}")
        for epoch, indices in self.epochs.items():
            self._epoch(epoch, indices, origin)
        self.report.facts["sealed_records"] = self.checked

    def _epoch(self, epoch: bytes, indices: list[int], origin: str) -> None:
        where = f"epochs/{epoch.hex()}.json"
        document = self.keep.epoch(epoch)
        if document is None:
            self.report.doubts.append(
                f"{where}: missing; nobody can open entries {_ranges(indices)}"
            )
        elif fault := epoch_fault(document, origin=origin, epoch=epoch):
            self._found(where, fault, indices[0])


def _ranges(indices: Sequence[int]) -> str:
    """Return ascending numbers as ``3, 7-9``, at most twenty of them."""
    runs: list[list[int]] = []
    for index in indices:
        if runs and runs[-1][1] == index - 1:
            runs[-1][1] = index
        else:
            runs.append([index, index])
    said = [str(a) if a == b else f"{a}-{b}" for a, b in runs[:20]]
    return ", ".join(said) + (", ..." if len(runs) > len(said) else "")
