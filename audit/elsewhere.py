"""What others say of a log: a store must continue every checkpoint that it signed.

Whoever puts back an old copy of a store has signed more than the store holds, and so
does who runs a second one. The store itself can't tell: its own checkpoint went back
with it. Others can: witnesses, the copy in an object store, a file on another disk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from audit.checkpoint import Checkpoint
from audit.errors import AuditError, LogBehind, LogForked
from audit.keyring import Keyring
from audit.note import Note

__all__ = ["Said", "compare", "forked", "rolled_back"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """A checkpoint that somebody else has of this log, and who."""

    where: str
    """``the witness board.example``: it begins a sentence."""
    note: bytes


def rolled_back(where: str, signed: int, stored: int) -> LogBehind:
    """Return what is to be said where less is stored than was signed."""
    return LogBehind(
        f"{where} shows that this log signed {signed} entries, and {stored} entries are"
        " stored: an older copy of the store was put back, or it lost what it had"
        " promised. Nothing is written, because another entry at the same place would"
        " be a second history. Put the newest copy back. If there is none, keep this"
        " one for its auditors and begin a log with another origin."
    )


def forked(where: str, size: int) -> LogForked:
    """Return what is to be said where something else is stored than was signed."""
    return LogForked(
        f"{where} shows that this log signed {size} entries that are not the ones"
        " stored: there are two histories. Nothing is written. Stop whatever else"
        " writes under this origin, keep both stores for their auditors, and put back"
        " the one that the others have seen."
    )


def compare(
    said: Iterable[Said],
    keys: Keyring,
    *,
    origin: str,
    size: int,
    root_at: Callable[[int], bytes],
) -> list[str]:
    """Refuse a store that does not continue what others have seen it sign.

    Args:
        said: what others have; only the log's own Ed25519 line is looked at.
        keys: the log's keys.
        origin: the log's name.
        size: how many entries the store holds.
        root_at: gives the root of its first so many entries.

    Returns what could not be compared, one sentence each.

    Raises:
        LogBehind: the store holds less than was signed.
        LogForked: it holds something else, or the log's keys were changed elsewhere.
    """
    notices: list[str] = []
    for each in said:
        try:
            note = Note.parse(each.note)
            shown = Checkpoint.parse(note.text)
        except AuditError as error:
            notices.append(f"{each.where} shows no checkpoint: {error}")
            continue
        if shown.origin != origin:
            notices.append(f"{each.where} shows the log {shown.origin[:200]}")
            continue
        _signed(each.where, note, shown, keys)
        if shown.size > size:
            raise rolled_back(each.where, shown.size, size)
        if root_at(shown.size) != shown.root:
            raise forked(each.where, shown.size)
    return notices


def _signed(where: str, note: Note, shown: Checkpoint, keys: Keyring) -> None:
    """Refuse a checkpoint of this log that its keys, as they are here, did not sign."""
    known = [key for period in keys.periods_of(shown.size) for key in period.keys]
    try:
        note.signed_by(shown.origin, known, log=shown.origin)
    except AuditError as error:
        raise LogForked(
            f"{where} shows a checkpoint of this log, of {shown.size} entries, that its"
            f" keys did not sign here: {error}. Its keys were changed elsewhere, or"
            " somebody else writes under its name. Nothing is written. Put back the"
            " newest copy of the store, with the keys that belong to it."
        ) from None
