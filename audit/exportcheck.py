"""Verifies an export: its tree or its paths, and that its lines say the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from hashlib import file_digest
from pathlib import Path
from typing import TYPE_CHECKING

from audit.checkpoint import Checkpoint
from audit.errors import Malformed, ProofInvalid, SourceUnreadable
from audit.exportfile import ABOUT, ENTRIES, OWN, SUMS, About, Line, parse_sums
from audit.finding import Finding, Kind
from audit.merkle import leaf_hash, verify_inclusion
from audit.proven import Proven
from audit.reading import FolderSource, Source
from audit.regular import regular
from audit.report import Report
from audit.tiles import WIDTH, Tile
from audit.verify import Trust, opened

if TYPE_CHECKING:
    from io import BufferedReader

__all__ = ["ExportCheck", "ExportSource"]

_CHOSEN_HOLD = (
    "each of these entries stands in the log that was signed; whether others were left"
    " out is not shown here"
)
_MOST = 20
_MOST_LINE = 1 << 17
"""Bytes; an entry in base64 and its path are less."""


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
    jobs: int = 1
    progress: Callable[[int], None] = lambda _: None
    report: Report = field(default_factory=Report)
    _about: About | None = None

    @property
    def source(self) -> ExportSource:
        """The log in it."""
        return ExportSource(FolderSource(self.root))

    def run(self) -> Report:
        """Check everything. Never raises for what the export holds."""
        try:
            self._run()
        except Malformed as error:
            self._found(ABOUT, str(error))
        except SourceUnreadable as error:
            self.report.doubts.append(str(error))
        return self.report

    def _run(self) -> None:
        """Check everything; ``Malformed`` if it does not say what it is of."""
        about = self._about = About.parse(self.source.read(ABOUT) or b"")
        if about.asked is None:
            self.report = self.tree(self.source)
        self._sums()
        if about.asked is None:
            self._whole()
        else:
            self._chosen()

    @contextmanager
    def _file(self, name: str) -> Iterator[BufferedReader]:
        """Open a file that may be large; ``SourceUnreadable``."""
        path = f"{self.root}/{name}"
        try:
            with open(path, "rb", opener=regular) as file:
                yield file
        except OSError as error:
            raise SourceUnreadable(f"{name}: {error.strerror}") from None

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
        try:
            sums = parse_sums(self.source.read(SUMS) or b"")
        except Malformed as error:
            self._found(SUMS, str(error))
            return
        there = {name for name in self.source.inner.files() if name != SUMS}
        for name in sorted(sums.keys() - there):
            self._found(name, "missing")
        for name in sorted(there):
            if name not in sums:
                self.report.notices.append(f"{name}: {SUMS} does not name this file")
                continue
            with self._file(name) as file:
                digest = file_digest(file, "sha256").hexdigest()
            if digest != sums[name]:
                self._found(name, f"its bytes are not those that {SUMS} names")

    def _is_of(self, checkpoint: Checkpoint, exported: int) -> None:
        """Compare what the export says it is of with what it holds."""
        about = self._about
        right = About(
            origin=checkpoint.origin,
            size=checkpoint.size,
            root=checkpoint.root.hex(),
            exported=exported,
            asked=None if about is None else about.asked,
        )
        if about != right:
            self._found(ABOUT, "is not of this checkpoint and these entries")
        self.report.facts["exported"] = exported

    # --- a whole log ----------------------------------------------------------

    def _whole(self) -> None:
        """Compare every line with its entry in the tree, which holds."""
        facts = self.report.facts
        if self.report.findings or "root" not in facts:
            return
        size, root = int(facts["entries"]), bytes.fromhex(str(facts["root"]))
        origin = str(facts["origin"])
        proven = Proven.of(self.source, size=size, root=root)
        with self._file(ENTRIES) as file:
            for number in range(-(-size // WIDTH)):
                first = number * WIDTH
                for index, data in enumerate(proven.bundle(number), first):
                    line = Line(index=index, data=data).pack()
                    if file.readline(len(line)) != line:
                        reason = "is not the entry of the tree"
                        self._found(ENTRIES, reason, index, Kind.LEAF_CHANGED)
                        return
            if file.read(1):
                self._found(ENTRIES, "has more lines than the tree has entries")
        self._is_of(Checkpoint(origin=origin, size=size, root=root), size)

    # --- chosen entries -------------------------------------------------------

    def _chosen(self) -> None:
        found = opened(self.source, self.trust, self.report)
        if found is None or any(each.where == ENTRIES for each in self.report.findings):
            return  # what is wrong is said already
        checkpoint = found.checkpoint
        self.report.holds = _CHOSEN_HOLD
        exported, last = 0, -1
        with self._file(ENTRIES) as file:
            lines = iter(partial(file.readline, _MOST_LINE), b"")
            for exported, line in enumerate(lines, 1):
                last = self._line(exported, line, checkpoint, last)
        self._is_of(checkpoint, exported)

    def _line(self, number: int, text: bytes, checkpoint: Checkpoint, last: int) -> int:
        """Check one line; return the index of its entry."""
        where = f"{ENTRIES}, line {number}"
        try:
            line = Line.parse(text)
        except Malformed as error:
            self._found(where, str(error), kind=Kind.LEAF_CHANGED)
            return last
        if line.index <= last:
            reason = "stands after a later entry, or twice"
            self._found(where, reason, line.index, Kind.LEAVES_REORDERED)
        self.progress(1)
        try:
            verify_inclusion(
                leaf_hash(line.data),
                line.index,
                checkpoint.size,
                line.path or (),
                checkpoint.root,
            )
        except ProofInvalid as error:
            self._found(where, str(error), line.index, Kind.LEAF_CHANGED)
        return line.index
