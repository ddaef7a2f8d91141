"""Watches a log: the same one as last time, only longer, and what is new in it.

One look for each call, made for cron and systemd: silent where all is well and
nothing is new. What is kept between looks is the last checkpoint that was verified.
"""

from __future__ import annotations

import dataclasses
import math
import sys
import time
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from audit.checkpoint import Checkpoint, cosignatures
from audit.command import (
    Command,
    jobs_argument,
    read_input,
    roster_argument,
    say,
    source_of,
    trust_arguments,
    trust_of,
    where_arguments,
    write_beside,
)
from audit.disk import no_faults, replace
from audit.encoding import Json
from audit.errors import AuditError
from audit.note import Note
from audit.reading import Source
from audit.report import UNWITNESSED, Outcome, Report, shown
from audit.tiles import Tile
from audit.verify import Trust, verify
from audit.vkey import Verifier

__all__ = ["COMMAND", "Look", "look"]

_AHEAD_S = 300.0
"""How far two clocks may be apart."""

_MOST_REFUSED = 1000
"""Checkpoints of a log that was tampered with that are kept: it can't fill a disk."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """What one look at a log came to."""

    report: Report
    checkpoint: bytes
    """The one that was looked at; empty where there is none."""
    before: int
    """How many entries were looked at last time."""
    gone: tuple[str, ...] = ()
    """A sentence for each witness that has stopped to sign."""

    @property
    def news(self) -> list[tuple[int, str]]:
        """What new entries change: index and sentence."""
        noted = self.report.noted
        return [(index, text) for index, text in noted if index >= self.before]

    def lines(self) -> list[str]:
        """Return what somebody has to be told; nothing if all is well as before."""
        report = self.report
        lines = [f"TAMPERED  {each.line}" for each in report.findings]
        lines += [f"CANNOT TELL  {each}" for each in report.doubts]
        lines += [f"new  entry {index}: {text}" for index, text in self.news]
        lines += [f"note  {each}" for each in self.gone]
        if not report.witnessed and not report.findings and not report.doubts:
            lines.append(UNWITNESSED)
        return [*map(shown, lines)]


def look(
    source: Source,
    trust: Trust,
    *,
    kept: bytes | None,
    now_s: float,
    max_age_s: float | None = None,
    jobs: int = 1,
) -> Look:
    """Verify a log and compare it with the checkpoint of the last look.

    Args:
        source: where it is read.
        trust: the keys and the policy of whoever looks.
        kept: the checkpoint of the last look, if there was one.
        now_s: Unix time.
        max_age_s: how old the newest signed time may be; None if it may be any.
        jobs: processes that hash.
    """
    try:
        note = source.read("checkpoint")
    except AuditError as error:
        report = Report(doubts=[str(error)])
        return Look(report=report, checkpoint=b"", before=_size(kept))
    pinned = _Pinned(source=source, checkpoint=note)
    report = verify(pinned, trust, since=kept, jobs=jobs)
    if max_age_s is not None and not report.findings:
        report.doubts += _too_old(
            report.facts.get("signed_at_unix_s"), now_s, max_age_s
        )
    cosigners = trust.policy.cosigners if trust.policy is not None else ()
    return Look(
        report=report,
        checkpoint=note or b"",
        before=_size(kept),
        gone=tuple(_gone(kept or b"", note or b"", cosigners)),
    )


def _too_old(signed_s: Json, now_s: float, max_age_s: float) -> Iterator[str]:
    """Say that the newest signed time is older than it may be, or tells no age."""
    if not isinstance(signed_s, int):
        yield "the log's time key was not given: nobody knows when"
    elif now_s - signed_s > max_age_s:
        yield f"nothing was signed for {(now_s - signed_s) / 3600:.1f} hours"
    elif signed_s - now_s > _AHEAD_S:
        hours = (signed_s - now_s) / 3600
        yield f"the checkpoint is of {hours:.1f} hours from now: nobody knows its age"


def _size(kept: bytes | None) -> int:
    """Return how many entries a checkpoint says; what is wrong is said elsewhere."""
    try:
        return Checkpoint.parse(Note.parse(kept or b"").text).size
    except AuditError:
        return 0


def _gone(before: bytes, now: bytes, keys: Sequence[Verifier]) -> Iterator[str]:
    """Name the witnesses that signed the last checkpoint and not this one."""
    then, here = _signers(before, keys), _signers(now, keys)
    for key in keys:
        if key in then and key not in here:
            yield f"the witness {key.name} signed the checkpoint before, and not this"


def _signers(data: bytes, keys: Sequence[Verifier]) -> set[Verifier]:
    try:
        times = cosignatures(Note.parse(data), keys).times
    except AuditError:
        return set()
    return {key for key, at in times.items() if at}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Pinned:
    """A source whose checkpoint does not change while it is looked at."""

    source: Source
    checkpoint: bytes | None

    def read(self, path: str) -> bytes | None:
        return self.checkpoint if path == "checkpoint" else self.source.read(path)

    def wider(self, tile: Tile) -> bytes | None:
        return self.source.wider(tile)

    def tiles(self) -> Iterator[Tile]:
        return self.source.tiles()

    def files(self) -> Iterator[str]:
        return self.source.files()


# --- the command --------------------------------------------------------------


def _arguments(parser: ArgumentParser) -> None:
    where_arguments(parser)
    trust_arguments(parser)
    roster_argument(parser)
    parser.add_argument(
        "--kept",
        type=Path,
        required=True,
        metavar="FILE",
        help="the checkpoint of the last look; written after each that found no fault",
    )
    parser.add_argument(
        "--max-age",
        type=_age,
        metavar="SECONDS",
        help="cannot tell (2) if nothing was signed for so long",
    )
    jobs_argument(parser)


def _age(text: str) -> float:
    """Read how old a time may be; what is no number would never alarm, or always."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 < seconds < math.inf:
        raise ArgumentTypeError(f"{text!a} is no number of seconds above 0")
    return seconds


