"""Says what was done to the entries of a bundle, when they are not those signed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from audit.bundles import Bundle
from audit.finding import Finding, Kind, first_of
from audit.merkle import HASH_SIZE
from audit.tiles import ENTRIES, WIDTH, Tile

__all__ = ["Judged", "Moves", "compared", "contradicting", "rewritten"]

Hashes = Sequence[bytes]


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """What was found in one run of entries."""

    findings: tuple[Finding, ...]
    moved: bool = False
    """Whether all that follows in the run stands at another place."""
    whole: bool = False
    """Whether that is so from its first entry on."""


@dataclass(kw_only=True, slots=True)
class Moves:
    """Passes on what is found, and says but once that all that follows has moved."""

    _moved: bool = False

    def passed(self, judged: Judged | None) -> tuple[Finding, ...]:
        """Return what is news of the next run; none is given for one that holds."""
        before = self._moved
        self._moved = judged is not None and judged.moved
        if judged is None or (before and judged.whole):
            return ()
        return judged.findings


@dataclass(frozen=True, kw_only=True, slots=True)
class _Run:
    """Hashes of entries that are there, and those that were signed."""

    where: str
    first: int
    """Index of the first."""
    there: Hashes
    signed: Hashes

    def found(self, place: int, kind: Kind, reason: str) -> Finding:
        """Return a finding about one place of the run."""
        return Finding(
            where=self.where, reason=reason, index=self.first + place, kind=kind
        )


def _hashes(joined: bytes) -> Hashes:
    return [joined[at : at + HASH_SIZE] for at in range(0, len(joined), HASH_SIZE)]


def compared(
    where: str,
    first: int,
    there: bytes,
    signed: bytes,
    *,
    fault: str,
    spans: Sequence[tuple[int, int]],
) -> Judged:
    """Compare the entries of a file with those that were signed; they differ.

    Args:
        where: the file.
        first: index of its first entry.
        there: the hashes of its entries, joined.
        signed: the hashes that they must have.
        fault: why the file does not read to its end, or nothing.
        spans: first and last byte of each entry that is there.
    """
    run = _Run(where=where, first=first, there=_hashes(there), signed=_hashes(signed))
    start = _same(run.there, run.signed)
    if start == len(run.there) and fault:
        return _broken_off(run, start, fault)
    tail = _same(run.there[start:][::-1], run.signed[start:][::-1])
    there_end, signed_end = len(run.there) - tail, len(run.signed) - tail
    if there_end <= start:
        return _removed(run, start, signed_end)
    if sorted(run.there[start:there_end]) == sorted(run.signed[start:signed_end]):
        return _reordered(run, start, signed_end)
    ways = ((run.there, run.signed, _removed), (run.signed, run.there, _inserted))
    for one, other, told in ways:
        if _shifted(one[start:], other[start:]):
            return told(run, start, start + 1, moved=True)
    return _changed(run, spans, fault)


def _same(one: Hashes, other: Hashes) -> int:
    """Return how many hashes two lists have in common from their start."""
    pairs = enumerate(zip(one, other, strict=False))
    shorter = min(len(one), len(other))
    return next((place for place, (a, b) in pairs if a != b), shorter)


def _shifted(one: Hashes, other: Hashes) -> bool:
    """Whether one list is another without its first, and then goes on."""
    overlap = min(len(one), len(other) - 1)
    return overlap > 0 and list(one[:overlap]) == list(other[1 : overlap + 1])


def _removed(run: _Run, start: int, end: int, *, moved: bool = False) -> Judged:
    last = run.first + end - 1
    others = "" if end == start + 1 else f"up to entry {last} "
    after = "; what follows has moved up" if moved else ""
    finding = run.found(
        start, Kind.LEAF_REMOVED, f"{others}signed, and not there{after}"
    )
    return Judged(findings=(finding,), moved=moved, whole=start == 0)


def _inserted(run: _Run, start: int, _end: int, *, moved: bool) -> Judged:
    reason = (
        "an entry that was never signed before this one; what follows has moved down"
    )
    finding = run.found(start, Kind.LEAF_INSERTED, reason)
    return Judged(findings=(finding,), moved=moved, whole=start == 0)


def _reordered(run: _Run, start: int, end: int) -> Judged:
    last = run.first + end - 1
    reason = f"up to entry {last}: as signed, but in another order"
    return Judged(findings=(run.found(start, Kind.LEAVES_REORDERED, reason),))


def _changed(run: _Run, spans: Sequence[tuple[int, int]], fault: str) -> Judged:
    wrong = [
        place
        for place, right in enumerate(run.signed)
        if place >= len(run.there) or run.there[place] != right
    ]
    # One wrong length moves all that follows: only the first one is told.
    after = f"; the file {fault}" if fault else ""
    found = [
        run.found(place, Kind.LEAF_CHANGED, _not_signed(spans[place]) + after)
        for place in (wrong[:1] if fault else wrong)
    ]
    return Judged(findings=first_of(found))


def _not_signed(span: tuple[int, int]) -> str:
    first, last = span
    return f"not the entry that was signed (bytes {first}-{last})"


def _broken_off(run: _Run, place: int, fault: str) -> Judged:
    """Say where a file ends too early or goes on too long; up to there it holds."""
    cut = fault.startswith("ends")
    kind = Kind.BUNDLE_TRUNCATED if cut else Kind.BUNDLE_CHANGED
    index = run.first + place if place < len(run.signed) else None
    finding = Finding(where=run.where, reason=fault, index=index, kind=kind)
    return Judged(findings=(finding,))


def rewritten(bundle: Bundle) -> Judged:
    """Say that a bundle and its tile agree and are not what was signed."""
    first = bundle.index * WIDTH
    last = first + bundle.width - 1
    finding = Finding(
        where=_path(bundle),
        reason=f"entries {first}-{last} and their hashes were both rewritten",
        index=first,
        kind=Kind.TREE_REWRITTEN,
    )
    return Judged(findings=(finding,))


def contradicting(bundle: Bundle) -> Judged:
    """Say that a bundle and its tile differ where nobody knows which was signed."""
    tile = Tile(level=0, index=bundle.index, width=bundle.width)
    first = bundle.index * WIDTH
    last = first + bundle.width - 1
    findings = [
        Finding(
            where=_path(bundle),
            reason=bundle.fault or f"entries {first}-{last} do not fit {tile.path}",
            index=first,
            kind=Kind.BUNDLE_CHANGED,
        )
    ]
    if bundle.tile_fault:
        findings.append(
            Finding(where=tile.path, reason=bundle.tile_fault, kind=Kind.TILE_CHANGED)
        )
    return Judged(findings=tuple(findings))


def _path(bundle: Bundle) -> str:
    return Tile(level=ENTRIES, index=bundle.index, width=bundle.width).path
