"""What several tests of the log need."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from audit import vkey
from tests.audit.kept import (
    Database,
    DirectoryStore,
    PostgresStore,
    Store,
)
from tests.audit.witnessing import Board, Boards

MLDSA_MODULE = "cryptography.hazmat.primitives.asymmetric.mldsa"


@pytest.fixture
def old_library(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A cryptography without ML-DSA, as auditors may have it."""
    monkeypatch.setitem(sys.modules, MLDSA_MODULE, None)
    vkey.mldsa.cache_clear()
    vkey._loaded.cache_clear()
    yield
    vkey.mldsa.cache_clear()


@pytest.fixture
def postgres_store(log_database: Database) -> PostgresStore:
    """A store in such a database."""
    return PostgresStore(log_database)


@pytest.fixture(params=["directory", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """A store of either kind, empty."""
    if request.param == "directory":
        return DirectoryStore(tmp_path / "store")
    found: Store = request.getfixturevalue("postgres_store")
    return found


@pytest.fixture
def boards() -> Boards:
    """Two witnesses."""
    return Boards([Board("a.example"), Board("b.example")])
