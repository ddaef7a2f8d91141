"""What every command shares: its shape, the trust options, how an outcome is said."""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TypeVar

from audit.encoding import Json
from audit.errors import (
    AuditError,
    CannotTell,
    KeyFileRefused,
    Malformed,
    Mistakes,
)
from audit.note import Verifier
from audit.policyfile import Policy
from audit.reading import BUCKET, WEB, Source
from audit.regular import named
from audit.report import UNWITNESSED, Outcome, Report, shown
from audit.sources import open_source
from audit.tls import Tls
from audit.verify import Opened, Trust, opened
from audit.vkeyfile import read_vkeys

__all__ = [
    "Command",
    "both",
    "checked",
    "end",
    "jobs_argument",
    "place",
    "read_input",
    "roster_argument",
    "say",
    "source_of",
    "store_argument",
    "store_of",
    "trust_arguments",
    "trust_of",
    "warn",
    "where_arguments",
    "write_beside",
]

if TYPE_CHECKING:
    from audit.keep import Keep

Value = TypeVar("Value")
Other = TypeVar("Other")


@dataclass(frozen=True, kw_only=True, slots=True)
class Command:
    """A command's one line of help, its arguments, and what it does."""

    help: str
    arguments: Callable[[ArgumentParser], None]
    run: Callable[[Namespace], Outcome]


