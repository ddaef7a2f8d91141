"""The commands of those who only read: verify, show, prove, check."""

from __future__ import annotations

import json
import os
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from audit.checkpoint import Cosigned
from audit.command import Command, end, say, trust_arguments, trust_of
from audit.progress import Progress
from audit.promise import check_receipt
from audit.proof import Proof, leaf_at, prove
from audit.reading import Source, open_source
from audit.receipt import Receipt
from audit.report import Outcome, Report
from audit.verify import opened, verify

__all__ = ["COMMANDS"]


# --- verify -----------------------------------------------------------------


def _verify_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("where", help="a folder or a web address")
    trust_arguments(parser)
    parser.add_argument(
        "--since", type=Path, metavar="FILE", help="a checkpoint you kept earlier"
    )
    parser.add_argument(
        "-j", "--jobs", type=int, default=len(os.sched_getaffinity(0)), metavar="N"
    )
    parser.add_argument(
        "--tree-only",
        action="store_true",
        help="hash everything, but do not read the entries (any C2SP log)",
    )


def _verify(arguments: Namespace) -> Outcome:
    """Check a whole log against its signed checkpoint, and say where it broke."""
    since = arguments.since.read_bytes() if arguments.since else None
    source = open_source(arguments.where)
    with Progress.of(source, stream=sys.stderr) as progress:
        report = verify(
            source,
            trust_of(arguments),
            since=since,
            leaves=not arguments.tree_only,
            jobs=arguments.jobs,
            progress=progress.add,
        )
    return end(report, arguments)


# --- show, prove, verify-proof ------------------------------------------------


def _checked(source: Source, arguments: Namespace) -> Cosigned | Outcome:
    """Return the log's checkpoint, or say why not."""
    report = Report()
    cosigned = opened(source, trust_of(arguments), report)
    if report.findings or cosigned is None or report.doubts:
        return end(report, arguments)
    return cosigned


def _show_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("where", help="a folder or a web address")
    parser.add_argument("--index", type=int, help="an entry; without, the checkpoint")
    parser.add_argument("--raw", action="store_true", help="the stored bytes")
    trust_arguments(parser)


def _show(arguments: Namespace) -> Outcome:
    """Print an entry, after proving it from its tiles to the signed root."""
    source = open_source(arguments.where)
    cosigned = _checked(source, arguments)
    if isinstance(cosigned, Outcome):
        return cosigned
    if arguments.index is None:
        sys.stdout.write((source.read("checkpoint") or b"").decode())
        return Outcome.OK
    size = cosigned.checkpoint.size
    leaf = leaf_at(source, arguments.index, size)
    proof = prove(source, arguments.index, source.read("checkpoint") or b"", size)
    proof.check(leaf, trust_of(arguments).all_keys)
    if arguments.raw:
        sys.stdout.buffer.write(leaf)
    else:
        say(json.loads(leaf))
    return Outcome.OK


def _prove_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("where", help="a folder or a web address")
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--index", type=int)
    which.add_argument("--receipt", type=Path, metavar="FILE")
    parser.add_argument("--leaf", type=Path, metavar="FILE", help="write the entry too")
    trust_arguments(parser)


def _prove(arguments: Namespace) -> Outcome:
    """Write a .tlog-proof of one entry to standard output."""
    source = open_source(arguments.where)
    cosigned = _checked(source, arguments)
    if isinstance(cosigned, Outcome):
        return cosigned
    index = arguments.index
    if arguments.receipt is not None:
        index = Receipt.from_json(arguments.receipt.read_bytes()).index
    size = cosigned.checkpoint.size
    checkpoint = source.read("checkpoint") or b""
    leaf = leaf_at(source, index, size)
    proof = prove(source, index, checkpoint, size)
    proof.check(leaf, trust_of(arguments).all_keys)
    if arguments.leaf is not None:
        arguments.leaf.write_bytes(leaf)
    sys.stdout.write(proof.pack().decode())
    return Outcome.OK


def _verify_proof_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("proof", type=Path, help="a .tlog-proof file")
    parser.add_argument("--leaf", type=Path, required=True, help="the entry's bytes")
    trust_arguments(parser)


def _verify_proof(arguments: Namespace) -> Outcome:
    """Check a .tlog-proof and its entry, without the log."""
    trust = trust_of(arguments)
    proof = Proof.parse(arguments.proof.read_bytes())
    cosigned = proof.check(arguments.leaf.read_bytes(), trust.all_keys)
    facts = {"index": proof.index, "entries": cosigned.checkpoint.size}
    return end(Report(facts=facts, witnessed=trust.witnessed(cosigned)), arguments)


# --- check-receipt ---------------------------------------------------------------


def _check_receipt_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("receipt", type=Path, help="the receipt, as JSON")
    parser.add_argument("where", help="the log: a folder or a web address")
    trust_arguments(parser)


def _check_receipt(arguments: Namespace) -> Outcome:
    """Check that the log keeps what a receipt promised."""
    receipt = Receipt.from_json(arguments.receipt.read_bytes())
    source = open_source(arguments.where)
    return end(check_receipt(receipt, source, trust_of(arguments)), arguments)


COMMANDS = {
    "verify": Command(
        help="check a whole log", arguments=_verify_arguments, run=_verify
    ),
    "show": Command(help="print one entry", arguments=_show_arguments, run=_show),
    "prove": Command(
        help="write the proof of one entry", arguments=_prove_arguments, run=_prove
    ),
    "verify-proof": Command(
        help="check such a proof, offline",
        arguments=_verify_proof_arguments,
        run=_verify_proof,
    ),
    "check-receipt": Command(
        help="check that a promise was kept",
        arguments=_check_receipt_arguments,
        run=_check_receipt,
    ),
}
