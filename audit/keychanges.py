"""The changes of keys that a log's entries announce, compared with who signed what."""

from __future__ import annotations

from dataclasses import dataclass

from audit.checkpoint import Cosigned
from audit.errors import AuditError, SourceUnreadable
from audit.finding import Finding, Kind
from audit.keyring import Keyring, Period
from audit.note import Note
from audit.reading import Source
from audit.report import Report
from audit.rotation import announced, handover_path, keys_of, log_key
from audit.vkey import Verifier

__all__ = ["KeyChanges"]


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyChanges:
    """What is known of a log's keys while its entries are read."""

    source: Source
    report: Report
    cosigned: Cosigned
    keyring: Keyring

    @property
    def _origin(self) -> str:
        return self.cosigned.checkpoint.origin

    def check(self, index: int, act: str, note: bytes, keys: bytes) -> str | None:
        """Compare one announcement with the periods of the keys.

        Returns where the handover of the keys it ends must lie, if they are known.
        """
        try:
            new = log_key(keys_of(keys, self._origin), self._origin)
            old = self._given_up(Note.parse(note), new)
            key = None if old is None else log_key(old.keys, self._origin)
            if key is not None:
                announced(note, self.source, key)
        except SourceUnreadable:
            raise
        except AuditError as error:
            self._found(f"acts/{act}", f"is no change of keys: {error}", index)
            return None
        if self._signs(new) and self.cosigned.checkpoint.size <= index + 1:
            self._found("checkpoint", "signed by a key before its window", index)
        if old is None or key is None:
            self._tell(index, "by keys that were not given")
            return None
        self._ends(index, old, key)
        self._tell(index, f"by the key {key.id.hex()}")
        return handover_path(key)

    def _given_up(self, note: Note, new: Verifier) -> Period | None:
        """Return the known keys that announced others."""
        for period in self.keyring.periods:
            mine = [key for key in period.keys if key.name == self._origin]
            if new not in mine and any(map(note.of, mine)):
                return period
        return None

    def _ends(self, index: int, old: Period, key: Verifier) -> None:
        """Check that keys which were given up in an entry sign nothing after it."""
        if old.last is not None and old.last != index + 1:
            self._found("acts", "announces a second change of the same keys", index)
        elif self._signs(key) and self.cosigned.checkpoint.size > index + 1:
            reason = "a key outside its window: it was given up in this entry"
            self._found("checkpoint", reason, index)

    def _signs(self, key: Verifier) -> bool:
        return bool(self.cosigned.note.of(key))

    def _tell(self, index: int, by: str) -> None:
        self.report.note(index, f"new keys of the log, announced {by}")

    def _found(self, where: str, reason: str, index: int) -> None:
        late = where == "checkpoint"
        kind = Kind.KEY_OUT_OF_WINDOW if late else Kind.ACT_FORGED
        self.report.findings.append(
            Finding(where=where, reason=reason, index=index, kind=kind)
        )
