"""Whether the log kept the promise of a receipt.

Another leaf at the receipt's index is tampering at any time. An index that no
checkpoint covers is tampering once a checkpoint was signed after the promised delay;
before that nobody can tell.
"""

from __future__ import annotations

from audit.chosen import ChosenSource
from audit.errors import (
    CannotTell,
    KeyOutOfWindow,
    Malformed,
    OtherKeySigned,
    ProofInvalid,
    SourceUnreadable,
)
from audit.evidence import ANOTHER, MISSING, REASONS, Evidence
from audit.finding import Finding, Kind
from audit.keyring import Keyring
from audit.merkle import verify_inclusion
from audit.note import Note
from audit.proof import hash_at, path_to
from audit.reading import ENTRIES, Source
from audit.receipt import Receipt, Statement
from audit.report import Report
from audit.verify import Opened, Trust, opened

__all__ = ["check_receipt"]

KEPT = "the promise was kept: the entry stands where the receipt says"


def check_receipt(
    receipt: Receipt, source: Source, trust: Trust, *, now_ms: int = 0
) -> tuple[Report, Evidence | None]:
    """Compare a receipt with the log. Never raises for what either holds.

    The reader's own time proves nothing; it tells whether to wait is of any use.

    Returns the report and, if the log broke its promise, the evidence.
    """
    report = Report(holds=KEPT)
    try:
        found = opened(source, trust, report)
        if found is None:
            return report, None
        statement = _statement(receipt, found.keyring, report)
        if statement is None:
            return report, None
        report.facts |= {"index": receipt.index, "promised_at_ms": statement.ms}
        if statement.origin != found.checkpoint.origin:
            other = f"the receipt is of another log, {statement.origin}"
            report.doubts.append(other)
            return report, None
        if receipt.index < found.checkpoint.size:
            return report, _covered(receipt, source, found, report)
        return report, _not_covered(receipt, statement, found, report, now_ms)
    except SourceUnreadable as error:
        report.doubts.append(str(error))
        return report, None


def _statement(receipt: Receipt, keys: Keyring, report: Report) -> Statement | None:
    """Return what was promised; tell the report why nothing was."""
    try:
        statement = receipt.statement(keys.verifiers)
        _in_window(receipt, statement, keys)
    except (CannotTell, OtherKeySigned) as error:
        # Nobody knows whose it is: it says nothing of the log.
        report.doubts.append(f"the receipt: {error}")
        return None
    except (Malformed, ProofInvalid) as error:
        late = isinstance(error, KeyOutOfWindow)
        kind = Kind.KEY_OUT_OF_WINDOW if late else None
        report.findings.append(Finding(where="receipt", reason=str(error), kind=kind))
        return None
    return statement


def _in_window(receipt: Receipt, statement: Statement, keys: Keyring) -> None:
    """Refuse a promise about entries that came after its key was given up.

    A key that came later may promise again what an earlier one had promised.
    """
    note = Note.parse(receipt.note.encode())
    period = keys.period_of(note, f"{statement.origin}/receipt")
    last = None if period is None else period.last
    if last is not None and statement.first + statement.count > last:
        raise KeyOutOfWindow(
            f"a key outside its window: it was given up with {last} entries"
        )


def _not_covered(
    receipt: Receipt,
    statement: Statement,
    found: Opened,
    report: Report,
    now_ms: int,
) -> Evidence | None:
    seconds = found.cosigned.seconds
    if seconds is None or not statement.broken_at(seconds):
        why = _waits(statement, now_ms, dated=seconds is not None)
        report.doubts.append(f"entry {receipt.index} is in no checkpoint yet{why}")
        return None
    _break(report, "checkpoint", MISSING, receipt.index)
    return Evidence(claim=MISSING, receipt=receipt, checkpoint=found.note)


def _waits(statement: Statement, now_ms: int, *, dated: bool) -> str:
    """Return what is to be done about an entry that is not there yet."""
    late_s = (now_ms - statement.due_ms) // 1000
    if late_s <= 0:
        return f"; ask again after {statement.delay_s} seconds"
    late = f", and was due {late_s} seconds ago by the time of this machine: "
    if dated:
        return f"{late}the log has stopped, or this is an old copy of it"
    return f"{late}the log's time key (log.vkeys) shows when this was signed"


def _covered(
    receipt: Receipt, source: Source, found: Opened, report: Report
) -> Evidence | None:
    checkpoint, index = found.checkpoint, receipt.index
    try:
        there = hash_at(source, index, checkpoint.size)
        path = path_to(source, index, checkpoint.size)
        verify_inclusion(there, index, checkpoint.size, path, checkpoint.root)
    except (Malformed, ProofInvalid) as error:
        # This copy of the tree is broken; the log's promise may be kept elsewhere.
        chosen = isinstance(source, ChosenSource)
        finding = Finding(
            where=ENTRIES if chosen else "tree",
            reason=f"what lies here does not lead to the root: {error}",
            index=index,
            kind=Kind.LEAF_CHANGED if chosen else Kind.TILE_CHANGED,
        )
        report.findings.append(finding)
        return None
    if there == receipt.leaf_hash:
        return None
    _break(report, "tree", ANOTHER, index)
    return Evidence(
        claim=ANOTHER,
        receipt=receipt,
        checkpoint=found.note,
        leaf_hash=there,
        path=path,
    )


def _break(report: Report, where: str, claim: str, index: int) -> None:
    kind = Kind.PROMISE_BROKEN
    report.findings.append(
        Finding(where=where, reason=REASONS[claim], index=index, kind=kind)
    )
