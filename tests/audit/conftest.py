"""What several tests of the log need."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from audit import vkey
from audit.keyfiles import write_secret
from tests.audit.builders import AUDITOR, KEYS, filled, write_tree
from tests.audit.kept import (
    Database,
    DirectoryStore,
    PostgresStore,
    Store,
)
from tests.audit.tampered import LEAVES
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


@pytest.fixture(scope="module")
def six_hundred(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tree of 600 entries: two full bundles and one of 88."""
    folder = tmp_path_factory.mktemp("six-hundred") / "log"
    write_tree(folder, LEAVES)
    return folder


@pytest.fixture
def copied(six_hundred: Path, tmp_path: Path) -> Path:
    """A copy of that tree, to be altered."""
    return Path(shutil.copytree(six_hundred, tmp_path / "log"))


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Return a folder with a store of ten entries and the files an auditor has."""
    filled(tmp_path / "store", 10)
    KEYS.write(tmp_path / "keys")
    write_secret(tmp_path / "auditor.key", AUDITOR.secret_text + "\n")
    return tmp_path


@pytest.fixture
def keys(place: Path) -> list[str]:
    """Return the options that name the log's keys."""
    return ["--vkey", str(place / "keys" / "log.vkeys")]
