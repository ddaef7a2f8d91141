"""``audit duties``: what the law made somebody do, and whether it was done."""

from __future__ import annotations

import datetime as dt
import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path

from audit.command import (
    Command,
    end,
    jobs_argument,
    store_argument,
    store_of,
    trust_arguments,
    trust_of,
    warn,
)
from audit.duties import STATES, Duties, Duty, Said, told, words
from audit.keep import Keep
from audit.keyfiles import AuditorKey
from audit.opening import Opener
from audit.progress import Progress
from audit.proven import Proven
from audit.report import Outcome, Report, shown
from audit.table import table
from audit.verify import Opened, opened

__all__ = ["COMMAND"]

_HEAD = (
    *("entry", "do", "said", "due", "state", "closing", "closed", "late"),
    *("exchange", "task"),
)


def _arguments(parser: ArgumentParser) -> None:
    store_argument(parser)
    parser.add_argument(
        "--key", type=Path, required=True, metavar="FILE", help="the auditor's key"
    )
    parser.add_argument("--state", choices=STATES, help="only those")
    parser.add_argument("--do", metavar="CODE", help="only what is to be done so")
    parser.add_argument(
        "--late",
        action="store_true",
        help="only what was late, or is by the time of the log's checkpoint",
    )
    jobs_argument(parser)
    trust_arguments(parser)


def _duties(arguments: Namespace) -> Outcome:
    """List duties by the entries that they come from, with what became of each.

    Every entry is proved to the signed root and opened with the auditor's key; what
    does not open is said, and then the list may lack something (exit 2). With --json
    one object a line.
    """
    keep, report = store_of(arguments.store), Report()
    signed = opened(keep.source(), trust_of(arguments), report)
    if signed is None or report.findings:
        return end(report, arguments)
    duties = _read(keep, signed, arguments)
    seconds = signed.cosigned.seconds
    now_ms = duties.last_ms if seconds is None else seconds * 1000
    chosen = [each for each in duties.in_order if _wanted(each, arguments, now_ms)]
    _print(chosen, now_ms=now_ms, as_json=arguments.json)
    if not chosen:
        codes = ", ".join(sorted({each.do for each in duties.in_order})) or "none"
        said = f"0 of {len(duties.in_order)} duties match; named here are: {codes}"
        sys.stderr.write(f"{shown(said)}\n")
    if duties.unopened:
        index, why = duties.unopened[0]
        report.doubts.append(
            f"{len(duties.unopened)} entries do not open, so duties may be missing;"
            f" the first is {index}: {why}"
        )
    warn(report)
    return Outcome.CANNOT_TELL if report.doubts else Outcome.OK


def _read(keep: Keep, signed: Opened, arguments: Namespace) -> Duties:
    checkpoint = signed.checkpoint
    opener = Opener(keep, origin=checkpoint.origin, key=AuditorKey.read(arguments.key))
    proven = Proven.of(keep.source(), size=checkpoint.size, root=checkpoint.root)

    def work(first: int, entries: Sequence[bytes]) -> list[Said | tuple[int, str]]:
        return told(keep, opener, first, entries)

    duties = Duties()
    with Progress(total=proven.size, stream=sys.stderr) as progress:
        for said in proven.mapped(work, jobs=arguments.jobs, progress=progress.add):
            duties.add(said)
    return duties


def _wanted(duty: Duty, arguments: Namespace, now_ms: int) -> bool:
    return (
        arguments.state in {None, duty.state}
        and arguments.do in {None, duty.do}
        and (not arguments.late or duty.late(now_ms))
    )


def _print(duties: Sequence[Duty], *, now_ms: int, as_json: bool) -> None:
    written = (json.dumps(each.to_json(now_ms=now_ms)) for each in duties)
    rows = table(_HEAD, (_cells(each, now_ms) for each in duties))
    for line in written if as_json else rows:
        sys.stdout.write(f"{line}\n")


def _cells(duty: Duty, now_ms: int) -> list[str]:
    return [
        _place(duty.entry),
        duty.do,
        words(duty.parameters),
        _utc(duty.due_ms),
        duty.state,
        _place(duty.closing),
        _utc(duty.closed_ms),
        "late" if duty.late(now_ms) else "",
        duty.exchange,
        duty.task,
    ]


def _place(index: int) -> str:
    return "" if index < 0 else str(index)


def _utc(ms: int) -> str:
    """Return an instant, or nothing for 0."""
    if not ms:
        return ""
    when = dt.datetime.fromtimestamp(ms // 1000, tz=dt.UTC)
    return when.isoformat().replace("+00:00", "Z")


COMMAND = Command(
    help="list what the law made somebody do", arguments=_arguments, run=_duties
)
