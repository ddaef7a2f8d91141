"""A test's log in a store of either kind: the tests do not say which."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypedDict, Unpack

from audit import Log, Receipt
from audit.checkpoint import Checkpoint, open_checkpoint
from audit.contract import Place
from audit.cosigning import Cosigner
from audit.directory import Directory
from audit.disk import Faults, no_faults
from audit.elsewhere import Said
from audit.folder import Folder
from audit.merkle import leaf_hash, verify_consistency
from audit.postgres.place import Postgres
from audit.postgres.prepare import prepare
from audit.postgres.schema import ROLES
from audit.postgres.server import Server as LogServer
from audit.postgres.source import PostgresSource
from audit.proof import consistency
from audit.reading import FolderSource, Source
from audit.stored import stored_leaves
from audit.verify import Trust, verify
from tests.audit.builders import AUDITOR, CFG, KEYS, ORIGIN, SCHEMA, FakeClock, Opening
from tests.services.moving import LOG_PASSWORD
from tests.services.postgres import OWNER, PASSWORDS, Server

__all__ = [
    "Database",
    "DirectoryStore",
    "PostgresStore",
    "Store",
    "check",
    "checked",
    "copied",
    "template",
]

_NUMBERS = itertools.count()
PASSWORD = LOG_PASSWORD
_TEMPLATE = "sallyport_log_template"


class More(TypedDict, total=False):
    """What else a log may be opened with, by the names that ``Log.open`` has."""

    create: bool
    checkpoint_interval_s: float
    max_outstanding: int
    said: Sequence[Said]
    cosigner: Cosigner | None


class How(More, total=False):
    """What a test may open its log with."""

    clock: FakeClock
    faults: Faults
    delay_s: float


class Store(Protocol):
    """Where a test's log lies."""

    @property
    def place(self) -> Place:
        """The place, for who opens a log."""

    def opening(self, **how: Unpack[How]) -> Opening:
        """Open the log with the keys that every test has."""

    def source(self) -> Source:
        """The live tree, for who verifies."""

    def leaves(self) -> list[bytes]:
        """Every leaf that is stored, signed or not."""

    def epochs(self) -> int:
        """How many epochs' keys are stored."""


def _opened(
    place: Place,
    *,
    clock: FakeClock | None = None,
    faults: Faults = no_faults,
    delay_s: float = 0,
    **more: Unpack[More],
) -> Opening:
    return Log.open(
        place,
        origin=ORIGIN,
        keys=KEYS,
        auditors=[AUDITOR.auditor],
        clock=clock or FakeClock(),
        public_delay_s=delay_s,
        fault_hooks=faults,
        **more,
    )


@dataclass(frozen=True, slots=True)
class DirectoryStore:
    """A folder."""

    root: Path

    @property
    def place(self) -> Directory:
        """The folder."""
        return Directory(self.root)

    def opening(self, **how: Unpack[How]) -> Opening:
        """Open the log."""
        return _opened(self.place, **how)

    def source(self) -> Source:
        """The live tree."""
        return FolderSource(self.root / "live")

    def leaves(self) -> list[bytes]:
        """Every leaf."""
        return [leaf for _, leaf in stored_leaves(Folder(root=self.root))]

    def epochs(self) -> int:
        """How many epochs' keys."""
        return len(list((self.root / "epochs").iterdir()))


@dataclass(frozen=True, kw_only=True, slots=True)
class Database:
    """A database of a real server, with the roles of a log."""

    server: Server
    name: str

    def server_of(
        self, role: str, *, port: int | str | None = None, timeout_s: float = 10.0
    ) -> LogServer:
        """Return how a role (``writer``, ``owner``, ...) gets there."""
        user = OWNER if role == "owner" else f"log_{role}"
        password = PASSWORDS[OWNER] if role == "owner" else PASSWORD
        return LogServer(
            parameters={
                "host": ",".join([self.server.host] * len(str(port).split(","))),
                "port": port or self.server.port,
                "dbname": self.name,
                "user": user,
                "sslmode": "verify-full",
                "sslrootcert": str(self.server.ca_file),
            },
            password=lambda: password,
            timeout_s=timeout_s,
        )

    def execute(self, statement: str) -> list[tuple[object, ...]]:
        """Do something as the owner; return what it gives."""
        with self.server.admin(self.name) as admin:
            cursor = admin.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []


