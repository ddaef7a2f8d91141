"""Checks what a store keeps beside tree and sealed records: it must be of the same log.

Public files and which entry brought them, earlier checkpoints, the receipts of the last
24 hours. None of it proves anything to others; a store whose own notes differ from its
tree was altered, or mixed from two.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from audit.believed import Believed
from audit.errors import AuditError, LogDamaged
from audit.finding import Finding, Kind
from audit.folder import Folder, attachment_fault
from audit.frames import frames
from audit.keyring import Keyring
from audit.memory import Page
from audit.merkle import HASH_SIZE
from audit.reading import FolderSource
from audit.regular import contents
from audit.report import Report
from audit.tiles import WIDTH

__all__ = ["BesideCheck"]

_UNNAMED = ("checkpoint", "handover/")
"""Public files that no entry brings."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BesideCheck:
    """One check of a store whose tree holds."""

    folder: Folder
    keyring: Keyring
    report: Report
    size: int
    believed: Believed

    def run(self) -> None:
        """Compare everything; tell the report."""
        self._files()
        self._history()
        if self.folder.dedup.is_dir():
            for path in sorted(self.folder.dedup.iterdir()):
                self._receipts(path)
        else:
            said = "dedup: missing; the receipts of the last day were not compared"
            self.report.doubts.append(said)
        for path in sorted(self.folder.root.rglob(".*.new")):
            name = path.relative_to(self.folder.root)
            self.report.notices.append(f"{name}: a writer did not finish this file")

    def _found(self, where: str, reason: str, index: int | None = None) -> None:
        finding = Finding(
            where=where, reason=reason, index=index, kind=Kind.STORE_CHANGED
        )
        self.report.findings.append(finding)

    def _bodies(self, path: Path) -> Iterator[bytes]:
        """Yield what a file of frames holds; tell where it does not read."""
        if not path.exists():
            return
        where = str(path.relative_to(self.folder.root))
        try:
            bodies, _ = frames(contents(path), path.name)
        except OSError as error:
            self.report.doubts.append(f"{where}: {error.strerror}")
            return
        except LogDamaged as error:
            self._found(where, str(error))
            return
        yield from bodies

    def _files(self) -> None:
        brought: dict[str, int] = {}
        for body in self._bodies(self.folder.files):
            try:
                line = json.loads(body)
                brought[str(line["name"])] = int(line["index"])
            except (ValueError, KeyError, TypeError):
                self._found("files", "a line that does not read")
        source = FolderSource(self.folder.live)
        there = {name for name in source.files() if not name.startswith(_UNNAMED)}
        for name in sorted(brought.keys() - there):
            self._found(name, "missing, and an entry brought it", brought[name])
        for name in sorted(there - brought.keys()):
            self._found(name, "lies there, and no entry brought it")
        for name in sorted(there & brought.keys()):
            if fault := attachment_fault(name, source.read(name) or b""):
                self._found(name, fault, brought[name])
        self.report.facts["public_files"] = len(brought)

    def _history(self) -> None:
        checked = 0
        for body in self._bodies(self.folder.history):
            checked += 1
            try:
                earlier = self.keyring.open(body).checkpoint
            except AuditError as error:
                self._found("history", f"checkpoint {checked}: {error}")
                continue
            known = earlier.size <= self.size
            if not known or self.believed.root_at(earlier.size) != earlier.root:
                reason = f"the checkpoint of {earlier.size} entries is of another log"
                self._found("history", reason)
        self.report.facts["earlier_checkpoints"] = checked

    def _receipts(self, path: Path) -> None:
        for body in self._bodies(path):
            where = str(path.relative_to(self.folder.root))
            try:
                page = Page.parse(body)
            except LogDamaged as error:
                self._found(where, str(error))
                continue
            for index, each in enumerate(page.hashes, page.first):
                if index < self.size and self._hash(index) != each:
                    self._found(where, "remembers another entry than the tree", index)

    def _hash(self, index: int) -> bytes | None:
        tile = self.believed.tile(0, index // WIDTH)
        at = index % WIDTH * HASH_SIZE
        return None if tile is None else tile[at : at + HASH_SIZE]
