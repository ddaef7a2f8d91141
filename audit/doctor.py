"""Says whether a store may be written to, in the words in which opening it refuses."""

from __future__ import annotations

from collections.abc import Sequence

from audit.elsewhere import Said, compare, rolled_back
from audit.encoding import Json
from audit.errors import (
    AuditError,
    CannotTell,
    LogBehind,
    LogDamaged,
    LogForked,
    ProofInvalid,
)
from audit.finding import Finding, Kind
from audit.history import Past
from audit.keep import Keep
from audit.keyring import Keyring
from audit.proof import stored_root
from audit.report import Report

__all__ = ["HOLDS", "examine"]

HOLDS = "this store continues all that was signed, as far as anybody showed"

_SHOWN = (LogBehind, LogForked, LogDamaged, ProofInvalid)
"""What shows that the store is not what was signed; other errors leave it open."""


def examine(keep: Keep, said: Sequence[Said]) -> Report:
    """Compare a store with its own last checkpoint and with what others have of it.

    Whoever opens the log for writing does the same and refuses; here it is told.
    """
    report = Report(holds=HOLDS, witnessed=None)
    try:
        state = keep.state()
        keys = keep.keyring()
        live = keep.past(keys)[-1]
        report.facts |= {"origin": state["origin"], "entries": live.size}
        if "next" in state:
            report.doubts.append(
                "a change of keys was begun: carry it through with the same keys"
            )
        _tell_lost(keep, report)
        unread = any(each.unread for each in keep.lost())
        if not unread and (stored := keep.stored()) < live.size:
            raise rolled_back("the store's own checkpoint", live.size, stored)
        # Whoever names a checkpoint wants it compared.
        report.doubts += _compared(keep, keys, live, said, state)
        report.notices += keep.risks()
    except _SHOWN as error:
        report.findings.append(Finding(where=keep.name, reason=str(error)))
    except AuditError as error:
        report.doubts.append(f"{keep.name}: {error}")
    if not said:
        report.notices.append(
            "nobody else's checkpoint was compared: an old copy of a store looks whole"
        )
    return report


def _tell_lost(keep: Keep, report: Report) -> None:
    """Tell what no longer reads of the write-ahead folder, at which opening stops."""
    for each in keep.lost():
        if each.unread:
            report.doubts.append(f"{each.where}: {each.reason}")
        else:
            reason, kind = each.reason, Kind.STORE_CHANGED
            found = Finding(
                where=each.where, reason=reason, index=each.first, kind=kind
            )
            report.findings.append(found)


def _compared(
    keep: Keep,
    keys: Keyring,
    live: Past,
    said: Sequence[Said],
    state: dict[str, Json],
) -> list[str]:
    source = keep.source()
    root = keys.open(live.note).checkpoint.root

    def root_at(size: int) -> bytes:
        if size > live.size:
            raise CannotTell(
                f"of the {size} entries that were signed, {live.size} lie in the tree:"
                " open the log for writing, which compares the rest"
            )
        return stored_root(source, live.size, size)

    if root_at(live.size) != root:
        raise LogDamaged("the stored entries are not those that were signed")
    return compare(
        said, keys, origin=state["origin"], size=keep.stored(), root_at=root_at
    )
