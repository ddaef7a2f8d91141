"""What every command shares: its shape, the trust options, how an outcome is said."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from audit.encoding import Json
from audit.keyfiles import read_vkeys
from audit.policyfile import Policy
from audit.report import Outcome, Report
from audit.verify import Trust

__all__ = ["Command", "end", "say", "trust_arguments", "trust_of"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Command:
    """A command's one line of help, its arguments, and what it does."""

    help: str
    arguments: Callable[[ArgumentParser], None]
    run: Callable[[Namespace], Outcome]


def say(value: Json) -> None:
    """Print one JSON object."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def trust_of(arguments: Namespace) -> Trust:
    """Read the keys and the policy file that the arguments name."""
    policy = None
    if arguments.policy is not None:
        policy = Policy.parse(arguments.policy.read_text("utf-8"))
    return Trust(keys=read_vkeys(arguments.vkey), policy=policy)


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


def end(report: Report, arguments: Namespace) -> Outcome:
    """Print a report and return its outcome."""
    allow = arguments.allow_unwitnessed
    if arguments.json:
        say(report.to_json(allow_unwitnessed=allow))
    else:
        sys.stdout.write("\n".join(report.lines()) + "\n")
    return report.outcome(allow_unwitnessed=allow)
