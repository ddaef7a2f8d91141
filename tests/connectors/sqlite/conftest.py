"""What the tests of one connection share: a small file, and sessions on it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from connectors import Limits
from connectors.sqlite.session import Session
from tests.connectors.sqlite.small import make


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a database with one table of two rows."""
    return make(tmp_path / "it's 100% ok?.db", "one")


@pytest.fixture
def opened(path: Path) -> Iterator[Callable[..., Session]]:
    """Return a function that opens a session with five seconds to live."""
    sessions: list[Session] = []

    def start(
        *, limits: Limits | None = None, trace: Callable[[str], None] | None = None
    ) -> Session:
        """Open one."""
        session = Session(
            source="s",
            path=path,
            limits=limits or Limits(),
            monotonic=time.monotonic,
            trace=trace,
        )
        session.ends_at = time.monotonic() + 5
        sessions.append(session)
        return session

    yield start
    for session in sessions:
        session.close()
