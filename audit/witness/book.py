"""What a witness has cosigned, in SQLite: the latest checkpoint of each log.

The comparison with the latest size and the new record are one transaction, durable
before anybody is answered. A copy of this file that is put back makes the witness
forget what it has seen: then it must be given a new key.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from audit.checkpoint import Checkpoint
from audit.merkle import EMPTY_ROOT
from audit.note import Note, Signature
from audit.witness.judgement import ANOTHER_TREE, Refused, Submission, check

__all__ = ["Book", "Conflict", "Cosigned", "Signing", "Spend"]

Signing = Callable[[str, int], tuple[Signature, ...]]
"""Makes the witness's lines over a checkpoint's text at a time (Unix seconds)."""

Spend = Callable[[bool], None]
"""Counts what is countersigned, or raises ``Refused``; told whether it is anything new.
"""

_MOST_CONFLICTS = 1000
"""Refused checkpoints kept of one log, and of second histories as many again: a log
that went wrong can't fill the disk, and what anybody can send takes no room from these.
"""

_TABLES = """
CREATE TABLE IF NOT EXISTS cosigned (
  origin TEXT PRIMARY KEY, hash TEXT NOT NULL UNIQUE, size INTEGER NOT NULL,
  root BLOB NOT NULL, at INTEGER NOT NULL, note BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS conflict (
  digest BLOB PRIMARY KEY, origin TEXT NOT NULL, at INTEGER NOT NULL,
  said TEXT NOT NULL, cosigned BLOB NOT NULL, shown BLOB NOT NULL
) STRICT, WITHOUT ROWID;
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Cosigned:
    """A log's latest checkpoint here."""

    origin: str
    size: int
    at: int
    """When it was cosigned, Unix seconds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Conflict:
    """A checkpoint that a log signed and that does not continue what it signed before.

    With the same size and another root the two notes prove a second history. A larger
    one may have come with a wrong proof from anybody who has seen it.
    """

    origin: str
    at: int
    said: str
    cosigned: bytes
    shown: bytes

    @property
    def proven(self) -> bool:
        """Whether the two notes are proof by themselves."""
        heads = [
            Checkpoint.parse(Note.parse(each).text)
            for each in (self.cosigned, self.shown)
        ]
        return heads[0].size == heads[1].size and heads[0].root != heads[1].root


class Book:
    """One connection; one call at a time."""

    def __init__(self, path: Path) -> None:
        """Open the file, or make it.

        Raises:
            sqlite3.Error: it can't be opened, or is no such file.
        """
        self._connection = sqlite3.connect(
            path, timeout=5, isolation_level=None, check_same_thread=False
        )
        # FULL: a commit is on the disk when it returns, through a loss of power too.
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        self._connection.executescript(_TABLES)

    def close(self) -> None:
        """Give the file up."""
        self._connection.close()

    def add(
        self, submission: Submission, sign: Signing, at: int, spend: Spend
    ) -> bytes:
        """Countersign a checkpoint, durably; return the lines.

        Raises:
            Refused: it does not continue what was cosigned before, or ``spend`` says
                so. It stays grave only where it is kept now, for the first time.
            sqlite3.Error: it could not be recorded, so nothing is answered.
        """
        try:
            with self._transaction() as one:
                row = one.execute(
                    "SELECT size, root FROM cosigned WHERE origin = ?",
                    (submission.origin,),
                ).fetchone()
                check(submission, *(row or (0, EMPTY_ROOT)))
                spend(row is None or submission.size > row[0])
                lines = sign(submission.text, at)
                note = Note(
                    text=submission.text, signatures=(*submission.signed, *lines)
                )
                one.execute(
                    "INSERT OR REPLACE INTO cosigned VALUES (?, ?, ?, ?, ?, ?)",
                    (
                        submission.origin,
                        sha256(submission.origin.encode()).hexdigest(),
                        submission.size,
                        submission.root,
                        at,
                        note.pack(),
                    ),
                )
                # Anybody can show it with a proof that does not hold. Now one does.
                one.execute(
                    "DELETE FROM conflict WHERE digest = ?", (_digest(submission),)
                )
        except Refused as refused:
            if refused.grave:
                refused.grave = self._keep(submission, str(refused), at)
            raise
        return "".join(each.line for each in lines).encode()

    def latest(self, origin_hash: str) -> bytes | None:
        """Return the latest cosigned checkpoint of the log whose origin hashes so."""
        row = self._connection.execute(
            "SELECT note FROM cosigned WHERE hash = ?", (origin_hash,)
        ).fetchone()
        return None if row is None else bytes(row[0])

    def logs(self) -> list[Cosigned]:
        """Return how far each log is."""
        rows = self._connection.execute(
            "SELECT origin, size, at FROM cosigned ORDER BY origin"
        )
        return [Cosigned(origin=row[0], size=row[1], at=row[2]) for row in rows]

    def conflicts(self) -> list[Conflict]:
        """Return what was refused as a possible second history, oldest first."""
        rows = self._connection.execute(
            "SELECT origin, at, said, cosigned, shown FROM conflict"
            " ORDER BY at, origin, digest"
        )
        return [
            Conflict(
                origin=row[0], at=row[1], said=row[2], cosigned=row[3], shown=row[4]
            )
            for row in rows
        ]

    def _keep(self, submission: Submission, said: str, at: int) -> bool:
        """Keep two checkpoints that do not fit, once each; return whether it is new."""
        shown = submission.request.checkpoint
        with self._transaction() as one:
            made = one.execute(
                "INSERT OR IGNORE INTO conflict"
                " SELECT ?, origin, ?, ?, note, ? FROM cosigned WHERE origin = ?"
                " AND (SELECT count(*) FROM conflict"
                " WHERE origin = ? AND (said = ?) = ?) < ?",
                (
                    _digest(submission),
                    *(at, said, shown, submission.origin, submission.origin),
                    *(ANOTHER_TREE, said == ANOTHER_TREE, _MOST_CONFLICTS),
                ),
            )
            return made.rowcount > 0

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """Have the file alone until the block ends; undo it if it fails."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield self._connection
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise


def _digest(submission: Submission) -> bytes:
    return sha256(submission.text.encode()).digest()
