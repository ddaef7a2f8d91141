"""The command that checks a store: its tree, its sealed records, its own notes."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from audit.believed import Believed
from audit.besidecheck import BesideCheck
from audit.command import (
    Command,
    end,
    jobs_argument,
    place,
    trust_arguments,
    trust_of,
)
from audit.errors import CannotTell
from audit.folder import Folder
from audit.keep import FolderKeep
from audit.progress import Progress
from audit.reading import BUCKET, DATABASE, WEB, FolderSource
from audit.report import Outcome, Report
from audit.storecheck import check_store
from audit.tiles import WIDTH
from audit.verify import Trust, opened, verify

__all__ = ["COMMANDS"]

_HOLDS = "the store holds what was signed, and its own notes are of the same log"


def _fsck_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("store", type=place, help="the store's own folder")
    parser.add_argument(
        "--deep",
        action="store_true",
        help="read every entry and every sealed record, not only the last ones",
    )
    jobs_argument(parser)
    trust_arguments(parser)


def _fsck(arguments: Namespace) -> Outcome:
    """Check a store against itself: entries, tiles, sealed records, notes.

    Without --deep only the unfinished part is read, which is what a crash could touch.
    Without keys those are believed that the store names.
    """
    if arguments.store.startswith((*WEB, *DATABASE, BUCKET)):
        raise CannotTell("fsck checks a store in a folder; audit verify checks any log")
    folder = Folder(root=Path(arguments.store))
    keyring = folder.keyring()
    trust = trust_of(arguments)
    own = not trust.all_keys
    if own:
        trust = Trust(keys=keyring.verifiers)
    source = FolderSource(folder.live)
    before = Report()
    found = opened(source, trust, before)
    if found is None:
        return end(before, arguments)
    since = None if arguments.deep else found.note
    with Progress.of(source, stream=sys.stderr) as progress:
        report = verify(
            source, trust, since=since, jobs=arguments.jobs, progress=progress.add
        )
    if not report.findings and not report.doubts:
        first = int(report.facts.get("read_from", 0)) // WIDTH
        check_store(FolderKeep(folder), report, first=first)
        size, root = int(report.facts["entries"]), found.checkpoint.root
        BesideCheck(
            folder=folder,
            keyring=keyring,
            report=report,
            size=size,
            believed=Believed(source, size=size, root=root),
        ).run()
    report.holds = _HOLDS
    if not arguments.deep:
        report.notices.append("only the unfinished part was read; --deep reads all")
    if own:
        report.notices.append("the keys are those that the store names itself")
    return end(report, arguments)


COMMANDS = {
    "fsck": Command(
        help="check a store against itself", arguments=_fsck_arguments, run=_fsck
    ),
}
