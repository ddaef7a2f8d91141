"""The delayed copy of a log that a web server may show to everybody."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from audit.disk import no_faults, replace, sync_folder, write_once
from audit.errors import AuditError, CannotTell, LogDamaged, LogFailed
from audit.folder import Folder
from audit.history import Past, shown
from audit.integrator import drop_outgrown
from audit.keep import FolderKeep, Keep
from audit.keyring import Keyring
from audit.proof import stored_root
from audit.reading import LiveSource
from audit.tiles import ENTRIES, WIDTH, Tile, tiles_of
from audit.treecheck import require_signed

__all__ = ["Published", "publish"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Published:
    """What a publication came to: entries shown now, and shown before."""

    size: int
    before: int
    young: int = 0
    """Entries that are signed and not older than the log's delay."""
    delay_ms: int = 0


def publish(store: Path | Keep, target: Path, *, now_ms: int) -> Published:
    """Bring ``target`` up to the last checkpoint older than the store's delay.

    May run while the log is written. Tiles come before the checkpoint, so that a
    reader never meets a checkpoint whose tiles are not there.

    Raises:
        CannotTell: ``target`` lies in the store, which is private, or the store in it.
        LogMissing, LogDamaged: the store does not read.
        LogFailed: ``target`` shows something that the store does not continue.
    """
    keep = FolderKeep(Folder(root=store)) if isinstance(store, Path) else store
    _refuse_inside(keep, target)
    delay_ms = keep.state()["public_delay_ms"]
    keys = keep.keyring()
    *kept, live = keep.past(keys)
    view = shown(kept, live, delay_ms, now_ms)
    before = _shown(keep, target, keys, view)
    root = keys.open(view.note).checkpoint.root
    source = LiveSource(lambda path: keep.read(path, view.size))
    require_signed(source, size=view.size, root=root, since=before)
    for tile in _tiles(view.size):
        path = target / tile.path
        _copy(keep, tile.path, path, view.size)
        if tile.width == WIDTH:
            drop_outgrown(path)
    for name, index in keep.files().items():
        if index < view.size:
            _copy(keep, name, target / name, view.size)
    target.mkdir(parents=True, exist_ok=True)
    replace(target / "checkpoint", view.note, faults=no_faults)
    young = live.size - view.size
    return Published(size=view.size, before=before, young=young, delay_ms=delay_ms)


def _refuse_inside(keep: Keep, target: Path) -> None:
    """Refuse a public folder in the private one, and the other way round.

    What is public would lie among what is private, and be served with it.
    """
    if isinstance(keep, FolderKeep):
        store, public = keep.folder.root.resolve(), target.resolve()
        if public.is_relative_to(store):
            where = f"{target} lies in the store {store.name}, which is private"
        elif store.is_relative_to(public):
            where = f"the store {store.name}, which is private, lies in {target}"
        else:
            return
        raise CannotTell(f"{where}; name a folder of its own for what is public")


def _shown(keep: Keep, target: Path, keys: Keyring, view: Past) -> int:
    """Return how much ``target`` shows; refuse if the store does not continue it."""
    try:
        there = keys.open((target / "checkpoint").read_bytes()).checkpoint
    except FileNotFoundError:
        return 0
    except AuditError as error:
        raise LogFailed(f"{target.name}/checkpoint: {error}") from None
    size, live = there.size, keep.source()
    if size > view.size or stored_root(live, view.size, size) != there.root:
        raise LogFailed(f"{target.name} shows what this log does not continue")
    return size


def _tiles(size: int) -> list[Tile]:
    hashes = list(tiles_of(size))
    level0 = [tile for tile in hashes if tile.level == 0]
    bundles = [
        Tile(level=ENTRIES, index=tile.index, width=tile.width) for tile in level0
    ]
    return [*bundles, *hashes]


def _copy(keep: Keep, name: str, path: Path, size: int) -> None:
    data = keep.read(name, size)
    if data is None:
        raise LogDamaged(f"{name} is missing from the store")
    # What was published before is read again: a copy that was damaged or altered
    # since must not pass for what the store has.
    try:
        new = write_once(path, data, faults=no_faults)
    except LogFailed:
        raise LogFailed(f"{name}: the public copy is not what the store has") from None
    if new:
        sync_folder(path.parent)
