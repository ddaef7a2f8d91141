"""The store's own folder: what lies where, and who may write it.

::

    lock  state.json          one writer; which log this is
    live/                     the public tree as it is now (for its auditors)
      checkpoint  tile/  acts/  schema/  policy/  manifest/  keys/  handover/
    wal/                      batches until they lie in full bundles
    sealed/                   sealed records, 256 to a file, beside the bundles
    epochs/                   each epoch's keys, sealed to the auditors
    dedup/                    what receipts the last 24 hours gave
    files                     which entry brought which public file
    history                   earlier checkpoints, for the delayed public view
    signed                    the checkpoint that witnesses were shown last

None of it is for a web server: ``publish`` writes the delayed copy that is.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from audit.charter import SCHEMA, keyring_of
from audit.disk import Faults, replace, sync_folder
from audit.encoding import Json, encode
from audit.errors import (
    InvalidEntry,
    LogDamaged,
    LogExists,
    LogLocked,
    LogMissing,
)
from audit.keyring import Keyring
from audit.regular import contents
from audit.tiles import ENTRIES, WIDTH, Tile

__all__ = ["Folder", "attachment_fault", "check_attachments", "sealed_path"]

_ATTACHMENT = re.compile(
    r"(?:(?:acts|keys|manifest)/[0-9a-f]{64}|schema/[0-9a-f]{64}\.json"
    r"|policy/[0-9a-f]{64}\.tar\.gz)",
    re.ASCII,
)


def attachment_fault(name: str, data: bytes) -> str:
    """Return what is wrong with a public file, or nothing.

    Acts, keys, manifests and schemas are named by the SHA-256 of their bytes; so is a
    policy archive, which its reader compares with the act that names it.
    """
    if _ATTACHMENT.fullmatch(name) is None:
        return "no public file has this name"
    folder, _, rest = name.partition("/")
    if folder != "policy" and sha256(data).hexdigest() != rest[:64]:
        return "its name is not its digest"
    return ""


def check_attachments(files: Mapping[str, bytes]) -> None:
    """Refuse files that could not be public; ``InvalidEntry`` names the first."""
    for name, data in files.items():
        if fault := attachment_fault(name, data):
            raise InvalidEntry(f"attachment {name[:80]}: {fault}")


def sealed_path(index: int) -> str:
    """Return the path of the sealed records beside a full bundle."""
    return "sealed/" + Tile(level=ENTRIES, index=index).path.removeprefix("tile/")


@dataclass(frozen=True, kw_only=True, slots=True)
class Folder:
    """Paths of one store."""

    root: Path

    @property
    def live(self) -> Path:
        """The public tree as it is now."""
        return self.root / "live"

    @property
    def wal(self) -> Path:
        """The write-ahead segments."""
        return self.root / "wal"

    @property
    def epochs(self) -> Path:
        """The epochs' sealed keys."""
        return self.root / "epochs"

    @property
    def dedup(self) -> Path:
        """What the last 24 hours gave, an hour a file."""
        return self.root / "dedup"

    @property
    def files(self) -> Path:
        """Which entry brought which public file."""
        return self.root / "files"

    @property
    def history(self) -> Path:
        """Earlier checkpoints."""
        return self.root / "history"

    @property
    def signed(self) -> Path:
        """What was signed last and shown to witnesses; not to readers, maybe."""
        return self.root / "signed"

    @property
    def checkpoint(self) -> Path:
        """The live checkpoint."""
        return self.live / "checkpoint"

    @property
    def state(self) -> Path:
        """Which log this is."""
        return self.root / "state.json"

    def tile(self, tile: Tile) -> Path:
        """The path of a live tile or bundle."""
        return self.live / tile.path

    def sealed(self, index: int) -> Path:
        """The path of the sealed records beside full bundle ``index``."""
        return self.root / sealed_path(index)

    def epoch(self, epoch: bytes) -> Path:
        """The path of one epoch's sealed keys."""
        return self.epochs / f"{epoch.hex()}.json"

    def create(self, state: Mapping[str, Json], faults: Faults) -> None:
        """Make an empty store; ``LogExists`` if there is one.

        Raises:
            LogDamaged: there are entries of one that lost its state.
        """
        if self.state.exists():
            raise LogExists(f"there is a log in {self.root.name} already")
        self._require_none()
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        for path in (self.live, self.wal, self.epochs, self.dedup):
            path.mkdir(exist_ok=True, mode=0o700)
        sync_folder(self.root)
        self.write_state(state, faults)

    def _require_none(self) -> None:
        """Refuse a log of which only the file that says which one it is was lost.

        To begin one here would name other keys for the entries that are there.
        """
        if any(any(path.glob("*")) for path in (self.wal, self.live)):
            raise LogDamaged(
                f"state.json is missing in {self.root.name}, and entries of a log are"
                " there: restore it from the newest copy of the folder"
            )

    def write_state(self, state: Mapping[str, Json], faults: Faults) -> None:
        """Say which log this is, durably."""
        replace(self.state, encode({"schema": SCHEMA, **state}), faults=faults)

    def read_state(self) -> dict[str, Json]:
        """Return which log this is.

        Raises:
            LogMissing: there is none here.
            LogDamaged: the file does not read.
        """
        try:
            state = json.loads(contents(self.state))
        except FileNotFoundError:
            self._require_none()
            raise LogMissing(f"there is no log in {self.root.name}") from None
        except (ValueError, RecursionError):
            state = None
        if not isinstance(state, dict) or state.get("schema") != SCHEMA:
            raise LogDamaged("state.json does not read")
        return state

    def keyring(self) -> Keyring:
        """Return the log's keys with their periods.

        Raises:
            LogMissing, LogDamaged: the state does not read.
        """
        return keyring_of(self.read_state())

    def lock(self) -> int:
        """Become the one writer; the handle holds the lock until it is closed."""
        handle = os.open(
            self.root / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600
        )
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            raise LogLocked("another process has the log") from None
        return handle

    def tile_bytes(self, tile: Tile) -> bytes | None:
        """Return a stored tile: itself, the full one, or a wider partial one.

        Nothing is cut here: the caller takes the width it asked for.
        """
        for path in (self.tile(tile.full), self.tile(tile)):
            try:
                return contents(path)
            except FileNotFoundError:
                continue
        return self._wider(tile)

    def _wider(self, tile: Tile) -> bytes | None:
        if tile.width == WIDTH:
            return None
        folder = self.tile(tile).parent
        try:
            widths = [
                int(path.name) for path in folder.iterdir() if path.name.isdigit()
            ]
            enough = min(width for width in widths if width >= tile.width)
            return contents(folder / str(enough))
        except (ValueError, FileNotFoundError):
            # Nothing as wide; or it became a full tile while we looked.
            try:
                return contents(self.tile(tile.full))
            except FileNotFoundError:
                return None
