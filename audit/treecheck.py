"""Checks a tree, or a part of it, against its signed root: where was it altered?

Every entry of the part is hashed again. The hashes must be those that the signed root
vouches for (:mod:`audit.believed`), and so must each stored tile over them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from audit.believed import Believed, tile_findings
from audit.bundles import Bundle, read_bundle, spans_of, width_of
from audit.errors import Malformed
from audit.finding import Finding, Kind
from audit.forked import shared
from audit.leaffacts import LeafFacts
from audit.locate import Judged, Moves, compared, contradicting, rewritten
from audit.merkle import HASH_SIZE
from audit.reading import Room, Source, read_tile
from audit.tiles import ENTRIES, WIDTH, Tile
from audit.treefile import cut

__all__ = ["TreeCheck", "check_tree"]

Reader = Callable[[int, Sequence[bytes]], LeafFacts]
# Bundles a process takes at a time: enough to make handing over cheap.
_RUN = 16
_ENOUGH = 1000
"""Findings after which nothing more is read."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TreeCheck:
    """The outcome of a check."""

    believed: Believed
    findings: tuple[Finding, ...]
    facts: LeafFacts
    """What the leaves tell; whole only where nothing was found."""
    reaches: int
    """How many entries the tiles are of, as far as that can be known."""
    stopped: bool = False
    """Whether so much was found that the rest was not read."""


