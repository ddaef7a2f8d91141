"""A source's settings give its connector, and nothing is opened yet."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from connectors import (
    KINDS,
    DriverMissing,
    InvalidQuery,
    PostgresServer,
    Query,
    SourceUnavailable,
    Table,
    driver_problem,
    open_connector,
)

SERVER = PostgresServer(host="db.example", port=5432, database="jail", user="reader")


def test_an_unknown_kind(tmp_path: Path) -> None:
    """A kind nobody wrote is refused, with what there is."""
    with pytest.raises(InvalidQuery, match="one of sqlite, postgres"):
        open_connector(name="x", kind="access", path=tmp_path)


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_without_its_place(kind: str) -> None:
    """A file is not a server, and a server no file."""
    with pytest.raises(InvalidQuery):
        open_connector(name="x", kind=kind)


def test_a_driver_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence says what is missing and what installs it; too old is said too."""
    assert driver_problem("sqlite") == driver_problem("postgres") == ""
    with monkeypatch.context() as patched:
        patched.setattr("psycopg.pq.version", lambda: 150_004)
        assert driver_problem("postgres") == (
            "PostgreSQL needs libpq 17 or later; here is 150004"
        )
    monkeypatch.setitem(sys.modules, "psycopg", None)

    with pytest.raises(
        DriverMissing, match=r"pip install 'sallyport-gateway\[postgres"
    ):
        open_connector(name="x", kind="postgres", server=SERVER)


async def test_opening_is_lazy(tmp_path: Path) -> None:
    """A file that is not there is only missed when it is read, and never made."""
    path = tmp_path / "later.db"
    connector = open_connector(name="x", kind="sqlite", path=path)
    table = Table(name="t", key=("k",), columns=())

    with pytest.raises(SourceUnavailable):
        await connector.select(Query(table=table), deadline_s=5)

    assert not path.exists()
    await connector.close()


def test_importing_is_light() -> None:
    """The package alone loads no SQL compiler (a third of a second) and no driver."""
    code = (
        "import connectors, sys;"
        "sys.exit(any(name in sys.modules for name in ('sqlalchemy', 'psycopg')))"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
