"""A source's settings give its connector, and nothing is opened yet."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from connectors import InvalidQuery, Query, SourceUnavailable, Table, open_connector


def test_an_unknown_kind(tmp_path: Path) -> None:
    """A kind nobody wrote is refused, with what there is."""
    with pytest.raises(InvalidQuery, match="one of sqlite"):
        open_connector(name="x", kind="access", path=tmp_path)


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
    """The package alone does not load the SQL compiler (a third of a second)."""
    code = "import connectors, sys; sys.exit('sqlalchemy' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
