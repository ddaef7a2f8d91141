"""How far a log in a database is, and what is published of it."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from audit.checkpoint import Checkpoint
from audit.elsewhere import rolled_back
from audit.errors import AuditError, LogDamaged
from audit.history import Past, past_of
from audit.keyring import Keyring
from audit.note import Note
from audit.postgres.server import Session
from audit.postgres.tree import root_at

__all__ = ["PUBLISH", "SHOW", "Coordinates", "Published"]

_LOOK = (
    "SELECT c.next, c.fence, i.size, i.root, p.size, p.root, sha256(p.note)"
    " FROM sallyport_log.seq_coord c, sallyport_log.int_coord i"
    " LEFT JOIN sallyport_log.pub_coord p ON p.id = 0"
)


PUBLISH = (
    "WITH sure AS (SELECT sallyport_log.durable())"
    " UPDATE sallyport_log.pub_coord"
    " SET size = %s, root = %b, ms = %s, note = %b,"
    " kept = coalesce(%b, kept), kept_ms = coalesce(%s, kept_ms)"
    " FROM sure, sallyport_log.seq_coord c"
    " WHERE pub_coord.size = %s AND pub_coord.root = %b"
    " AND sha256(pub_coord.note) = %b AND c.fence = %b"
)
"""Puts a checkpoint in place of exactly one."""

SHOW = (
    "WITH sure AS (SELECT sallyport_log.durable())"
    " UPDATE sallyport_log.pub_coord SET shown = %b FROM sure WHERE shown = %b"
)
"""Keeps what witnesses will be shown, in place of what they were shown before."""

_READ = (
    "SELECT note, root, kept_ms, CASE WHEN kept_ms <> %s THEN kept END"
    " FROM sallyport_log.pub_coord"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Coordinates:
    """How far the log is, at one moment."""

    sequenced: int
    fence: bytes
    size: int
    root: bytes
    published: int | None
    published_root: bytes | None
    published_note: bytes | None
    """The digest of its note, which may get more lines."""

    @property
    def mark(self) -> tuple[int | None, bytes | None, bytes | None]:
        """Return what tells the live checkpoint from every other."""
        return self.published, self.published_root, self.published_note

    @classmethod
    def read(cls, session: Session) -> Coordinates:
        """Read them.

        Raises:
            LogDamaged: they are gone.
            LogBehind: fewer entries are stored than lie in the tree.
        """
        row = session.execute(_LOOK, binary=True).fetchone()
        if row is None:
            raise LogDamaged("the log's coordinates are missing")
        found = cls(
            sequenced=row[0],
            fence=row[1],
            size=row[2],
            root=row[3],
            published=row[4],
            published_root=row[5],
            published_note=row[6],
        )
        # Where the next entry goes was set back: it would stand where another stands.
        if found.sequenced < found.size:
            raise rolled_back("the store's own tree", found.size, found.sequenced)
        return found


@dataclass(frozen=True, kw_only=True, slots=True)
class Published:
    """The row of the live checkpoint: the checkpoint, its root, the earlier ones."""

    past: Past
    root: bytes
    kept: tuple[Past, ...]
    kept_ms: int

    @property
    def mark(self) -> tuple[int, bytes, bytes]:
        """Return what tells it from every other: size, root, digest of the note."""
        return self.past.size, self.root, sha256(self.past.note).digest()

    @classmethod
    def read(
        cls, session: Session, keyring: Keyring, before: Published | None
    ) -> Published:
        """Read it; what was kept and is known is not read again.

        Raises:
            LogDamaged: it is not what these keys signed, or not what is stored.
        """
        known = -1 if before is None else before.kept_ms
        row = session.execute(_READ, (known,), binary=True).fetchone()
        note, root, kept_ms, kept = row or (b"", b"", 0, b"")
        try:
            past = Past.of(note, keyring)
            signed = Checkpoint.parse(Note.parse(note).text)
        except AuditError as error:
            raise LogDamaged(f"the live checkpoint: {error}") from None
        if signed.root != root or root_at(session, past.size) != root:
            raise LogDamaged("the stored entries are not those that were signed")
        earlier = () if before is None else before.kept
        if kept is not None:
            earlier = tuple(past_of(kept, keyring, known=earlier))
        return cls(past=past, root=root, kept=earlier, kept_ms=kept_ms)