def check_tree(
    source: Source,
    *,
    size: int,
    root: bytes,
    bundles: range | None = None,
    leaves: bool = True,
    told: int = 0,
    jobs: int = 1,
    progress: Callable[[int], None] = lambda _: None,
) -> TreeCheck:
    """Hash everything again, or some bundles, and compare it with a signed root.

    Memory does not grow with the tree.

    Args:
        source: the log.
        size: entries of the tree.
        root: what was signed.
        bundles: those to look at; all of them where none are named.
        leaves: whether to read what the entries say.
        told: what entries before this index say is known already.
        jobs: processes that share the work.
        progress: told how many entries were checked.

    Raises:
        SourceUnreadable: the log could not be read; that says nothing about it.
    """
    whole = range(-(-size // WIDTH))
    part = whole if bundles is None else bundles
    believed = Believed(source, size=size, root=root)
    reader = _reader(source) if leaves else None
    check = _Check(
        source=source, size=size, believed=believed, reader=reader, told=told
    )
    findings = [*believed.findings(part.start, part.stop)]
    facts, moves, stopped = LeafFacts(), Moves(), False
    runs = range(part.start, part.stop, _RUN)

    def work(number: int) -> _Run:
        return check.run(range(runs[number], min(part.stop, runs[number] + _RUN)))

    for run in shared(work, len(runs), jobs=jobs):
        for judged in run.judged:
            findings += moves.passed(judged)
        facts.add(run.facts)
        progress(run.entries)
        if len(findings) + len(facts.faults) >= _ENOUGH:
            stopped = run.end < part.stop
            break
    others = _Others(reaches=size)
    if not findings and part == whole:
        others = _others(source, size)
    return TreeCheck(
        believed=believed,
        findings=(*findings, *others.findings),
        facts=facts,
        reaches=max(size, others.reaches),
        stopped=stopped,
    )


def _reader(source: Source) -> Reader:
    """Return what reads what entries say."""
    # Only who wants to know waits for the modules that read them.
    from audit.leafcheck import facts_of  # noqa: PLC0415 - as said
    from audit.leafforms import Schemas  # noqa: PLC0415 - as said

    return partial(facts_of, forms_of=Schemas(source).of)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Run:
    """What a run of bundles came to; one verdict for each, none if it holds."""

    judged: list[Judged | None]
    facts: LeafFacts
    entries: int
    end: int


@dataclass(frozen=True, kw_only=True, slots=True)
class _Check:
    source: Source
    size: int
    believed: Believed
    reader: Reader | None
    """Reads what entries say, if anybody wants to know."""
    told: int
    room: Room = field(default_factory=Room)
    """One bundle's; each process that the work is shared with has its own."""

    def run(self, indices: range) -> _Run:
        """Check some bundles, one after the other."""
        judged: list[Judged | None] = []
        facts, entries = LeafFacts(), 0
        for index in indices:
            bundle = read_bundle(self.source, index, self.size, self.room)
            judged.append(self._judged(bundle))
            if self.reader is not None and not bundle.fault:
                first = index * WIDTH
                skipped = max(0, self.told - first)
                news = bundle.entries[skipped:]
                facts.add(self.reader(first + skipped, news))
            entries += width_of(index, self.size)
        return _Run(judged=judged, facts=facts, entries=entries, end=indices.stop)

    def _judged(self, bundle: Bundle) -> Judged | None:
        if bundle.agrees and self.believed.holds(bundle):
            return None
        right = self.believed.tile(0, bundle.index)
        if right is not None:
            return _told(bundle, right)
        if not bundle.agrees:
            return contradicting(bundle)
        known = self.believed.node(1, bundle.index)
        return None if known is None else rewritten(bundle)


def _told(bundle: Bundle, right: bytes) -> Judged:
    """Compare a bundle and its tile with the right hashes."""
    tile = Tile(level=0, index=bundle.index, width=bundle.width)
    judged = Judged(findings=())
    if bundle.fault or bundle.hashes != right:
        judged = compared(
            Tile(level=ENTRIES, index=bundle.index, width=bundle.width).path,
            bundle.index * WIDTH,
            bundle.hashes,
            right,
            fault=bundle.fault,
            spans=spans_of(bundle),
        )
    if bundle.tile == right:
        return judged
    altered = tile_findings(tile, bundle.tile, bundle.tile_fault, right)
    return Judged(
        findings=(*altered, *judged.findings), moved=judged.moved, whole=judged.whole
    )


@dataclass(kw_only=True, slots=True)
class _Others:
    """Tiles that lie there and are not in force."""

    findings: list[Finding] = field(default_factory=list)
    reaches: int = 0
    """How many entries the tiles there are of."""


def _others(source: Source, size: int) -> _Others:
    """Compare the tiles of earlier sizes that lie there with the ones in force."""
    others = _Others()
    try:
        for tile in source.tiles():
            if tile.level == 0:
                reach = tile.index * WIDTH + tile.width
                others.reaches = max(others.reaches, reach)
            here = size >> (8 * max(tile.level, 0))
            width = min(WIDTH, here - tile.index * WIDTH)
            # Those as wide are in force, and compared already; or of a later size.
            if tile.width < width:
                now = Tile(level=tile.level, index=tile.index, width=width)
                others.findings += _start_fault(source, tile, now)
    except Malformed as error:
        reason = "no file of a tree is named so"
        found = Finding(where=error.detail, reason=reason, kind=Kind.FILE_CHANGED)
        others.findings.append(found)
    return others


def _start_fault(source: Source, tile: Tile, now: Tile) -> list[Finding]:
    """Return where a tile of an earlier size is not the start of the one in force."""
    whole = read_tile(source, now)
    right = b"" if whole is None else cut(tile, whole)
    there = source.read(tile.path) or b""
    if there == right:
        return []
    pairs = enumerate(zip(there, right, strict=False))
    shorter = min(len(there), len(right))
    same = next((at for at, (one, other) in pairs if one != other), shorter)
    reason = f"not the start of the tile in force, from byte {same}"
    place = same // HASH_SIZE
    if tile.level == ENTRIES:
        place = _entry_of(right, same)
    index = tile.index * WIDTH + place if tile.level <= 0 else None
    kind = Kind.BUNDLE_CHANGED if tile.level == ENTRIES else Kind.TILE_CHANGED
    return [Finding(where=tile.path, reason=reason, index=index, kind=kind)]


def _entry_of(bundle: bytes, at: int) -> int:
    """Return in which entry of a bundle a byte lies."""
    place, end = 0, 0
    while end < len(bundle):
        end += 2 + int.from_bytes(bundle[end : end + 2], "big")
        if at < end:
            break
        place += 1
    return place
