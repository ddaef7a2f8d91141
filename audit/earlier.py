"""What a verifier kept of an earlier verification, beside the checkpoint of now.

Two checkpoints alone show that a log was cut, or that there are two of one size: what
else can't be read hides neither.
"""

from __future__ import annotations

from audit.checkpoint import Checkpoint
from audit.errors import CannotTell, Malformed, ProofInvalid
from audit.finding import Finding, Kind
from audit.kept import Kept
from audit.keyring import Keyring
from audit.report import Report

__all__ = ["another", "compared", "kept_of"]


def kept_of(
    since: bytes, keyring: Keyring, report: Report
) -> tuple[Checkpoint, Kept] | None:
    """Return the checkpoint that was kept, and all that was; tell why there is none."""
    try:
        kept = Kept.parse(since)
        return keyring.open(kept.checkpoint).checkpoint, kept
    except (CannotTell, Malformed, ProofInvalid) as error:
        report.doubts.append(f"the earlier checkpoint: {error}")
        return None


def compared(before: Checkpoint, now: Checkpoint, report: Report) -> bool:
    """Whether two checkpoints may be of one log; the report is told if they are not."""
    if before.size > now.size:
        reason = f"had {before.size} entries before, {now.size} now"
        report.findings.append(_found(reason, Kind.ROLLED_BACK))
    elif before.size == now.size and before.root != now.root:
        report.findings.append(another(before.size))
    else:
        return True
    return False


def another(size: int) -> Finding:
    """Return the finding that a log has begun otherwise before."""
    reason = f"its first {size} entries are not those signed before"
    return _found(reason, Kind.SPLIT_VIEW)


def _found(reason: str, kind: Kind) -> Finding:
    return Finding(where="checkpoint", reason=reason, kind=kind)
