"""The command that hands a log, or some of its entries, to somebody else."""

from __future__ import annotations

import re
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from audit.command import (
    Command,
    end,
    jobs_argument,
    source_of,
    trust_arguments,
    trust_of,
    where_arguments,
)
from audit.errors import SourceUnreadable
from audit.export import Export
from audit.progress import Progress
from audit.reading import Source
from audit.report import Outcome, Report
from audit.selection import selection_arguments, selection_of
from audit.tiles import Tile
from audit.verify import opened, verify

__all__ = ["COMMANDS"]

_HANDOVER = re.compile(r"handover/[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Pinned:
    """A log as one checkpoint has it, though it goes on."""

    source: Source
    note: bytes

    def read(self, path: str) -> bytes | None:
        return self.note if path == "checkpoint" else self.source.read(path)

    def wider(self, tile: Tile) -> bytes | None:
        return self.source.wider(tile)

    def tiles(self) -> Iterator[Tile]:
        yield from ()

    def files(self) -> Iterator[str]:
        yield from ()


def _handovers(source: Source, report: Report) -> set[str]:
    """Return the handovers that a log has, whichever keys were given.

    Who has older keys than the exporter finds the newer ones by them.
    """
    try:
        return set(filter(_HANDOVER.fullmatch, source.files()))
    except SourceUnreadable as error:
        said = f"older keys may not lead to the newer ones in this export: {error}"
        report.notices.append(said)
        return set()


def _export_arguments(parser: ArgumentParser) -> None:
    where_arguments(parser)
    parser.add_argument("target", type=Path, help="the folder to make")
    selection_arguments(parser)
    jobs_argument(parser)
    trust_arguments(parser)


def _export(arguments: Namespace) -> Outcome:
    """Write a folder that shows what a log says: all of it, or what filters choose.

    The log is verified first; one that does not hold is not exported.
    """
    selection = selection_of(arguments)
    source = source_of(arguments)
    trust = trust_of(arguments)
    report = Report()
    # Before the checkpoint is read, so that none is of a later entry than it knows.
    handovers = _handovers(source, report)
    unlisted = [*report.notices]
    found = opened(source, trust, report)
    if found is None or report.findings or report.doubts:
        return end(report, arguments)
    pinned = _Pinned(source, found.note)
    with Progress(total=2 * found.checkpoint.size, stream=sys.stderr) as progress:
        report = verify(pinned, trust, jobs=arguments.jobs, progress=progress.add)
        if not report.findings and not report.doubts:
            export = Export(
                source=pinned,
                found=found,
                target=arguments.target,
                selection=selection,
                jobs=arguments.jobs,
                progress=progress.add,
            )
            report.facts["exported"] = export.write(report.files | handovers)
            report.notices += unlisted
    return end(report, arguments)


COMMANDS = {
    "export": Command(
        help="write a folder that shows what a log says",
        arguments=_export_arguments,
        run=_export,
    ),
}
