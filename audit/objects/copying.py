"""Copies a log's live tree into a bucket: what is new since the copy's checkpoint.

Tiles and files before the checkpoint, so that whoever reads the copy never meets one
whose tiles are not there. The checkpoint is put in place of exactly the one that was
looked at; several processes may copy one log.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from audit.checkpoint import Checkpoint
from audit.elsewhere import Said, compare
from audit.errors import AuditError, LogDamaged, LogFailed, LogUnavailable
from audit.keep import Keep
from audit.note import Note
from audit.objects.bucket import Bucket, Place
from audit.proof import stored_root
from audit.reading import LiveSource
from audit.tiles import ENTRIES, WIDTH, Tile, tiles_of
from audit.treecheck import require_signed

__all__ = ["Copied", "copy", "said_by"]

_AT_ONCE = 8
_TRIES = 5
_CHECKPOINT = "checkpoint"


@dataclass(frozen=True, kw_only=True, slots=True)
class Copied:
    """What a copy came to: entries covered by its checkpoint, now and before."""

    size: int
    before: int


@dataclass(frozen=True, kw_only=True, slots=True)
class _View:
    """A log as it is now."""

    note: bytes
    size: int
    root: bytes


async def said_by(place: Place) -> Said | None:
    """Return the checkpoint that a bucket has; none if it has none.

    Raises:
        LogUnavailable: it can't be asked.
    """
    async with Bucket.open(place) as bucket:
        there = await bucket.get(_CHECKPOINT)
    return None if there is None else Said(where=place.name, note=there[0])


async def copy(keep: Keep, bucket: Bucket) -> Copied:
    """Bring a bucket's copy up to a store's live checkpoint.

    Raises:
        LogBehind, LogForked: the store does not continue what was copied from it.
        LogFailed: the copy holds something else than the store.
        LogDamaged: the store does not read.
        LogUnavailable: the bucket does not take it, or others copy all the time.
    """
    for _ in range(_TRIES):
        # The copy first: whatever it shows, the store had it before.
        there = await bucket.get(_CHECKPOINT)
        note, tag = there or (b"", None)
        view, before = await asyncio.to_thread(_looked, keep, bucket.place, note)
        # Witnesses may have signed it since: then the note has more lines.
        longer = view.note != note and view.note.startswith(note)
        if tag is not None and before == view.size and not longer:
            return Copied(size=view.size, before=before)
        await asyncio.to_thread(_require_signed, keep, view, before)
        await _make_all(keep, bucket, view, before)
        if await bucket.swap(_CHECKPOINT, view.note, tag):
            return Copied(size=view.size, before=before)
    raise LogUnavailable(f"others copy to {bucket.place.name} all the time")


def _looked(keep: Keep, place: Place, note: bytes) -> tuple[_View, int]:
    """Return the log, and how much of it a copy's checkpoint covers."""
    source, keys = keep.source(), keep.keyring()
    live = source.read(_CHECKPOINT)
    if live is None:
        raise LogDamaged("the store has no checkpoint")
    try:
        checkpoint = keys.open(live).checkpoint
    except AuditError as error:
        raise LogDamaged(f"the live checkpoint: {error}") from None
    size = checkpoint.size
    if not note:
        return _View(note=live, size=size, root=checkpoint.root), 0
    not_ours = compare(
        [Said(where=place.name, note=note)],
        keys,
        origin=checkpoint.origin,
        size=size,
        root_at=lambda at: stored_root(source, size, at),
    )
    if not_ours:
        raise LogFailed(not_ours[0])
    covered = Checkpoint.parse(Note.parse(note).text).size
    return _View(note=live, size=size, root=checkpoint.root), covered


def _require_signed(keep: Keep, view: _View, before: int) -> None:
    """Refuse to lock what was altered: nobody could mend it in the copy."""
    source = LiveSource(lambda path: keep.read(path, view.size))
    require_signed(source, size=view.size, root=view.root, since=before)


async def _make_all(keep: Keep, bucket: Bucket, view: _View, before: int) -> None:
    """Make every object of the tree that one of ``before`` entries does not have."""
    files = await asyncio.to_thread(keep.files)
    names = [(tile.path, tile.width == WIDTH) for tile in _fresh(view.size, before)]
    # A handover comes after its entry, which the copy may have had without it.
    names += [
        (name, True)
        for name, at in files.items()
        if at < view.size and (at >= before or name.startswith("handover/"))
    ]
    try:
        for some in _runs(names):
            async with asyncio.TaskGroup() as group:
                for name, locked in some:
                    made = _make(keep, bucket, name, view.size, locked=locked)
                    group.create_task(made)
    except ExceptionGroup as group_of_them:
        raise group_of_them.exceptions[0] from None


def _fresh(size: int, before: int) -> Iterator[Tile]:
    for tile in tiles_of(size):
        span = WIDTH ** (tile.level + 1)
        if tile.width == WIDTH and (tile.index + 1) * span <= before:
            continue
        yield tile
        if tile.level == 0:
            yield Tile(level=ENTRIES, index=tile.index, width=tile.width)


def _runs(names: Sequence[tuple[str, bool]]) -> Iterator[Sequence[tuple[str, bool]]]:
    for at in range(0, len(names), _AT_ONCE):
        yield names[at : at + _AT_ONCE]


async def _make(
    keep: Keep, bucket: Bucket, name: str, size: int, *, locked: bool
) -> None:
    # What is not full yet will be: only what lasts is locked.
    data = await asyncio.to_thread(keep.read, name, size)
    if data is None:
        raise LogDamaged(f"{name} is missing from the store")
    await bucket.make(name, data, locked=locked)
