"""One trial of a log: a store, writers that die, and a look at everything after."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from audit.checkpoint import Checkpoint
from audit.objects.bucket import Place
from tests.audit.asked import Notes
from tests.audit.kept import DirectoryStore, PostgresStore, Store, copied, template
from tests.audit.lives import Writer, finish, live, moment
from tests.services.cluster import run_server
from tests.services.objects import Objects, run_objects
from tests.services.postgres import Server, programs

__all__ = ["Trial", "World"]

ROOT = Path(__file__).parents[2]
_FIRST_S = 5.0
"""The longest wait for a life's first entry."""


@dataclass(kw_only=True)
class World:
    """What trials need; a server is started when the first needs it."""

    folder: Path
    stack: ExitStack
    postgres: Server | None = None
    objects: Objects | None = None
    log_template: str | None = None
    entries: int = 0
    """What was acknowledged in all."""

    def server(self) -> Server:
        """Return a PostgreSQL with the tables of a log to copy."""
        if self.postgres is None:
            found = programs()
            assert found is not None, "PostgreSQL is not here: `make tools`"
            self.postgres = self.stack.enter_context(run_server(found))
        if self.log_template is None:
            made = contextmanager(template)(self.postgres)
            self.log_template = self.stack.enter_context(made)
        return self.postgres

    def bucket(self) -> Place:
        """Return a new bucket with Object Lock."""
        if self.objects is None:
            program = ROOT / ".tools" / "bin" / "versitygw"
            assert program.exists(), "versitygw is not here: `make tools`"
            self.objects = self.stack.enter_context(run_objects(program))
        return self.objects.place()


@dataclass(kw_only=True)
class Trial:
    """One store, its notes, and a seed from which everything else follows."""

    world: World
    seed: str
    folder: Path
    stack: ExitStack
    chance: random.Random = field(init=False)
    seen: list[Checkpoint] = field(default_factory=list)
    lives: int = 0

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)  # noqa: S311 - moments, not secrets
        self.notes = Notes(self.folder / "notes")

    def directory(self) -> DirectoryStore:
        """Begin a log in a folder."""
        store = DirectoryStore(self.folder / "store")
        self.begin(store)
        return store

    def database(self, timeout_s: float = 10.0) -> PostgresStore:
        """Begin a log in a database."""
        server = self.world.server()
        assert self.world.log_template is not None
        made = contextmanager(copied)(server, self.world.log_template)
        database = self.stack.enter_context(made)
        store = PostgresStore(database, timeout_s=timeout_s)
        self.begin(store)
        return store

    def begin(self, store: Store) -> None:
        """Make the log."""

        async def begin() -> None:
            await (await store.opening(create=True)).close()

        asyncio.run(begin())

    def life(
        self,
        writers: Sequence[Writer],
        meanwhile: Callable[[list[int]], None] = lambda _: None,
    ) -> tuple[int, ...]:
        """Have writers at once; return how each ended."""
        self.lives += 1
        name = f"life{self.lives}-"
        return live(writers, self.notes, name, meanwhile=meanwhile).ended

    def look(self, store: Store) -> None:
        """Ask again for what is open, and look at everything."""
        self.seen.append(finish(store, self.notes, self.seen))

    def at(self, steps: Sequence[str]) -> tuple[str, int]:
        """Choose a step, before or after, and how often it has come by then."""
        when = self.chance.choice(("before", "after"))
        return f"{when} {self.chance.choice(steps)}", self.chance.choice((1, 1, 2, 4))

    def kill(self, children: Sequence[int], longest_s: float = 0.15) -> None:
        """Kill processes, each at a moment of its own; most once somebody was told."""
        if self.chance.random() < 0.8:
            self._until_told()
        for child in children:
            moment(self.chance, longest_s)
            os.kill(child, signal.SIGKILL)

    def _until_told(self) -> None:
        """Wait until this life's first entry is acknowledged, for some time."""
        start, ends_at = f"life{self.lives}-", time.monotonic() + _FIRST_S
        while time.monotonic() < ends_at:
            if any(told.key.startswith(start) for told in self.notes.told()):
                return
            time.sleep(0.002)
