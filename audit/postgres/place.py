"""A log in a PostgreSQL database: opened, compared with what was signed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from audit.charter import check_state, new_state
from audit.contract import Parts, Settings
from audit.elsewhere import compare
from audit.errors import LogDamaged
from audit.postgres.charter import PostgresCharter
from audit.postgres.links import Links
from audit.postgres.publisher import PostgresPublisher
from audit.postgres.sequencer import PostgresSequencer
from audit.postgres.server import Server
from audit.postgres.shelf import PostgresShelf
from audit.postgres.tree import root_at

__all__ = ["Postgres"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Postgres:
    """The database that a log lies in, and the two roles of who writes it."""

    writer: Server
    integrator: Server

    def assemble(
        self, settings: Settings, *, create: bool = False, rotating: bool = False
    ) -> Parts:
        """Make or read back the log; see :class:`audit.contract.Place`."""
        opening = _Opening(
            settings=settings,
            writes=Links(self.writer),
            integrates=Links(self.integrator),
        )
        try:
            return opening.parts(create=create, rotating=rotating)
        except BaseException:
            opening.close()
            raise


@dataclass(frozen=True, kw_only=True, slots=True)
class _Opening:
    settings: Settings
    writes: Links
    integrates: Links

    def close(self) -> None:
        self.writes.close()
        self.integrates.close()

    def parts(self, *, create: bool, rotating: bool) -> Parts:
        settings = self.settings
        charter = self._charter(create=create, rotating=rotating)
        publisher = PostgresPublisher(
            links=self.integrates,
            settings=settings,
            keyring=charter.keyring(),
            fence=charter.fence,
        )
        size, last_ms = self._sequenced()
        now_ms = max(settings.clock.now_ms(), last_ms)
        self._compare(charter, publisher.catch_up(now_ms))
        publisher.run((), now_ms)
        shelf = PostgresShelf(self.writes)
        return Parts(
            settings=settings,
            sequencer=PostgresSequencer(
                links=self.writes,
                keys=settings.keys,
                fence=charter.fence,
                seen=size,
                faults=settings.faults,
            ),
            publisher=publisher,
            shelf=shelf,
            others=shelf,
            charter=charter,
            size=size,
            last_ms=max(now_ms, publisher.live.ms),
            close=self.close,
        )

    def _charter(self, *, create: bool, rotating: bool) -> PostgresCharter:
        """Return the charter; refuse keys that are not this log's."""
        settings = self.settings
        charter = PostgresCharter(reads=self.writes, writes=self.integrates)
        charter.require_version()
        state = new_state(settings.origin, settings.keys, settings.public_delay_ms)
        if create:
            charter.begin(state)
        found = charter.adopt()
        check_state(found, state, rotating=rotating, where="this database")
        if found.get("public_delay_ms") != settings.public_delay_ms:
            charter.write_state({**found, **state})
        return charter

    def _sequenced(self) -> tuple[int, int]:
        row = self.writes.row("SELECT next, ms FROM sallyport_log.seq_coord")
        if row is None:
            raise LogDamaged("the log's coordinates are missing")
        return row[0], row[1]

    def _compare(self, charter: PostgresCharter, stored: int) -> None:
        """Refuse a database that does not continue what others have seen."""
        compare(
            self.settings.said,
            charter.keyring(),
            origin=self.settings.origin,
            size=stored,
            root_at=lambda at: self.integrates.ask(partial(root_at, size=at)),
        )
