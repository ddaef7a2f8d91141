"""Whether the log kept the promise of a receipt.

Another leaf at the receipt's index is tampering at any time. An index that no
checkpoint covers is tampering once a checkpoint was signed after the promised delay;
before that nobody can tell.
"""

from __future__ import annotations

from audit.checkpoint import Cosigned
from audit.errors import CannotTell, Malformed, ProofInvalid, SourceUnreadable
from audit.locate import Finding
from audit.merkle import verify_inclusion
from audit.proof import path_to, subtrees
from audit.reading import Source
from audit.receipt import Receipt, Statement
from audit.report import Report
from audit.verify import Trust, opened

__all__ = ["check_receipt"]

KEPT = "the promise was kept: the entry stands where the receipt says"


def check_receipt(receipt: Receipt, source: Source, trust: Trust) -> Report:
    """Compare a receipt with the log. Never raises for what either holds."""
    report = Report(holds=KEPT)
    try:
        statement = receipt.statement(trust.all_keys)
    except CannotTell as error:
        report.doubts.append(f"the receipt: {error}")
        return report
    except (Malformed, ProofInvalid) as error:
        report.findings.append(Finding(where="receipt", reason=str(error)))
        return report
    try:
        cosigned = opened(source, trust, report)
        if cosigned is not None:
            _compare(receipt, statement, source, cosigned, report)
    except SourceUnreadable as error:
        report.doubts.append(str(error))
    return report


def _compare(
    receipt: Receipt,
    statement: Statement,
    source: Source,
    cosigned: Cosigned,
    report: Report,
) -> None:
    checkpoint = cosigned.checkpoint
    report.facts |= {"index": receipt.index, "promised_at_ms": statement.ms}
    if statement.origin != checkpoint.origin:
        report.doubts.append(f"the receipt is of another log, {statement.origin}")
    elif receipt.index >= checkpoint.size:
        _not_covered(receipt, statement, cosigned, report)
    else:
        _covered(receipt, source, cosigned, report)


def _not_covered(
    receipt: Receipt, statement: Statement, cosigned: Cosigned, report: Report
) -> None:
    seconds = cosigned.seconds
    if seconds is not None and 1000 * seconds > statement.due_ms:
        report.findings.append(
            Finding(
                where="checkpoint",
                reason="signed after the promised delay, and the entry is not in it",
                index=receipt.index,
            )
        )
    else:
        report.doubts.append(
            f"entry {receipt.index} is in no checkpoint yet; ask again after "
            f"{statement.delay_s} seconds"
        )


def _covered(
    receipt: Receipt, source: Source, cosigned: Cosigned, report: Report
) -> None:
    checkpoint, index = cosigned.checkpoint, receipt.index
    try:
        there = subtrees(source, checkpoint.size)(0, index)
        path = path_to(source, index, checkpoint.size)
        verify_inclusion(there, index, checkpoint.size, path, checkpoint.root)
    except (Malformed, ProofInvalid) as error:
        reason = f"the tiles do not lead to the root: {error}"
        report.findings.append(Finding(where="tree", reason=reason, index=index))
        return
    if there != receipt.leaf_hash:
        reason = "another entry stands where the receipt promised this one"
        report.findings.append(Finding(where="tree", reason=reason, index=index))
