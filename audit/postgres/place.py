"""A log in a PostgreSQL database: opened, compared with what was signed."""

from __future__ import annotations

from collections.abc import Callable
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
        writes, integrates = Links(self.writer), Links(self.integrator)

        def close() -> None:
            writes.close()
            integrates.close()

        try:
            return _opened(
                settings, writes, integrates, close, create=create, rotating=rotating
            )
        except BaseException:
            close()
            raise


def _opened(
    settings: Settings,
    writes: Links,
    integrates: Links,
    close: Callable[[], None],
    *,
    create: bool,
    rotating: bool,
) -> Parts:
    charter = PostgresCharter(reads=writes, writes=integrates)
    charter.require_version()
    state = new_state(settings.origin, settings.keys, settings.public_delay_ms)
    if create:
        charter.begin(state)
    found = charter.adopt()
    check_state(found, state, rotating=rotating, where="this database")
    if found.get("public_delay_ms") != settings.public_delay_ms:
        charter.write_state({**found, **state})
    keyring = charter.keyring()
    publisher = PostgresPublisher(
        links=integrates, settings=settings, keyring=keyring, fence=charter.fence
    )
    row = writes.row("SELECT next, ms FROM sallyport_log.seq_coord")
    if row is None:
        raise LogDamaged("the log's coordinates are missing")
    size, last_ms = row
    now_ms = max(settings.clock.now_ms(), last_ms)
    stored = publisher.catch_up(now_ms)
    compare(
        settings.said,
        keyring,
        origin=settings.origin,
        size=stored,
        root_at=lambda at: integrates.ask(partial(root_at, size=at)),
    )
    publisher.run((), now_ms)
    return Parts(
        settings=settings,
        sequencer=PostgresSequencer(
            links=writes,
            keys=settings.keys,
            fence=charter.fence,
            seen=size,
            faults=settings.faults,
        ),
        publisher=publisher,
        shelf=PostgresShelf(writes),
        charter=charter,
        size=size,
        last_ms=max(now_ms, publisher.live.ms),
        close=close,
    )
