"""The commands that end in a verdict of something smaller than a log: prove, check."""

from __future__ import annotations

import sys
import time
from argparse import ArgumentParser, Namespace
from pathlib import Path

from audit.checkpoint import Cosigned
from audit.command import (
    Command,
    both,
    checked,
    end,
    read_input,
    say,
    source_of,
    trust_arguments,
    trust_of,
    where_arguments,
    write_beside,
)
from audit.errors import CannotTell, OtherKeySigned, ProofInvalid
from audit.evidence import Evidence, judge
from audit.finding import Finding
from audit.promise import check_receipt
from audit.proof import Proof, leaf_at, prove
from audit.receipt import Receipt
from audit.report import Outcome, Report
from audit.verify import Trust
from audit.vkey import MLDSA44

__all__ = ["COMMANDS"]


# --- prove, verify-proof -------------------------------------------------------


def _prove_arguments(parser: ArgumentParser) -> None:
    where_arguments(parser)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--index", type=int)
    which.add_argument("--receipt", type=Path, metavar="FILE")
    parser.add_argument("--leaf", type=Path, metavar="FILE", help="write the entry too")
    parser.add_argument(
        "--pq", action="store_true", help="keep ML-DSA signatures, 3.3 KB each"
    )
    trust_arguments(parser)


def _prove(arguments: Namespace) -> Outcome:
    """Write a .tlog-proof of one entry to standard output; with --json in an object."""
    source = source_of(arguments)
    found = checked(source, arguments)
    if isinstance(found, Outcome):
        return found
    index = arguments.index
    if arguments.receipt is not None:
        index = read_input(arguments.receipt, Receipt.from_json).index
    size = found.checkpoint.size
    leaf = leaf_at(source, index, size)
    proof = prove(source, index, found.note, size, mldsa=arguments.pq)
    proof.check(leaf, found.keyring)
    if arguments.leaf is not None:
        arguments.leaf.write_bytes(leaf)
    text = proof.pack().decode()
    if arguments.json:
        origin = found.checkpoint.origin
        say({"origin": origin, "index": index, "entries": size, "proof": text})
    else:
        sys.stdout.write(text)
    return Outcome.OK


def _verify_proof_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("proof", type=Path, help="a .tlog-proof file")
    parser.add_argument("--leaf", type=Path, required=True, help="the entry's bytes")
    trust_arguments(parser)


def _verify_proof(arguments: Namespace) -> Outcome:
    """Check a .tlog-proof and its entry, without the log."""
    (proof, leaf), trust = both(
        lambda: both(
            lambda: read_input(arguments.proof, Proof.parse),
            lambda: read_input(arguments.leaf, bytes),
        ),
        lambda: trust_of(arguments),
    )
    try:
        cosigned = proof.check(leaf, trust.all_keys)
    except OtherKeySigned as error:
        # A file that anybody may have made says nothing of the log.
        raise CannotTell(f"the proof: {error}") from None
    except ProofInvalid as error:
        found = Finding(where="proof", reason=str(error), index=proof.index)
        return end(Report(findings=[found], witnessed=None), arguments)
    report = Report(
        facts={
            "origin": cosigned.checkpoint.origin,
            "index": proof.index,
            "entries": cosigned.checkpoint.size,
        },
        witnessed=trust.witnessed(cosigned),
        holds="this entry stands at this index of the log that was signed",
    )
    _mldsa_line(trust, cosigned, report)
    return end(report, arguments)


def _mldsa_line(trust: Trust, cosigned: Cosigned, report: Report) -> None:
    """Say that an ML-DSA key of the log was given for nothing."""
    origin = cosigned.checkpoint.origin
    for key in trust.all_keys:
        if (key.name, key.kind) == (origin, MLDSA44) and key not in cosigned.times:
            report.notices.append(
                "no ML-DSA line was checked (a proof keeps it if made with --pq)"
            )


# --- check-receipt, verify-evidence -----------------------------------------------


def _check_receipt_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("receipt", type=Path, help="the receipt, as JSON")
    where_arguments(parser)
    parser.add_argument(
        "--evidence",
        type=Path,
        metavar="FILE",
        help="where proof of a broken promise is written, if there is any"
        " (RECEIPT.evidence.json)",
    )
    trust_arguments(parser)


def _check_receipt(arguments: Namespace) -> Outcome:
    """Check that the log keeps what a receipt promised."""
    path: Path = arguments.receipt
    receipt, trust = both(
        lambda: read_input(path, Receipt.from_json), lambda: trust_of(arguments)
    )
    target: Path = arguments.evidence or path.with_name(f"{path.stem}.evidence.json")
    if target.exists() and target.samefile(path):
        raise CannotTell("--evidence names the receipt itself, which it would replace")
    source = source_of(arguments)
    now_ms = time.time_ns() // 1_000_000
    report, evidence = check_receipt(receipt, source, trust, now_ms=now_ms)
    if evidence is not None:
        with write_beside(report, target):
            target.write_bytes(evidence.pack())
            report.facts["evidence"] = target.name
    return end(report, arguments)


def _verify_evidence_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("evidence", type=Path, help="what check-receipt wrote")
    trust_arguments(parser)


def _verify_evidence(arguments: Namespace) -> Outcome:
    """Check, without the log, that it broke a promise: exit 1 if that is shown."""
    evidence, trust = both(
        lambda: read_input(arguments.evidence, Evidence.parse),
        lambda: trust_of(arguments),
    )
    return end(judge(evidence, trust.all_keys), arguments)


COMMANDS = {
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
    "verify-evidence": Command(
        help="check that a promise was broken, offline",
        arguments=_verify_evidence_arguments,
        run=_verify_evidence,
    ),
}
