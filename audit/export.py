"""Writes a folder that shows what a log says to somebody who has nothing else.

Of a whole log: its public tree as it was signed, and every entry a line of JSON. Of
chosen entries: each with its path to the signed root. Beside them the checkpoint, the
log's public keys, how to verify it, a page that does so in a browser, and digests.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from importlib import resources
from pathlib import Path

from audit.checkpoint import Checkpoint
from audit.errors import CannotTell
from audit.exportfile import (
    ABOUT,
    ENTRIES,
    KEYS,
    PAGE,
    README,
    SUMS,
    About,
    Line,
    pack_sums,
)
from audit.exporttext import readme
from audit.merkle import inclusion_path
from audit.proven import Proven
from audit.reading import Source
from audit.selection import Selection
from audit.tiles import ENTRIES as BUNDLES
from audit.tiles import WIDTH, Tile, pack_entries, tiles_of
from audit.unmatched import unmatched
from audit.verify import Opened

__all__ = ["Export"]


@dataclass(kw_only=True, slots=True)
class Export:
    """One export under way; ``target`` must not exist."""

    source: Source
    found: Opened
    target: Path
    selection: Selection
    jobs: int = 1
    progress: Callable[[int], None] = lambda _: None
    _sums: dict[str, str] = field(default_factory=dict)

    def write(self, files: Collection[str]) -> int:
        """Write everything; return how many entries.

        Until it is whole the folder has another name. ``files`` are the public files
        that entries name.

        Raises:
            CannotTell: there is something at the target already, or no entry matches.
            ProofInvalid, SourceUnreadable: the log is not as it was signed.
        """
        if self.target.exists():
            raise CannotTell(f"{self.target.name or self.target}: exists already")
        target = self.target
        self.target = target.with_name(f".{target.name}.new")
        self.target.mkdir(parents=True)
        try:
            exported = self._all(files)
            self.target.rename(target)
        except BaseException:
            shutil.rmtree(self.target)
            raise
        return exported

    def _all(self, files: Collection[str]) -> int:
        self._put("checkpoint", self.found.note)
        exported = self._entries()
        if self.selection and not exported:
            # An empty one would read as if nobody had asked for anything.
            said = unmatched(self._proven(), jobs=self.jobs)
            raise CannotTell(f"{said}; nothing was exported")
        if not self.selection:
            self._tree()
        for name in sorted(files):
            data = self.source.read(name)
            if data is not None and name != "checkpoint":
                self._put(name, data)
        self._about(exported)
        return exported

    @property
    def _checkpoint(self) -> Checkpoint:
        return self.found.checkpoint

    def _put(self, name: str, data: bytes, *, listed: bool = True) -> None:
        path = self.target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        if listed:
            self._sums[name] = sha256(data).hexdigest()

    def _proven(self) -> Proven:
        checkpoint = self._checkpoint
        return Proven.of(self.source, size=checkpoint.size, root=checkpoint.root)

    def _entries(self) -> int:
        digest, exported = sha256(), 0
        with (self.target / ENTRIES).open("wb") as file:
            for first, entries, lines in self._lines():
                if not self.selection:
                    width = len(entries)
                    tile = Tile(level=BUNDLES, index=first // WIDTH, width=width)
                    self._put(tile.path, pack_entries(entries), listed=False)
                data = b"".join(lines)
                file.write(data)
                digest.update(data)
                exported += len(lines)
        self._sums[ENTRIES] = digest.hexdigest()
        return exported

    def _lines(self) -> Iterator[tuple[int, Sequence[bytes], list[bytes]]]:
        proven, selection = self._proven(), self.selection

        def lines(
            first: int, entries: Sequence[bytes]
        ) -> tuple[int, Sequence[bytes], list[bytes]]:
            chosen = selection.among(first, entries)
            written = [
                Line(index=index, data=data, path=path(index)).pack()
                for index, data, _ in chosen
            ]
            return first, () if selection else entries, written

        def path(index: int) -> tuple[bytes, ...] | None:
            if not selection:
                return None
            return inclusion_path(index, proven.size, proven.believed.subtree)

        return proven.mapped(lines, jobs=self.jobs, progress=self.progress)

    def _tree(self) -> None:
        believed = self._proven().believed
        for tile in tiles_of(self._checkpoint.size):
            # Entries that hold have a tile that does, stored or made from them.
            hashes = believed.tile(tile.level, tile.index) or b""
            self._put(tile.path, hashes, listed=False)

    def _about(self, exported: int) -> None:
        checkpoint, whole = self._checkpoint, not self.selection
        about = About(
            origin=checkpoint.origin,
            size=checkpoint.size,
            root=checkpoint.root.hex(),
            exported=exported,
            asked=None if whole else self.selection.to_json(),
        )
        self._put(ABOUT, about.pack())
        keys = self.found.keyring.periods_of(checkpoint.size)[-1].keys
        self._put(KEYS, "".join(f"{key.text}\n" for key in keys).encode())
        self._put(README, readme(about).encode())
        page = resources.files("audit").joinpath("page", PAGE).read_bytes()
        self._put(PAGE, page)
        self._put(SUMS, pack_sums(self._sums), listed=False)
