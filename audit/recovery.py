"""Finds out at start what the log holds, from the disk alone.

The full bundles and the write-ahead file together are the log; everything else is
made again from them and compared. Two things refuse: less is stored than was already
signed (an old copy was put back), or something else than was signed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from audit.batch import Batch
from audit.elsewhere import rolled_back
from audit.errors import AuditError, LogDamaged, Malformed
from audit.folder import Folder
from audit.frames import frames
from audit.history import Past
from audit.integrator import Edge
from audit.keyring import Keyring
from audit.memory import Memory, Page, remembered
from audit.merkle import leaf_hash, root_of
from audit.regular import contents
from audit.stored import records_of
from audit.tiles import ENTRIES, WIDTH, Tile, entries_of, hashes_of
from audit.wal import Wal, stored_batches

__all__ = ["Recovered", "recover"]


@dataclass(kw_only=True, slots=True)
class Recovered:
    """What was found."""

    batches: list[Batch]
    """What the write-ahead file holds; the edge stands before the first of it."""
    edge: Edge
    size: int
    last_ms: int
    published: Past | None
    files: dict[str, int]
    pages: set[int]
    """First indices of the batches whose dedup keys are stored already."""
    root_at: Callable[[int], bytes]
    """Gives the root of the first so many entries."""


def recover(folder: Folder, *, wal: Wal, memory: Memory, keys: Keyring) -> Recovered:
    """Read the log back.

    Raises:
        LogDamaged: something stored does not read, or is not what was signed.
        LogBehind: less is stored than the checkpoint covers.
    """
    wal.mend()
    batches = list(stored_batches(folder.wal))
    start = batches[0].first if batches else 0
    published = _published(folder, keys)
    size = batches[-1].end if batches else 0
    root_at = partial(_root_at, folder, batches, start)
    if published is not None:
        _check_signed(start, size, published, root_at)
    pages = _learn(folder, memory, batches)
    return Recovered(
        batches=batches,
        edge=_edge(folder, start),
        size=size,
        last_ms=_last_ms(batches, published),
        published=published[0] if published else None,
        files=_files(folder),
        pages=pages,
        root_at=root_at,
    )


def _last_ms(batches: list[Batch], published: tuple[Past, bytes] | None) -> int:
    times = [batches[-1].ms, batches[-1].entries[-1].at_ms] if batches else [0]
    return max(*times, published[0].ms if published else 0)


def _published(folder: Folder, keys: Keyring) -> tuple[Past, bytes] | None:
    """Return the live checkpoint and its root; none if there never was one."""
    try:
        note = contents(folder.checkpoint)
    except FileNotFoundError:
        return None
    try:
        root = keys.open(note).checkpoint.root
        return Past.of(note, keys), root
    except AuditError as error:
        raise LogDamaged(f"the live checkpoint: {error}") from None


def _check_signed(
    start: int,
    size: int,
    published: tuple[Past, bytes],
    root_at: Callable[[int], bytes],
) -> None:
    past, root = published
    if past.size > size:
        raise rolled_back("the store's own checkpoint", past.size, size)
    if past.size < start // WIDTH * WIDTH:
        raise LogDamaged("the live checkpoint is older than the write-ahead file")
    if root_at(past.size) != root:
        raise LogDamaged("the stored entries are not those that were signed")


def _root_at(folder: Folder, batches: list[Batch], start: int, size: int) -> bytes:
    """Return the root of the first ``size`` entries, from full tiles and batches."""
    base = start // WIDTH * WIDTH
    if size < base:
        tree = _edge(folder, size // WIDTH * WIDTH).tree
        if size % WIDTH:
            hashes = _stored_hashes(folder, Tile(level=0, index=size // WIDTH))
            tree.add(hashes[: size % WIDTH])
        return tree.root()
    tree = _edge(folder, start, upto=size).tree
    for batch in batches:
        tree.add(batch.hashes[: max(0, size - batch.first)])
    return tree.root()


def _edge(folder: Folder, start: int, upto: int | None = None) -> Edge:
    """Return the edge as it was before entry ``start``, from full tiles alone."""
    base = start // WIDTH * WIDTH
    edge = Edge()
    edge.tree.resume(base, _edges(folder, base))
    if start != base:
        index = base // WIDTH
        bundle = Tile(level=ENTRIES, index=index)
        try:
            leaves = entries_of(contents(folder.tile(bundle)), WIDTH)
            records = records_of(contents(folder.sealed(index)))
        except (OSError, Malformed):
            raise LogDamaged(f"{bundle.path} is missing or does not read") from None
        edge.leaves = leaves[: start - base]
        edge.records = records[: start - base]
        upto = start if upto is None else upto
        edge.tree.add(map(leaf_hash, leaves[: min(start, upto) - base]))
    return edge


def _edges(folder: Folder, base: int) -> list[bytes]:
    edges = [b""]
    level = 1
    while base >> (8 * level):
        end = base >> (8 * level)
        first = end // WIDTH * WIDTH
        edges.append(
            b"".join(_above(folder, level - 1, index) for index in range(first, end))
        )
        level += 1
    return edges


def _above(folder: Folder, level: int, index: int) -> bytes:
    return root_of(_stored_hashes(folder, Tile(level=level, index=index)))


def _stored_hashes(folder: Folder, tile: Tile) -> list[bytes]:
    try:
        return hashes_of(contents(folder.tile(tile)))
    except (OSError, Malformed):
        raise LogDamaged(f"{tile.path} is missing or does not read") from None


def _mended(path: Path) -> list[bytes]:
    """Return the bodies of a file of frames; cut off what a crash left at its end."""
    if not path.exists():
        return []
    data = contents(path)
    bodies, end = frames(data, path.name)
    if end != len(data):
        with path.open("r+b") as file:
            file.truncate(end)
            os.fsync(file.fileno())
    return bodies


def _learn(folder: Folder, memory: Memory, batches: list[Batch]) -> set[int]:
    pages: set[int] = set()
    for path in sorted(folder.dedup.iterdir()):
        for body in _mended(path):
            page = Page.parse(body)
            memory.learn(page)
            pages.add(page.first)
    for batch in batches:
        if (fresh := remembered(batch)) is not None:
            memory.learn(fresh)
    return pages


def _files(folder: Folder) -> dict[str, int]:
    lines = [json.loads(body) for body in _mended(folder.files)]
    return {line["name"]: line["index"] for line in lines}
