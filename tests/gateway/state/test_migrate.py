"""Migrations: from nothing to the declared tables, and back."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, inspect, text

from gateway.state.migrate import StateRefused, migrate
from gateway.state.tables import metadata


def test_up_and_down(tmp_path: Path) -> None:
    """Every migration can be taken back."""
    engine = create_engine(f"sqlite:///{tmp_path / 'state.db'}")
    with engine.begin() as connection:
        migrate(connection)
        tables = {*inspect(connection).get_table_names()}
        assert tables == {*metadata.tables, "alembic_version"}
        config = Config()
        folder = Path(__file__).parents[3] / "gateway/state/migrations"
        config.set_main_option("script_location", str(folder))
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        assert inspect(connection).get_table_names() == ["alembic_version"]
    engine.dispose()


def test_an_unknown_version_is_refused(tmp_path: Path) -> None:
    """A database of the future is not touched."""
    engine = create_engine(f"sqlite:///{tmp_path / 'state.db'}")
    with engine.begin() as connection:
        migrate(connection)
        connection.execute(text("UPDATE alembic_version SET version_num = 'x'"))
        with pytest.raises(StateRefused):
            migrate(connection)
    engine.dispose()
