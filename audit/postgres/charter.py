"""Which log is in the database; its keys, and the fence that keeps others out.

The fence is a digest of the keys that are in force. Each batch names the one that its
writer knows: after a change of keys nobody with the old ones adds anything.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

import psycopg
from psycopg import errors

from audit.charter import SCHEMA as STATE_SCHEMA
from audit.charter import keyring_of
from audit.encoding import Json, encode
from audit.errors import LogDamaged, LogExists, LogFailed, LogMissing
from audit.keyring import Keyring
from audit.postgres.links import Links
from audit.postgres.schema import VERSION
from audit.postgres.server import error_of

__all__ = ["KEYS_CHANGED", "Fence", "PostgresCharter", "fence_of"]

KEYS_CHANGED = "the log's keys were changed by another process"

_FENCED = ("origin", "keys", "next")


@dataclass(kw_only=True, slots=True)
class Fence:
    """What this process knows of the log's keys; it changes with the charter."""

    value: bytes = b""


def fence_of(state: Mapping[str, Json]) -> bytes:
    """Return the digest of what a writer must know of a log's keys."""
    return sha256(encode({n: state[n] for n in _FENCED if n in state})).digest()


class PostgresCharter:
    """``charter``: one row."""

    def __init__(self, *, reads: Links, writes: Links) -> None:
        """Take the writer's connections, which read, and the integrator's."""
        self._reads = reads
        self._writes = writes
        self.fence = Fence()

    def require_version(self) -> None:
        """Return if the tables are of the version that this program knows.

        Raises:
            LogMissing: there are none.
            LogFailed: they are of another one.
        """
        row = self._reads.row("SELECT version_num FROM sallyport_log.version")
        found = row[0] if row else ""
        if found != VERSION:
            raise LogFailed(
                f"the log's tables are of version {found}, this program needs"
                f" {VERSION}; run: audit prepare"
            )

    def begin(self, state: Mapping[str, Json]) -> None:
        """Make the log; ``LogExists`` if there is one."""
        data = encode({"schema": STATE_SCHEMA, **state})
        try:
            with self._reads.lend() as session:
                session.execute(
                    "SELECT sallyport_log.begin_log(%b, %b)", (data, fence_of(state))
                )
        except errors.UniqueViolation:
            raise LogExists("there is a log in this database already") from None
        except (psycopg.Error, OSError) as error:
            raise error_of(error) from None

    def read_state(self) -> dict[str, Json]:
        """Return what was last written.

        Raises:
            LogMissing: there is no log.
            LogDamaged: it does not read.
        """
        row = self._reads.row("SELECT state FROM sallyport_log.charter")
        if row is None:
            raise LogMissing("there is no log in this database")
        try:
            state = json.loads(row[0])
        except ValueError:
            state = None
        if not isinstance(state, dict) or state.get("schema") != STATE_SCHEMA:
            raise LogDamaged("the charter does not read")
        return state

    def adopt(self) -> dict[str, Json]:
        """Read the state, and write under its keys from here on."""
        state = self.read_state()
        self.fence.value = fence_of(state)
        return state

    def write_state(self, state: Mapping[str, Json]) -> None:
        """Write it; who does not know its keys adds nothing any more.

        Raises:
            LogFailed: another process changed the keys since this one read them.
        """
        data, fence = encode({"schema": STATE_SCHEMA, **state}), fence_of(state)
        told = (data, fence, self.fence.value)
        row = self._writes.row("SELECT sallyport_log.rewrite(%b, %b, %b)", *told)
        if row != (True,):
            raise LogFailed(KEYS_CHANGED)
        self.fence.value = fence

    def keyring(self) -> Keyring:
        """Return the log's keys with their periods."""
        return keyring_of(self.read_state())

    def attach(self, name: str, data: bytes, index: int) -> None:
        """Publish a file that belongs to an entry and was not sequenced with it."""
        self._writes.row("SELECT sallyport_log.attach(%s, %s, %b)", name, index, data)
