"""Checks a whole tree against a signed root and says where it was altered.

Everything is hashed again from the entries. If that gives the signed root, entries
are as they were, and each stored tile is compared with what it must be. If not, the
stored tiles are believed from the root downwards, as far as they hash to it; the
first hash that can be believed and differs from its entry names the entry.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from audit.bundles import BundleCheck, Doubt, check_bundles
from audit.errors import Malformed
from audit.forked import forked
from audit.leafcheck import LeafFacts
from audit.levels import Level, levels_above, root_over
from audit.locate import Finding, locate, stored_tile, tile_findings
from audit.merkle import HASH_SIZE
from audit.reading import Source, read_tile
from audit.tiles import ENTRIES, WIDTH, Tile, tiles_of
from audit.treefile import cut

__all__ = ["TreeCheck", "check_tree"]

# Bundles a process takes at a time: enough to make handing over cheap.
_RUN = 64


@dataclass(frozen=True, kw_only=True, slots=True)
class TreeCheck:
    """The outcome of a full check."""

    size: int
    levels: list[Level]
    """Hashes of level 1 and up, and at level 0 those of the unfinished bundle."""
    findings: tuple[Finding, ...]
    facts: LeafFacts
    reaches: int
    """How many entries the tiles are of, as far as that can be known."""

    def root_at(self, size: int, source: Source) -> bytes:
        """Return the root of the tree's first ``size`` entries."""
        base = size // WIDTH
        levels = levels_above(self.levels[1][:base])
        if size % WIDTH:
            tile = Tile(level=0, index=base, width=size % WIDTH)
            data = self.levels[0]
            hashes = (
                data[: size % WIDTH]
                if base == self.size // WIDTH
                else _split(read_tile(source, tile) or b"")
            )
            levels[0] = hashes
        return root_over(levels)


def _split(data: bytes) -> Level:
    return [data[i : i + HASH_SIZE] for i in range(0, len(data), HASH_SIZE)]


def check_tree(
    source: Source,
    *,
    size: int,
    root: bytes,
    leaves: bool = True,
    jobs: int = 1,
    progress: Callable[[int], None] = lambda _: None,
) -> TreeCheck:
    """Hash everything again and compare it with a signed root.

    Raises:
        SourceUnreadable: the log could not be read; that says nothing about it.
    """
    check = _all_bundles(source, size=size, leaves=leaves, jobs=jobs, progress=progress)
    levels = levels_above(check.roots)
    levels[0] = list(check.last)
    whole = not any(doubt.bundle_fault for doubt in check.doubts)
    if whole and root_over(levels) == root:
        findings = _tiles(source, size, levels, check.doubts)
    else:
        findings = locate(
            source, size=size, root=root, levels=levels, doubts=check.doubts
        )
    reaches = size
    if not findings:
        others = _others(source, size)
        findings, reaches = others.findings, others.reaches
    return TreeCheck(
        size=size,
        levels=levels,
        findings=tuple(findings),
        facts=check.facts,
        reaches=reaches,
    )


def _all_bundles(
    source: Source,
    *,
    size: int,
    leaves: bool,
    jobs: int,
    progress: Callable[[int], None],
) -> BundleCheck:
    count = -(-size // WIDTH)
    if jobs <= 1 or count <= _RUN:
        return check_bundles(
            source, range(count), size=size, leaves=leaves, progress=progress
        )
    # Each process takes every n-th run, so that all end at about the same time.
    runs = [range(i, min(count, i + _RUN)) for i in range(0, count, _RUN)]
    parts: dict[int, BundleCheck] = {}

    def work(mine: range, told: Callable[[int], None]) -> dict[int, BundleCheck]:
        return {
            number: check_bundles(
                source, runs[number], size=size, leaves=leaves, progress=told
            )
            for number in mine
        }

    children = [
        forked(partial(work, range(job, len(runs), jobs), lambda _: None))
        for job in range(1, jobs)
    ]
    parts |= work(range(0, len(runs), jobs), progress)
    for job, child in enumerate(children, 1):
        parts |= child()
        mine = range(job, len(runs), jobs)
        progress(
            sum(min(size, runs[n].stop * WIDTH) - runs[n].start * WIDTH for n in mine)
        )
    return _joined([parts[number] for number in range(len(runs))])


def _joined(parts: Sequence[BundleCheck]) -> BundleCheck:
    facts = LeafFacts()
    for part in parts:
        facts.add(part.facts)
    return BundleCheck(
        roots=tuple(root for part in parts for root in part.roots),
        last=parts[-1].last,
        doubts=tuple(doubt for part in parts for doubt in part.doubts),
        facts=facts,
    )


def _tiles(
    source: Source, size: int, levels: Sequence[Level], doubts: Sequence[Doubt]
) -> list[Finding]:
    """Compare every tile with what the entries, which are as signed, make of it."""
    findings: list[Finding] = []
    for doubt in doubts:
        tile = Tile(level=0, index=doubt.index, width=doubt.width)
        findings += tile_findings(tile, doubt.tile, doubt.tile_fault, doubt.entries)
    for tile in tiles_of(size):
        if tile.level == 0:
            continue
        start = tile.index * WIDTH
        right = levels[tile.level][start : start + tile.width]
        stored, fault = stored_tile(source, tile)
        if stored != right:
            findings += tile_findings(tile, stored, fault, right)
    return findings


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
        others.findings.append(Finding(where=error.detail, reason=reason))
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
    return [Finding(where=tile.path, reason=reason, index=index)]


def _entry_of(bundle: bytes, at: int) -> int:
    """Return in which entry of a bundle a byte lies."""
    place, end = 0, 0
    while end < len(bundle):
        end += 2 + int.from_bytes(bundle[end : end + 2], "big")
        if at < end:
            break
        place += 1
    return place