@dataclass(frozen=True, slots=True)
class PostgresStore:
    """A database; ``port`` is where a proxy of it listens, or each server of a pair."""

    database: Database
    port: int | str | None = None
    timeout_s: float = 10.0

    @property
    def place(self) -> Postgres:
        """The database, in the two roles of a gateway."""
        writer, integrator = (
            self.database.server_of(role, port=self.port, timeout_s=self.timeout_s)
            for role in ("writer", "integrator")
        )
        return Postgres(writer=writer, integrator=integrator)

    def opening(self, **how: Unpack[How]) -> Opening:
        """Open the log."""
        return _opened(self.place, **how)

    def source(self) -> PostgresSource:
        """The live tree, as the auditor's role reads it."""
        return PostgresSource(self.database.server_of("auditor"))

    def leaves(self) -> list[bytes]:
        """Every leaf."""
        source = self.source()
        try:
            return [leaf for _, leaf in source.shelf.leaves()]
        finally:
            source.close()

    def epochs(self) -> int:
        """How many epochs' keys."""
        [row] = self.database.execute("SELECT count(*) FROM sallyport_log.epoch")
        return int(str(row[0]))


def template(server: Server, *, keep: bool = False) -> Iterator[str]:
    """Make a database with the tables of a log, to be copied; and the roles.

    With ``keep`` they are not removed: the server will be gone by then.
    """

    def execute(statement: str) -> None:
        """Do something as the administrator; a test may have restarted the server."""
        with server.admin() as admin:
            admin.execute(statement.encode())

    with ExitStack() as stack:
        for role in ROLES:
            execute(f"CREATE ROLE log_{role} LOGIN PASSWORD '{PASSWORD}'")
            if not keep:
                stack.callback(execute, f"DROP ROLE log_{role}")
        execute(f"CREATE DATABASE {_TEMPLATE} TEMPLATE template0")
        if not keep:
            stack.callback(execute, f"DROP DATABASE {_TEMPLATE}")
        prepare(
            Database(server=server, name=_TEMPLATE).server_of("owner"),
            {role: f"log_{role}" for role in ROLES},
        )
        yield _TEMPLATE


def copied(server: Server, of: str) -> Iterator[Database]:
    """Make a copy of a database for the length of a test."""
    name = f"log_of_a_test_{next(_NUMBERS)}"
    with server.admin() as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {of}")
    try:
        yield Database(server=server, name=name)
    finally:
        with server.admin() as admin:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


class _WithSchema:
    """A tree and the schema that the tests' leaves name, which few of them attach."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.wider, self.tiles = source.wider, source.tiles

    def read(self, path: str) -> bytes | None:
        return SCHEMA if path == f"schema/{CFG}.json" else self._source.read(path)

    def files(self) -> Iterator[str]:
        return (name for name in self._source.files() if not name.startswith("schema/"))


def check(
    store: Store,
    acknowledged: Sequence[Receipt] = (),
    *,
    since: Checkpoint | None = None,
) -> Checkpoint:
    """Verify a store from its first entry on; return its checkpoint.

    What was acknowledged stands where it was said, nothing stands twice, and the tree
    continues the one that was seen before.
    """
    source = store.source()
    data = source.read("checkpoint")
    assert data is not None
    report = verify(_WithSchema(source), Trust(keys=KEYS.verifiers))
    assert [each.text for each in report.findings] == []
    assert report.doubts == []
    hashes = [leaf_hash(leaf) for leaf in store.leaves()]
    assert len(set(hashes)) == len(hashes)
    for receipt in acknowledged:
        assert hashes[receipt.index] == receipt.leaf_hash
    signed = open_checkpoint(data, KEYS.verifiers).checkpoint
    assert signed.size <= len(hashes)
    if since is not None and since.size:
        proof = consistency(source, since.size, signed.size)
        verify_consistency(since.size, signed.size, proof, since.root, signed.root)
    if isinstance(source, PostgresSource):
        source.close()
    return signed


async def checked(
    store: Store,
    acknowledged: Sequence[Receipt] = (),
    *,
    since: Checkpoint | None = None,
) -> Checkpoint:
    """As :func:`check`, beside a running log."""
    return await asyncio.to_thread(check, store, acknowledged, since=since)
