"""Migrations: from nothing to the declared tables, and back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, inspect, text

from gateway.state.migrate import HEAD, StateRefused, migrate
from gateway.state.server import Deadline, server_engine
from gateway.state.tables import metadata
from tests.services.postgres import KEEPER, Server


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An empty database of each kind in turn."""
    if request.param == "sqlite":
        made = create_engine(f"sqlite:///{tmp_path / 'state.db'}")
        yield made
        made.dispose()
        return
    server: Server = request.getfixturevalue("postgres")
    with server.database(owner=KEEPER) as name:
        deadline = Deadline(seconds=10)
        deadline.begin()
        made = server_engine(server.as_role(KEEPER, name), deadline)
        yield made
        made.dispose()


def test_up_and_down(engine: Engine) -> None:
    """Every migration can be taken back."""
    with engine.begin() as connection:
        migrate(connection)
        tables = {*inspect(connection).get_table_names()}
        assert tables == {*metadata.tables, "alembic_version"}
        config = Config()
        folder = Path(__file__).parents[3] / "gateway/state/migrations"
        config.set_main_option("script_location", str(folder))
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        inspector = inspect(connection)
        inspector.clear_cache()
        assert inspector.get_table_names() == ["alembic_version"]


def test_an_unknown_version_is_refused(engine: Engine) -> None:
    """A database of the future is not touched."""
    with engine.begin() as connection:
        migrate(connection)
        connection.execute(text("UPDATE alembic_version SET version_num = 'x'"))
        with pytest.raises(StateRefused):
            migrate(connection)


def test_a_database_of_this_version_is_left_alone(engine: Engine) -> None:
    """The version that is taken for the newest is the newest one there is."""
    folder = Path(__file__).parents[3] / "gateway/state/migrations"
    assert ScriptDirectory(str(folder)).get_current_head() == HEAD
    with engine.begin() as connection:
        migrate(connection)
        connection.execute(text("DROP TABLE asked"))
        migrate(connection)
        assert "asked" not in inspect(connection).get_table_names()
