"""Verifies the lines of an export of chosen entries, each with its path to the root."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from audit.checkpoint import Checkpoint
from audit.chosen import MOST_LINE, file_of
from audit.chosenfiles import ChosenFiles, Found
from audit.earlier import compared, kept_of
from audit.encoding import Json
from audit.errors import Malformed, ProofInvalid
from audit.exportfile import ABOUT, ENTRIES, Line
from audit.finding import Kind
from audit.merkle import leaf_hash, verify_inclusion
from audit.report import Report
from audit.rotation import handover_path
from audit.selection import Selection, leaf_of
from audit.verify import Opened, Trust, opened

if TYPE_CHECKING:
    from pathlib import Path

    from audit.reading import Source

__all__ = ["ChosenCheck"]

_HOLD = (
    "each of these entries stands in the log that was signed; whether others were left"
    " out is not shown here"
)
_WHOLE = "an export of chosen entries does not show it, only the whole log does"


@dataclass(frozen=True, kw_only=True, slots=True)
class ChosenCheck:
    """One verification of chosen entries."""

    root: Path
    source: Source
    trust: Trust
    report: Report
    found: Found
    files: ChosenFiles
    asked: Mapping[str, Json] | None
    """What the export says was asked for; none if it does not say."""
    since: bytes | None
    keep: bool

    def run(self) -> tuple[Checkpoint, int] | None:
        """Check every line; return what was signed, and how many there are.

        Raises:
            SourceUnreadable: checkpoint or lines could not be read.
        """
        found = opened(self.source, self.trust, self.report)
        if found is None:
            return None
        self.report.holds = _HOLD
        self._before(found)
        self._unanswered()
        exported, last = 0, -1
        check = partial(self._line, found.checkpoint, self._selection())
        with file_of(self.root, ENTRIES) as file:
            lines = iter(partial(file.readline, MOST_LINE), b"")
            for exported, line in enumerate(lines, 1):
                last = check(f"{ENTRIES}, line {exported}", line, last)
        self.files.end(set(map(handover_path, found.keyring.verifiers)))
        return found.checkpoint, exported

    def _before(self, found: Opened) -> None:
        """Compare the checkpoint with the one that was kept, as far as they tell."""
        if self.since is None:
            return
        kept = kept_of(self.since, found.keyring, self.report)
        if kept is None or not compared(kept[0], found.checkpoint, self.report):
            return
        before = kept[0].size
        if 0 < before < found.checkpoint.size:
            said = f"whether the log begins with the {before} entries of before"
            self.report.doubts.append(f"{said}: {_WHOLE}")
        else:
            self.report.facts["since_entries"] = before

    def _unanswered(self) -> None:
        """Say what a verifier wants to know, and nothing here answers."""
        if self.trust.roster:
            said = f"with which roster the log begins: {_WHOLE}"
            self.report.doubts.append(said)
        if self.keep:
            said = f"there is nothing to keep: that all is unaltered, {_WHOLE}"
            self.report.doubts.append(said)

    def _selection(self) -> Selection | None:
        """Return what was asked for, if the export says so."""
        if self.asked is None:
            return None
        try:
            return Selection.of_json(self.asked)
        except Malformed as error:
            self.found(ABOUT, str(error))
            return None

    def _line(
        self,
        checkpoint: Checkpoint,
        asked: Selection | None,
        where: str,
        text: bytes,
        last: int,
    ) -> int:
        """Check one line; return the index of its entry."""
        try:
            line = Line.parse(text)
        except Malformed as error:
            self.found(where, str(error), kind=Kind.LEAF_CHANGED)
            return last
        if line.index <= last:
            reason = "stands after a later entry, or twice"
            self.found(where, reason, line.index, Kind.LEAVES_REORDERED)
        try:
            verify_inclusion(
                leaf_hash(line.data),
                line.index,
                checkpoint.size,
                line.path or (),
                checkpoint.root,
            )
        except ProofInvalid as error:
            self.found(where, str(error), line.index, Kind.LEAF_CHANGED)
            return line.index
        leaf = leaf_of(line.data)
        if asked is not None and (leaf is None or not asked.holds(leaf)):
            reason = f"is not what {ABOUT} says was asked for"
            self.found(where, reason, line.index, Kind.FILE_CHANGED)
        self.files.add(line.index, leaf or {})
        return line.index
