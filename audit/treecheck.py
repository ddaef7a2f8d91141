"""Checks a tree, or a part of it, against its signed root: where was it altered?

Every entry of the part is hashed again. The hashes must be those that the signed root
vouches for (:mod:`audit.believed`), and so must each stored tile over them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from audit.believed import Believed, tile_findings
from audit.bundles import Bundle, Unread, read_bundle, spans_of, width_of
from audit.errors import LogDamaged, SourceUnreadable
from audit.finding import Finding, Kind
from audit.forked import shared
from audit.leaffacts import LeafFacts
from audit.locate import Judged, Moves, compared, contradicting, rewritten
from audit.others import Others
from audit.reading import Room, Source
from audit.tiles import ENTRIES, WIDTH, Tile

__all__ = ["TreeCheck", "check_tree", "require_signed"]

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
    """What the leaves tell; all only where nothing was found and nothing is unknown."""
    reaches: int
    """How many entries the tiles are of, as far as that can be known."""
    stopped: bool = False
    """Whether so much was found that the rest was not read."""
    unread: tuple[str, ...] = ()
    """Why something could not be read, file by file."""


def check_tree(
    source: Source,
    *,
    size: int,
    root: bytes,
    bundles: range,
    leaves: bool = True,
    told: int = 0,
    jobs: int = 1,
    progress: Callable[[int], None] = lambda _: None,
) -> TreeCheck:
    """Hash some bundles again, or all of them, and compare them with a signed root.

    Memory does not grow with the tree. What can't be read hides nothing of the rest.

    Args:
        source: the log.
        size: entries of the tree.
        root: what was signed.
        bundles: those to look at.
        leaves: whether to read what the entries say.
        told: what entries before this index say is known already.
        jobs: processes that share the work.
        progress: told how many entries were checked.

    Raises:
        SourceUnreadable: nothing of the log could be read; that says nothing about it.
    """
    believed = Believed(source, size=size, root=root)
    reader = _reader(source) if leaves else None
    check = _Check(
        source=source, size=size, believed=believed, reader=reader, told=told
    )
    lost: list[str] = []
    findings = [*_until_lost(believed.findings(bundles.start, bundles.stop), lost)]
    facts, moves, stopped = LeafFacts(), Moves(), False
    runs = range(bundles.start, bundles.stop, _RUN)

    def work(number: int) -> _Run:
        return check.run(range(runs[number], min(bundles.stop, runs[number] + _RUN)))

    for run in () if lost else shared(work, len(runs), jobs=jobs):
        for judged in run.judged:
            findings += moves.passed(judged)
        facts.add(run.facts)
        progress(run.entries)
        lost += run.lost
        if len(findings) + len(facts.faults) >= _ENOUGH:
            stopped = run.end < bundles.stop
        if stopped or lost:
            break
    found, unread = _told_apart(findings)
    # A tile that can't be read was made of what lies below it.
    remade = all(each.kind is Kind.TILE_CHANGED for each in unread)
    facts.whole = remade and not lost
    others = Others(reaches=size)
    every = range(-(-size // WIDTH))
    if not found and not lost and bundles == every:
        others.look(source, size)
    return TreeCheck(
        believed=believed,
        findings=(*found, *others.findings),
        facts=facts,
        reaches=max(size, others.reaches),
        stopped=stopped,
        unread=(*(str(each.reason) for each in unread), *lost, *others.unread),
    )


def require_signed(source: Source, *, size: int, root: bytes, since: int) -> None:
    """Refuse a tree whose entries from ``since`` on are not those that were signed.

    Whoever copies it would make of what was altered something that never changes.

    Raises:
        LogDamaged: they are not, or do not read.
    """
    part = range(since // WIDTH, -(-size // WIDTH))
    check = check_tree(source, size=size, root=root, bundles=part, leaves=False)
    found = [each.line for each in check.findings]
    for line in (*found, *check.unread):
        raise LogDamaged(f"{line}; nothing was copied")


def _until_lost(found: Iterator[Finding], lost: list[str]) -> Iterator[Finding]:
    """Yield what is found until the log can't be reached any more, which is told."""
    try:
        yield from found
    except SourceUnreadable as error:
        lost.append(str(error))


def _told_apart(findings: Sequence[Finding]) -> tuple[list[Finding], list[Finding]]:
    """Return what was found, and what only could not be read."""
    found: list[Finding] = []
    unread: list[Finding] = []
    for each in findings:
        (unread if isinstance(each.reason, Unread) else found).append(each)
    return found, unread


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
    lost: list[str]
    """Why the log could not be reached any more, if so."""


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
        facts, entries, lost = LeafFacts(), 0, list[str]()
        for index in indices:
            try:
                bundle = read_bundle(self.source, index, self.size, self.room)
                judged.append(self._judged(bundle))
            except SourceUnreadable as error:
                lost.append(str(error))
                break
            if self.reader is not None and not bundle.fault:
                first = index * WIDTH
                skipped = max(0, self.told - first)
                news = bundle.entries[skipped:]
                facts.add(self.reader(first + skipped, news))
            entries += width_of(index, self.size)
        return _Run(
            judged=judged, facts=facts, entries=entries, end=indices.stop, lost=lost
        )

    def _judged(self, bundle: Bundle) -> Judged | None:
        if bundle.agrees and self.believed.holds(bundle):
            return None
        right = self.believed.tile(0, bundle.index)
        if right is not None:
            return _told(bundle, right)
        if isinstance(bundle.fault, Unread):
            return self._unread(bundle)
        unread = isinstance(bundle.tile_fault, Unread)
        if not bundle.agrees and not unread:
            return contradicting(bundle)
        if self.believed.node(1, bundle.index) is not None:
            return rewritten(bundle)
        return _unread(bundle) if unread else None

    def _unread(self, bundle: Bundle) -> Judged:
        """Return that a bundle can't be judged; the tile beside it may be altered."""
        judged, tile = _unread(bundle), Tile(level=0, index=bundle.index)
        known = self.believed.node(1, bundle.index) is not None
        if isinstance(bundle.tile_fault, Unread) or not known:
            return judged
        reason = bundle.tile_fault or "not the hashes that were signed"
        kind = Kind.TILE_CHANGED
        found = Finding(where=tile.path, reason=reason, kind=kind)
        return Judged(findings=(found, *judged.findings))


def _unread(bundle: Bundle) -> Judged:
    """Return that nothing can be told of a bundle."""
    where = Tile(level=ENTRIES, index=bundle.index, width=bundle.width).path
    findings = [
        Finding(where=where, reason=fault, kind=Kind.BUNDLE_CHANGED)
        for fault in (bundle.fault, bundle.tile_fault)
        if isinstance(fault, Unread)
    ]
    return Judged(findings=tuple(findings))


def _told(bundle: Bundle, right: bytes) -> Judged:
    """Compare a bundle and its tile with the right hashes."""
    tile = Tile(level=0, index=bundle.index, width=bundle.width)
    judged = Judged(findings=())
    if isinstance(bundle.fault, Unread):
        judged = _unread(bundle)
    elif bundle.fault or bundle.hashes != right:
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