def _monitor(arguments: Namespace) -> Outcome:
    """Look at a log once: is it the one of last time, only longer, and what is new.

    Silent where all is well and nothing is new. With exit code 1 the checkpoint is left
    in FILE.refused, and each other one later in FILE.refused-2 and so on. Where the log
    was rolled back, or is split, it is the proof with the one in FILE.
    """
    path: Path = arguments.kept
    found = look(
        source_of(arguments),
        dataclasses.replace(trust_of(arguments), roster=arguments.roster or ""),
        kept=read_input(path, bytes) if path.exists() else None,
        now_s=time.time_ns() / 1e9,
        max_age_s=arguments.max_age,
        jobs=arguments.jobs,
    )
    allow = arguments.allow_unwitnessed
    outcome = found.report.outcome(allow_unwitnessed=allow)
    if outcome is Outcome.TAMPERED:
        path = path.with_name(f"{path.name}.refused")
    if outcome is not Outcome.CANNOT_TELL:
        with write_beside(found.report, path):
            if outcome is Outcome.TAMPERED:
                _keep_apart(path, found.checkpoint)
            else:
                replace(path, found.checkpoint, faults=no_faults)
    if arguments.json:
        news = [{"index": index, "text": text} for index, text in found.news]
        report = found.report.to_json(allow_unwitnessed=allow)
        say({**report, "new": news, "stopped": list(found.gone)})
    else:
        sys.stdout.write("".join(f"{line}\n" for line in found.lines()))
    return found.report.outcome(allow_unwitnessed=allow)


def _keep_apart(path: Path, data: bytes) -> None:
    """Keep what is evidence, once, beside what was kept before.

    A log that shows something else after its second history would take that away.
    """
    for number in range(1, _MOST_REFUSED + 1):
        place = path if number == 1 else path.with_name(f"{path.name}-{number}")
        if not place.exists():
            replace(place, data, faults=no_faults)
            return
        if place.read_bytes() == data:
            return


COMMAND = Command(
    help="watch a log: compare it with the last look, say what is new",
    arguments=_arguments,
    run=_monitor,
)
