"""Makes the tree of a log that several processes write, and signs it.

Any of them does it, one at a time: who finds the row ``int_coord`` locked leaves the
work to whoever holds it. A checkpoint is put in place of exactly the one, size and
root, that it continues.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from audit.batch import Batch
from audit.checkpoint import Checkpoint
from audit.contract import Settings
from audit.disk import step
from audit.elsewhere import forked, rolled_back
from audit.errors import AuditError, LogDamaged, LogFailed, LogUnavailable
from audit.history import Past, kept_after, packed, shown
from audit.keyring import Keyring
from audit.leaf import hour_of
from audit.memory import KEPT_HOURS
from audit.merkle import HASH_SIZE
from audit.notary import Notary
from audit.note import Note
from audit.postgres.charter import KEYS_CHANGED, Fence
from audit.postgres.coordinates import PUBLISH, SHOW, Coordinates, Published
from audit.postgres.links import Links
from audit.postgres.server import Session, sure
from audit.postgres.shelf import PostgresShelf
from audit.postgres.tree import BATCHES, root_at, tree_at, write_tiles
from audit.reading import LiveSource
from audit.tree import Tree

__all__ = ["PostgresPublisher"]

_ROWS = 500
"""Batches integrated in one transaction."""
_PAUSE_S = 0.02

_HERE = "what this process has seen"


class PostgresPublisher:
    """The integrator's role, in one thread at a time."""

    def __init__(
        self, *, links: Links, settings: Settings, keyring: Keyring, fence: Fence
    ) -> None:
        """Take how to reach the database, and whose log it is."""
        self._links = links
        self._settings = settings
        self._keyring = keyring
        self._fence = fence
        self._notary = Notary(
            keys=settings.keys, keyring=keyring, cosigner=settings.cosigner
        )
        self._tree = Tree()
        self._seen: Published | None = None
        self._forgot = 0

    @property
    def follows(self) -> bool:
        """Others write this log too."""
        return True

    @property
    def seen(self) -> Published:
        """What is published, as far as this process knows.

        Raises:
            LogDamaged: nothing ever was.
        """
        if self._seen is None:
            raise LogDamaged("the log has no checkpoint")
        return self._seen

    @property
    def live(self) -> Past:
        """The newest checkpoint that is known."""
        return self.seen.past

    def public(self, now_ms: int) -> Past:
        """Return the newest checkpoint that is older than the public delay."""
        seen = self.seen
        return shown(seen.kept, seen.past, self._settings.public_delay_ms, now_ms)

    def run(self, _fresh: Sequence[Batch], now_ms: int) -> None:
        """Integrate and publish what there is, whoever sequenced it.

        Raises:
            LogError: as :class:`audit.contract.Publisher` says.
        """
        signed = self._links.ask(lambda session: self._signed(session, now_ms))
        if signed is not None:
            # Witnesses take their time: no connection waits for them.
            cosigned = self._cosigned(signed)
            self._links.ask(lambda session: self._publish(session, cosigned))

    def _signed(self, session: Session, now_ms: int) -> Past | None:
        """Integrate; return what is to be published, or still lacks a witness."""
        now = Coordinates.read(session)
        if now.fence != self._fence.value:
            raise LogFailed(KEYS_CHANGED)
        signed = None
        if now.sequenced > now.size or now.size != now.published:
            self.integrate(session, now_ms)
            signed = self._sign(session, now_ms)
        live = self.look(session)
        if signed is None and live is not None and self._notary.lacking(live.past):
            signed = live.past
        self._forget(session, now_ms)
        sure(session)
        return signed

    # --- integrate ------------------------------------------------------------

    def integrate(self, session: Session, now_ms: int) -> None:
        """Move what is sequenced into the tree; the errors of :meth:`run`, raw.

        Whatever is sequenced after this has the time ``now_ms`` or a later one.
        """
        session.execute("SELECT sallyport_log.tell(%s)", (now_ms,))
        with step(self._settings.faults, "integrate"):
            while self._integrate(session):
                pass

    def catch_up(self, now_ms: int) -> int:
        """Return the size of the tree once all that is sequenced now is in it.

        Nothing is signed. What is published must be what is stored.

        Raises:
            LogUnavailable: another process is at it and does not come to an end.
        """
        ends_at = time.monotonic() + self._links.timeout_s
        wanted = 0

        def work(session: Session) -> int:
            nonlocal wanted
            self.look(session)
            wanted = wanted or Coordinates.read(session).sequenced
            self.integrate(session, now_ms)
            return Coordinates.read(session).size

        while (size := self._links.ask(work)) < wanted:
            if time.monotonic() >= ends_at:
                raise LogUnavailable(
                    "another process does not end its work on the tree"
                )
            time.sleep(_PAUSE_S)
        return size

    def _integrate(self, session: Session) -> bool:
        """Move some batches into the tree; return whether there may be more."""
        with session.transaction():
            row = session.execute(
                "SELECT size, root, sallyport_log.durable(),"
                " (SELECT next FROM sallyport_log.seq_coord)"
                " FROM sallyport_log.int_coord FOR UPDATE SKIP LOCKED"
            ).fetchone()
            if row is None:
                return False  # another process is at it
            self._resume(session, row[0], row[1])
            tree = self._tree
            rows = session.execute(BATCHES, (tree.size, _ROWS), binary=True).fetchall()
            if not rows and (row[3] or 0) > tree.size:
                raise LogDamaged(f"entry {tree.size} is missing")
            if not rows:
                return False
            self._tree = Tree()  # until the commit nobody knows
            tiles = []
            for first, hashes in rows:
                if first != tree.size:
                    raise LogDamaged(f"entry {tree.size} is missing")
                some = range(0, len(hashes), HASH_SIZE)
                tiles += tree.add(hashes[at : at + HASH_SIZE] for at in some)
            write_tiles(session, [*tiles, *tree.partial()])
            session.execute(
                "UPDATE sallyport_log.int_coord SET size = %s, root = %b",
                (tree.size, tree.root()),
            )
        self._tree = tree
        return len(rows) == _ROWS

    def _resume(self, session: Session, size: int, root: bytes) -> None:
        """Have the tree of this size in memory; refuse tiles that are not its."""
        if (self._tree.size, self._tree.root()) != (size, root):
            self._tree = tree_at(session, size)
        if self._tree.root() != root:
            raise LogFailed("the stored tiles are not those of the stored root")

    # --- publish ----------------------------------------------------------------

    def _sign(self, session: Session, now_ms: int) -> Past | None:
        """Sign the tree; none if there is nothing new, or another process is at it.

        What witnesses will be shown is kept before they see it: whoever comes to the
        same tree shows, and publishes, that note and not another one.
        """
        before = self.look(session)
        row = session.execute("SELECT shown FROM sallyport_log.pub_coord").fetchone()
        shown = b"" if row is None else row[0]
        now = Coordinates.read(session)  # later: nobody was shown more than this
        if before is not None and before.past.size == now.size:
            return None
        try:
            past = self._notary.sign(
                size=now.size,
                root=now.root,
                now_ms=now_ms,
                before=None if before is None else before.past,
                shown=shown,
            )
        except AuditError as error:
            raise LogDamaged(f"what witnesses were shown: {error}") from None
        if before is None or self._notary.cosigner is None or past.note == shown:
            return past
        kept = session.execute(SHOW, (past.note, shown)).rowcount
        return past if kept else None

    def _cosigned(self, past: Past) -> Past:
        shelf, ask = PostgresShelf(self._links), self._links.ask
        tree = LiveSource(lambda path: shelf.read(path, past.size))
        return self._notary.cosigned(
            past, tree, lambda: ask(Coordinates.read).sequenced
        )

    def _publish(self, session: Session, past: Past) -> None:
        """Put it in place of the checkpoint that it continues, or has more lines than.

        Where another process was first, no row is changed, and it is looked at next.
        """
        before = self.look(session)
        with step(self._settings.faults, "publish"):
            if before is None:
                session.execute(
                    "SELECT sallyport_log.begin_publishing(%s, %b, %s, %b)",
                    (past.size, _root(past), past.ms, past.note),
                )
            elif past.size > before.past.size or _longer(past, before.past):
                self._replace(session, before, past)
        self.look(session)
        sure(session)

    def _replace(self, session: Session, before: Published, past: Past) -> None:
        kept = None
        if past.size != before.past.size:
            delay_ms = self._settings.public_delay_ms
            kept = kept_after(before.kept, before.past, past, delay_ms)
        session.execute(
            PUBLISH,
            (
                *(past.size, _root(past), past.ms, past.note),
                None if kept is None else packed(kept),
                None if kept is None else past.ms,
                *(*before.mark, self._fence.value),
            ),
        )

    def look(self, session: Session) -> Published | None:
        """Read what is published; none if nothing is yet.

        Raises:
            LogBehind, LogForked: it does not continue what this process has seen.
            LogDamaged: it is not what this log's keys signed.
        """
        now, before = Coordinates.read(session), self._seen
        published, mark = now.published, now.mark
        if published is None or (before is not None and before.mark == mark):
            return before
        if before is not None:
            if published < before.past.size:
                raise rolled_back(_HERE, before.past.size, published)
            if root_at(session, before.past.size) != before.root:
                raise forked(_HERE, before.past.size)
        if published > now.size:
            raise rolled_back("the store's own checkpoint", published, now.size)
        self._seen = Published.read(session, self._keyring, before)
        return self._seen

    def _forget(self, session: Session, now_ms: int) -> None:
        """Delete the dedup keys of yesterday, once an hour."""
        hour = hour_of(now_ms)
        if hour > self._forgot:
            self._forgot = hour
            session.execute(
                "DELETE FROM sallyport_log.dedup WHERE hour < %s", (hour - KEPT_HOURS,)
            )


def _root(past: Past) -> bytes:
    return Checkpoint.parse(Note.parse(past.note).text).root


def _longer(past: Past, before: Past) -> bool:
    """Whether it is the same note with more lines."""
    return past.note != before.note and past.note.startswith(before.note)
