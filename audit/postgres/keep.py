"""A store in a database as its auditors see it, in the read-only role."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

from audit.charter import keyring_of
from audit.checkpoint import Checkpoint
from audit.elsewhere import rolled_back
from audit.encoding import Json
from audit.errors import LogDamaged, LogError, SourceUnreadable
from audit.history import Past, past_of
from audit.keep import split
from audit.keyring import Keyring
from audit.note import Note
from audit.postgres.charter import PostgresCharter
from audit.postgres.links import Links
from audit.postgres.server import Server, server_at
from audit.postgres.shelf import PostgresShelf, whole
from audit.postgres.source import PostgresSource
from audit.salvage import Lost
from audit.tiles import WIDTH

__all__ = ["PostgresKeep", "keep_of"]

_SETTINGS = (
    "SELECT current_setting('synchronous_standby_names'), current_setting('fsync'),"
    " current_setting('full_page_writes')"
)
_LIVE = (
    "SELECT p.note, p.kept, p.size, p.root, i.size FROM sallyport_log.pub_coord p"
    " LEFT JOIN sallyport_log.int_coord i ON i.id = 0"
)
"""Read at once: a log may go on while it is looked at."""


def keep_of(address: str) -> PostgresKeep:
    """Return the store at a ``postgresql://`` address; nothing is opened yet.

    Raises:
        CannotTell: the address does not read.
    """
    return PostgresKeep(server_at(address))


class PostgresKeep:
    """What can be read of a store; see :class:`audit.keep.Keep`."""

    def __init__(self, server: Server) -> None:
        """Take how to reach the database."""
        self._server = server
        self._links = Links(server)
        self._shelf = PostgresShelf(self._links)

    @property
    def name(self) -> str:
        """The database's name."""
        return f"the database {self._server.parameters.get('dbname', '')}".rstrip()

    def source(self) -> PostgresSource:
        """Return the live tree."""
        return PostgresSource(self._server)

    def state(self) -> dict[str, Json]:
        """Return what the log keeps of itself."""
        return PostgresCharter(reads=self._links, writes=self._links).read_state()

    def keyring(self) -> Keyring:
        """Return the log's keys with their periods."""
        return keyring_of(self.state())

    def past(self, keys: Keyring) -> list[Past]:
        """Return the checkpoints that are kept, the live one last."""
        row = self._links.row(_LIVE)
        if row is None:
            raise LogDamaged("the store has no checkpoint")
        note, kept = whole(row[0], "the checkpoint"), whole(row[1], "the earlier ones")
        live = Past.of(note, keys)
        if row[4] is None:
            raise LogDamaged("the log's coordinates are missing")
        if row[4] < live.size:
            raise rolled_back("the store's own checkpoint", live.size, row[4])
        if row[2:4] != (live.size, Checkpoint.parse(Note.parse(note).text).root):
            raise LogDamaged("the stored entries are not those that were signed")
        return [*past_of(kept, keys), live]

    def stored(self) -> int:
        """Return how many entries are stored, signed or not."""
        row = self._links.row("SELECT next FROM sallyport_log.seq_coord")
        return 0 if row is None else int(row[0])

    def files(self) -> dict[str, int]:
        """Return which entry brought each public file."""
        return self._shelf.files()

    def read(self, path: str, size: int) -> bytes | None:
        """Return a public file of the tree as it was at ``size`` entries."""
        return self._shelf.read(path, size)

    def record(self, index: int) -> bytes:
        """Return the sealed record of an entry."""
        found = self._records(index, index + 1)
        if index not in found:
            raise LogDamaged(f"no sealed record of entry {index}")
        return found[index]

    def records(self, number: int) -> tuple[str, dict[int, bytes]]:
        """Return where the sealed records of a bundle lie, and those there are."""
        with _readable("sealed"):
            return "sealed", self._records(number * WIDTH, (number + 1) * WIDTH)

    def _records(self, start: int, end: int) -> dict[int, bytes]:
        found: dict[int, bytes] = {}
        for first, data in self._shelf.records(start, end):
            found |= dict(enumerate(split(data), first))
        return {index: data for index, data in found.items() if start <= index < end}

    def doubles(self, _number: int) -> Iterator[tuple[int, bytes]]:
        """Yield nothing: each leaf is stored once."""
        yield from ()

    def lost(self) -> Sequence[Lost]:
        """Return nothing: what no longer reads is met where it is read."""
        return ()

    def risks(self) -> Sequence[str]:
        """Return what the server's settings would let go."""
        standbys, fsync, pages = self._links.rows(_SETTINGS)[0]
        found = []
        if not standbys:
            found.append(
                "no synchronous standby is named: if this server is lost, what was"
                " acknowledged is lost with it, and the log must not go on elsewhere"
            )
        if (fsync, pages) != ("on", "on"):
            found.append("the server does not wait for its disk: a crash loses entries")
        return found

    def epoch(self, epoch: bytes) -> bytes | None:
        """Return an epoch's sealed keys; none if they are gone."""
        with _readable(f"epochs/{epoch.hex()}.json"):
            return self._shelf.epoch(epoch)

    def close(self) -> None:
        """Close the connections."""
        self._links.close()


@contextlib.contextmanager
def _readable(where: str) -> Iterator[None]:
    """Say of what the server does not give that it can't be read."""
    try:
        yield
    except LogError as error:
        raise SourceUnreadable(f"{where}: {error}") from None
