"""The delayed copy of a log that a web server may show to everybody."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from audit.disk import no_faults, replace, sync_folder, write_once
from audit.errors import AuditError, LogDamaged, LogFailed
from audit.folder import Folder
from audit.frames import frames
from audit.history import History, Past, read_past
from audit.integrator import drop_outgrown
from audit.keyring import Keyring
from audit.proof import stored_root
from audit.reading import FolderSource
from audit.tiles import ENTRIES, WIDTH, Tile, tiles_of
from audit.treefile import read_file

__all__ = ["Published", "publish"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Published:
    """What a publication came to: entries shown now, and shown before."""

    size: int
    before: int


def publish(store: Path, target: Path, *, now_ms: int) -> Published:
    """Bring ``target`` up to the last checkpoint older than the store's delay.

    May run while the log is written. Tiles come before the checkpoint, so that a
    reader never meets a checkpoint whose tiles are not there.

    Raises:
        LogMissing, LogDamaged: the store does not read.
        LogFailed: ``target`` shows something that the store does not continue.
    """
    folder = Folder(root=store)
    state = folder.read_state()
    keys = folder.keyring()
    view = _view(folder, keys, state["public_delay_ms"], now_ms)
    before = _shown(folder, target, keys, view)
    files = _files(folder)
    for tile in _tiles(view.size):
        path = target / tile.path
        _copy(folder, tile.path, path, view.size, files)
        if tile.width == WIDTH:
            drop_outgrown(path)
    for name, index in files.items():
        if index < view.size:
            _copy(folder, name, target / name, view.size, files)
    target.mkdir(parents=True, exist_ok=True)
    replace(target / "checkpoint", view.note, faults=no_faults)
    return Published(size=view.size, before=before)


def _view(folder: Folder, keys: Keyring, delay_ms: int, now_ms: int) -> Past:
    try:
        live = Past.of(folder.checkpoint.read_bytes(), keys)
    except FileNotFoundError:
        raise LogDamaged("the store has no checkpoint") from None
    history = History(
        path=folder.history,
        delay_ms=delay_ms,
        kept=read_past(folder.history, keys),
        live=live,
        faults=no_faults,
    )
    return history.public(now_ms)


def _shown(folder: Folder, target: Path, keys: Keyring, view: Past) -> int:
    """Return how much ``target`` shows; refuse if the store does not continue it."""
    try:
        shown = keys.open((target / "checkpoint").read_bytes()).checkpoint
    except FileNotFoundError:
        return 0
    except AuditError as error:
        raise LogFailed(f"{target.name}/checkpoint: {error}") from None
    live = FolderSource(folder.live)
    if shown.size > view.size or stored_root(live, view.size, shown.size) != shown.root:
        raise LogFailed(f"{target.name} shows what this log does not continue")
    return shown.size


def _files(folder: Folder) -> dict[str, int]:
    try:
        bodies, _ = frames(folder.files.read_bytes(), folder.files.name)
    except FileNotFoundError:
        return {}
    lines = [json.loads(body) for body in bodies]
    return {line["name"]: line["index"] for line in lines}


def _tiles(size: int) -> list[Tile]:
    hashes = list(tiles_of(size))
    level0 = [tile for tile in hashes if tile.level == 0]
    bundles = [
        Tile(level=ENTRIES, index=tile.index, width=tile.width) for tile in level0
    ]
    return [*bundles, *hashes]


def _copy(
    folder: Folder, name: str, path: Path, size: int, files: dict[str, int]
) -> None:
    data = read_file(folder, name, size=size, files=files)
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