def say(value: Json) -> None:
    """Print one JSON object."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    if not text.replace("\n", "").isprintable():
        # What is no text, as half a character, stands there as JSON names it.
        text = json.dumps(value, indent=2)
    sys.stdout.write(f"{text}\n")


def read_input(path: Path, parse: Callable[[bytes], Value]) -> Value:
    """Read a file that the caller brings.

    Raises:
        CannotTell: naming the file and why it does not read.
    """
    try:
        return parse(named(path))
    except OSError as error:
        raise CannotTell(f"{path.name}: {error.strerror}") from None
    except Malformed as error:
        raise CannotTell(f"{path.name}: {error}") from None


@contextlib.contextmanager
def write_beside(report: Report, path: Path) -> Iterator[None]:
    """Write a file that goes with a report; where it can't be, the report says so.

    What was found is worth more than the file: no full disk may keep it unsaid.
    """
    try:
        yield
    except OSError as error:
        said = f"{path.name} could not be written: {error.strerror}"
        report.doubts.append(said)


def both(one: Callable[[], Value], other: Callable[[], Other]) -> tuple[Value, Other]:
    """Return what two readings give.

    Raises:
        Mistakes: naming all that does not read of either.
    """
    try:
        first = one()
    except (CannotTell, KeyFileRefused) as error:
        _and_those_of(other, error)
    return first, other()


def _and_those_of(other: Callable[[], object], error: AuditError) -> NoReturn:
    said = [*error.sentences]
    try:
        other()
    except (CannotTell, KeyFileRefused) as more:
        said += more.sentences
    raise Mistakes(said)


def trust_of(arguments: Namespace) -> Trust:
    """Read the keys and the policy file that the arguments name.

    Raises:
        Mistakes: naming each file that does not read.
    """
    policy: Policy | None = None
    keys: list[Verifier] = []
    said: list[str] = []
    try:
        if arguments.policy is not None:
            policy = read_input(arguments.policy, Policy.parse)
    except CannotTell as error:
        said.append(str(error))
    for path in arguments.vkey:
        try:
            keys += read_vkeys([path])
        except KeyFileRefused as error:
            said.append(str(error))
        except Malformed as error:
            said.append(f"{path.name}: {error}")
    if said:
        raise Mistakes(said)
    return Trust(keys=keys, policy=policy)


def source_of(arguments: Namespace) -> Source:
    """Return the log that the arguments name."""
    tls = Tls(cacert=arguments.cacert, cert=arguments.cert, key=arguments.key)
    return open_source(arguments.where, tls)


def place(text: str) -> str:
    """Return the name of a log or a store; none at all would be the current folder."""
    if not text:
        raise ArgumentTypeError("the name is empty; . is the current folder")
    return text


def jobs_argument(parser: ArgumentParser) -> None:
    """Add the option that says how many processes share the work."""
    parser.add_argument(
        "-j", "--jobs", type=_jobs, default=len(os.sched_getaffinity(0)), metavar="N"
    )


def _jobs(text: str) -> int:
    if not re.fullmatch("[1-9][0-9]{0,3}", text, re.ASCII):
        raise ArgumentTypeError(f"{text!a} is no number of processes, from 1 on")
    return int(text)


def store_argument(parser: ArgumentParser) -> None:
    """Add the argument that names a store."""
    parser.add_argument(
        "store",
        type=place,
        help="the store: its own folder, or postgresql://USER@HOST/DATABASE",
    )


def store_of(where: str) -> Keep:
    """Return the store that an argument names.

    Raises:
        CannotTell: it is none.
    """
    # Only who has a store waits for the modules that read one.
    from audit.keep import keep_at  # noqa: PLC0415 - as said

    keep = keep_at(where)
    if keep is None and where.startswith((*WEB, BUCKET)):
        raise CannotTell(f"{where}: a store is a folder, or postgresql://")
    if keep is None:
        raise CannotTell(f"{Path(where).name or where} is no store")
    return keep


def where_arguments(parser: ArgumentParser) -> None:
    """Add the options that say where the log is, and how to reach it."""
    parser.add_argument(
        "where",
        type=place,
        help="the log: a folder, a web address, postgresql://USER@HOST/DATABASE or"
        " s3://BUCKET/PREFIX",
    )
    web = parser.add_argument_group("for https addresses")
    web.add_argument("--cacert", type=Path, metavar="FILE", help="whom to believe, PEM")
    web.add_argument("--cert", type=Path, metavar="FILE", help="your certificate, PEM")
    web.add_argument("--key", type=Path, metavar="FILE", help="its private key, PEM")


def warn(report: Report) -> None:
    """Say on standard error what a reader of the output must know besides it."""
    lines = [f"CANNOT TELL  {each}" for each in report.doubts]
    if not report.witnessed:
        lines.append(UNWITNESSED)
    sys.stderr.write("".join(f"{shown(line)}\n" for line in lines))


def trust_arguments(parser: ArgumentParser) -> None:
    """Add the options that say whom to trust."""
    parser.add_argument(
        "--vkey",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="the log's public keys, one a line (log.vkey or log.vkeys); repeatable",
    )
    parser.add_argument(
        "--policy",
        type=Path,
        metavar="FILE",
        help="a tlog-policy file: whom you trust, and which witnesses make a quorum",
    )
    parser.add_argument(
        "--allow-unwitnessed",
        action="store_true",
        help="exit 0 where it would be 3; the sentence is still said",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object")


def checked(source: Source, arguments: Namespace) -> Opened | Outcome:
    """Return the log's checkpoint, or say why not; say who could have rewritten it."""
    report = Report()
    found = opened(source, trust_of(arguments), report)
    if report.findings or found is None or report.doubts:
        return end(report, arguments)
    warn(report)
    return found


def _digest(text: str) -> str:
    """Read a digest from the command line; anything else is wrong usage."""
    if not re.fullmatch("[0-9a-f]{64}", text, re.ASCII):
        raise ArgumentTypeError("not a SHA-256 in hex")
    return text


def roster_argument(parser: ArgumentParser) -> None:
    """Add the option that says which people the log has to begin with."""
    parser.add_argument(
        "--roster",
        type=_digest,
        metavar="DIGEST",
        help="the first roster's digest, as it was made known when the log began",
    )


def end(report: Report, arguments: Namespace) -> Outcome:
    """Print a report and return its outcome."""
    allow = arguments.allow_unwitnessed
    if arguments.json:
        say(report.to_json(allow_unwitnessed=allow))
    else:
        sys.stdout.write("\n".join(report.lines()) + "\n")
    return report.outcome(allow_unwitnessed=allow)
