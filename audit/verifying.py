"""The command that checks a whole log."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from dataclasses import replace
from pathlib import Path

from audit.command import (
    Command,
    both,
    end,
    jobs_argument,
    read_input,
    roster_argument,
    source_of,
    trust_arguments,
    trust_of,
    where_arguments,
    write_beside,
)
from audit.progress import Progress
from audit.reading import BUCKET, WEB, Source, is_export
from audit.report import Outcome, Report
from audit.tiles import WIDTH
from audit.verify import verify

__all__ = ["COMMAND"]


def _verify_arguments(parser: ArgumentParser) -> None:
    where_arguments(parser)
    trust_arguments(parser)
    parser.add_argument(
        "--since",
        type=Path,
        metavar="FILE",
        help="a checkpoint you kept earlier, or what --keep wrote: only what came"
        " after it is read",
    )
    parser.add_argument(
        "--keep",
        type=Path,
        metavar="FILE",
        help="write what the next --since needs, if nothing was found or in doubt",
    )
    roster_argument(parser)
    jobs_argument(parser)
    parser.add_argument(
        "--tree-only",
        action="store_true",
        help="hash everything, but do not read the entries (any C2SP log)",
    )


def _verify(arguments: Namespace) -> Outcome:
    """Check a log against its signed checkpoint, and say where and how it broke."""
    source = source_of(arguments)
    with Progress.of(source, stream=sys.stderr) as progress:
        report = _verified(arguments, source, progress)
    _sealed(arguments, report)
    if arguments.keep is not None and report.kept and not report.findings:
        with write_beside(report, arguments.keep):
            arguments.keep.write_bytes(report.kept)
    return end(report, arguments)


def _verified(arguments: Namespace, source: Source, progress: Progress) -> Report:
    """Verify a log, or an export of one."""
    since, given = both(
        lambda: read_input(arguments.since, bytes) if arguments.since else None,
        lambda: trust_of(arguments),
    )
    trust = replace(given, roster=arguments.roster or "")

    def tree(log: Source) -> Report:
        return verify(
            log,
            trust,
            since=since,
            leaves=not arguments.tree_only,
            jobs=arguments.jobs,
            progress=progress.add,
        )

    if is_export(arguments.where):
        # Only who checks an export waits for the modules that read one.
        from audit.exportcheck import ExportCheck  # noqa: PLC0415 - as said

        return ExportCheck(
            root=Path(arguments.where),
            trust=trust,
            tree=tree,
            since=since,
            keep=arguments.keep is not None,
        ).run()
    return tree(source)


def _sealed(arguments: Namespace, report: Report) -> None:
    """Check the sealed records too, where there are any and the tree holds."""
    elsewhere = arguments.where.startswith((*WEB, BUCKET))
    store = None
    if not elsewhere and not arguments.tree_only:
        # Only who checks a store waits for the modules that read one.
        from audit.keep import keep_at  # noqa: PLC0415 - as said

        store = keep_at(arguments.where)
    if store is None:
        report.notices.append("the sealed records were not checked")
    elif not report.findings and not report.doubts:
        from audit.storecheck import check_store  # noqa: PLC0415 - as said

        first = int(report.facts.get("read_from", 0)) // WIDTH
        check_store(store, report, first=first)


COMMAND = Command(help="check a whole log", arguments=_verify_arguments, run=_verify)
