"""The commands that end in a verdict: verify, prove, check."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, Namespace
from dataclasses import replace
from pathlib import Path

from audit.checkpoint import Cosigned
from audit.command import (
    Command,
    checked,
    end,
    read_input,
    roster_argument,
    source_of,
    trust_arguments,
    trust_of,
    where_arguments,
)
from audit.evidence import Evidence, judge
from audit.progress import Progress
from audit.promise import check_receipt
from audit.proof import Proof, leaf_at, prove
from audit.reading import BUCKET, WEB, Source
from audit.receipt import Receipt
from audit.report import Outcome, Report
from audit.tiles import WIDTH
from audit.verify import Trust, verify
from audit.vkey import MLDSA44

__all__ = ["COMMANDS"]


# --- verify -----------------------------------------------------------------


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
    parser.add_argument(
        "-j", "--jobs", type=int, default=len(os.sched_getaffinity(0)), metavar="N"
    )
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
        arguments.keep.write_bytes(report.kept)
    return end(report, arguments)


def _verified(arguments: Namespace, source: Source, progress: Progress) -> Report:
    """Verify a log, or an export of one."""
    since = read_input(arguments.since, bytes) if arguments.since else None
    trust = replace(trust_of(arguments), roster=arguments.roster or "")

    def tree(log: Source) -> Report:
        return verify(
            log,
            trust,
            since=since,
            leaves=not arguments.tree_only,
            jobs=arguments.jobs,
            progress=progress.add,
        )

    # Only who checks an export waits for the modules that read one.
    from audit.exportcheck import ExportCheck, is_export  # noqa: PLC0415

    if is_export(arguments.where):
        return ExportCheck(root=Path(arguments.where), trust=trust, tree=tree).run()
    return tree(source)


def _sealed(arguments: Namespace, report: Report) -> None:
    """Check the sealed records too, where there are any and the tree holds."""
    # Only who checks a store waits for the modules that read one.
    from audit.keep import keep_at  # noqa: PLC0415 - as said
    from audit.storecheck import check_store  # noqa: PLC0415 - as said

    elsewhere = arguments.where.startswith((*WEB, BUCKET))
    store = None if elsewhere else keep_at(arguments.where)
    if store is None or arguments.tree_only:
        report.notices.append("the sealed records were not checked")
    elif not report.findings and not report.doubts:
        first = int(report.facts.get("read_from", 0)) // WIDTH
        check_store(store, report, first=first)


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
    """Write a .tlog-proof of one entry to standard output."""
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
    sys.stdout.write(proof.pack().decode())
    return Outcome.OK


def _verify_proof_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("proof", type=Path, help="a .tlog-proof file")
    parser.add_argument("--leaf", type=Path, required=True, help="the entry's bytes")
    trust_arguments(parser)


def _verify_proof(arguments: Namespace) -> Outcome:
    """Check a .tlog-proof and its entry, without the log."""
    trust = trust_of(arguments)
    proof = read_input(arguments.proof, Proof.parse)
    leaf = read_input(arguments.leaf, bytes)
    cosigned = proof.check(leaf, trust.all_keys)
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
    receipt = read_input(path, Receipt.from_json)
    source = source_of(arguments)
    report, evidence = check_receipt(receipt, source, trust_of(arguments))
    if evidence is not None:
        path = arguments.evidence or path.with_name(f"{path.stem}.evidence.json")
        path.write_bytes(evidence.pack())
        report.facts["evidence"] = path.name
    return end(report, arguments)


def _verify_evidence_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("evidence", type=Path, help="what check-receipt wrote")
    trust_arguments(parser)


def _verify_evidence(arguments: Namespace) -> Outcome:
    """Check, without the log, that it broke a promise: exit 1 if that is shown."""
    evidence = read_input(arguments.evidence, Evidence.parse)
    return end(judge(evidence, trust_of(arguments).all_keys), arguments)


COMMANDS = {
    "verify": Command(
        help="check a whole log", arguments=_verify_arguments, run=_verify
    ),
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
