"""Verifies an export: its tree or its paths, and that its lines say the same.

Whatever can't be read of it is said, and hides nothing of what the rest shows.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import file_digest
from pathlib import Path
from typing import TYPE_CHECKING

from audit.bundles import width_of
from audit.checkpoint import Checkpoint
from audit.chosen import MOST_LINE, file_of, is_chosen
from audit.chosencheck import ChosenCheck
from audit.chosenfiles import ChosenFiles
from audit.errors import FileUnreadable, Malformed
from audit.exportfile import ABOUT, ENTRIES, OWN, SUMS, About, Line, parse_sums
from audit.finding import Finding, Kind
from audit.proven import Proven
from audit.reading import FolderSource, Source
from audit.report import Report
from audit.tiles import WIDTH, Tile
from audit.verify import Trust

if TYPE_CHECKING:
    from io import BufferedReader

__all__ = ["ExportCheck", "ExportSource"]

_MOST = 20


@dataclass(frozen=True, slots=True)
class ExportSource:
    """The log in an export: without the files that only exports have."""

    inner: FolderSource

    def read(self, path: str) -> bytes | None:
        """Return a file; none if there is none."""
        return self.inner.read(path)

    def wider(self, tile: Tile) -> bytes | None:
        """Return a partial tile cut from a wider one."""
        return self.inner.wider(tile)

    def tiles(self) -> Iterator[Tile]:
        """Yield every tile."""
        return self.inner.tiles()

    def files(self) -> Iterator[str]:
        """Yield the files of the log."""
        return (name for name in self.inner.files() if name not in OWN)


@dataclass(kw_only=True, slots=True)
class ExportCheck:
    """One verification of an export."""

    root: Path
    trust: Trust
    tree: Callable[[Source], Report]
    """Verifies the tree of a whole log."""
    since: bytes | None = None
    """What the verifier kept; for a whole log ``tree`` knows it."""
    keep: bool = False
    """Whether the verifier wants to keep something of this verification."""
    report: Report = field(default_factory=Report)
    _about: About | None = None

    @property
    def source(self) -> ExportSource:
        """The log in it."""
        return ExportSource(FolderSource(self.root))

    def run(self) -> Report:
        """Check everything. Never raises for what the export holds."""
        chosen = is_chosen(self.root)
        if not chosen:
            self.report = self.tree(self.source)
        for step in (self._says, self._sums, self._chosen if chosen else self._whole):
            with self.report.doubting():
                step()
        return self.report

    def _says(self) -> None:
        """Read what it says that it is of."""
        data = self.source.read(ABOUT)
        if data is None:
            self.report.doubts.append(f"{ABOUT}: missing; it says what was exported")
            return
        try:
            self._about = About.parse(data)
        except Malformed as error:
            self._found(ABOUT, str(error))

    def _found(
        self,
        where: str,
        reason: str,
        index: int | None = None,
        kind: Kind = Kind.FILE_CHANGED,
    ) -> None:
        finding = Finding(where=where, reason=reason, index=index, kind=kind)
        if len(self.report.findings) < _MOST:
            self.report.findings.append(finding)

    def _sums(self) -> None:
        """Compare each file that is no tile with the digest written for it."""
        data = self.source.read(SUMS)
        if data is None:
            said = "missing; damage to what nobody signed is not seen without it"
            self.report.notices.append(f"{SUMS}: {said}")
            return
        try:
            sums = parse_sums(data)
        except Malformed as error:
            self._found(SUMS, str(error))
            return
        for name, digest in sorted(sums.items()):
            with self.report.doubting():
                self._sum(name, digest)
        for name in self.source.inner.files():
            if name not in sums and name != SUMS:
                self.report.notices.append(f"{name}: {SUMS} does not name this file")

    def _sum(self, name: str, digest: str) -> None:
        """Compare one file with its digest."""
        inside = not name.startswith("/") and ".." not in name.split("/")
        if not (inside and os.path.lexists(f"{self.root}/{name}")):
            self._found(name, "missing")
            return
        with file_of(self.root, name) as file:
            if file_digest(file, "sha256").hexdigest() != digest:
                self._found(name, f"its bytes are not those that {SUMS} names")

    def _is_of(self, checkpoint: Checkpoint, exported: int) -> None:
        """Compare what the export says it is of with what it holds."""
        self.report.facts["exported"] = exported
        if self._about is None:
            return  # said already
        right = About(
            origin=checkpoint.origin,
            size=checkpoint.size,
            root=checkpoint.root.hex(),
            exported=exported,
            asked=self._about.asked,
        )
        # Its bytes, as a number may be equal that is another word.
        if self._about.pack() != right.pack():
            self._found(ABOUT, "is not of this checkpoint and these entries")

    # --- a whole log ----------------------------------------------------------

    def _whole(self) -> None:
        """Compare every line with its entry in the tree, which holds."""
        facts = self.report.facts
        if self.report.findings or "root" not in facts:
            return
        size, root = int(facts["entries"]), bytes.fromhex(str(facts["root"]))
        origin = str(facts["origin"])
        proven = Proven.of(self.source, size=size, root=root)
        with file_of(self.root, ENTRIES) as file:
            for number in range(-(-size // WIDTH)):
                if not self._bundle(proven, number, file):
                    return
            if file.read(1):
                self._found(ENTRIES, "has more lines than the tree has entries")
        self._is_of(Checkpoint(origin=origin, size=size, root=root), size)

    def _bundle(self, proven: Proven, number: int, file: BufferedReader) -> bool:
        """Compare the lines of one bundle; return whether to go on."""
        first = number * WIDTH
        try:
            entries = proven.bundle(number)
        except FileUnreadable as error:
            self.report.doubt(str(error))
            for _ in range(width_of(number, proven.size)):
                file.readline(MOST_LINE)
            return True
        for index, data in enumerate(entries, first):
            line = Line(index=index, data=data).pack()
            if file.readline(len(line)) != line:
                reason = "is not the entry of the tree"
                self._found(ENTRIES, reason, index, Kind.LEAF_CHANGED)
                return False
        return True

    # --- chosen entries -------------------------------------------------------

    def _chosen(self) -> None:
        """Check every line with its path to the root that was signed."""
        files = ChosenFiles(source=self.source, report=self.report, found=self._found)
        with self.report.doubting():
            files.compare()
        if any(each.where == ENTRIES for each in self.report.findings):
            return  # what is wrong is said already
        check = ChosenCheck(
            root=self.root,
            source=self.source,
            files=files,
            trust=self.trust,
            report=self.report,
            found=self._found,
            asked=None if self._about is None else self._about.asked or {},
            since=self.since,
            keep=self.keep,
        )
        if (exported := check.run()) is not None:
            self._is_of(*exported)
