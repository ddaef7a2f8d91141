"""What is configured of a database becomes what opens it; passwords are read late."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from gateway.config import Config, parse_config
from gateway.databases import connector_of, server_of, state_server
from tests.gateway.config.documents import smallest, written


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """A gateway with a source of each kind, its state on a server."""
    server = {
        "kind": "postgres",
        "host": "127.0.0.1",
        "port": 6432,
        "database": "jail",
        "user": "reader",
        "tls": "none",
        "password_file": "password",
        "connections": 2,
    }
    document = smallest()
    document["sources"]["gang"] = server
    document["state"] |= {
        "url": "postgresql://keeper@db.example/state",
        "client_certificate": "c.pem",
        "client_key": "k.pem",
    }
    return parse_config(written(document), tmp_path / "sallyport.yaml")


async def test_each_kind_has_its_connector(config: Config) -> None:
    """A file and a server; neither is opened yet."""
    for name, source in config.sources.items():
        connector = connector_of(name, source)
        assert connector.name == name
        await connector.close()


def test_a_server_is_as_configured(config: Config, tmp_path: Path) -> None:
    """Place, role, TLS and files are passed on; the state's too."""
    server, state = server_of(config.sources["gang"]), state_server(config)

    assert server is not None
    assert (server.host, server.port, server.database, server.user, server.tls) == (
        *("127.0.0.1", 6432, "jail", "reader", False),
    )
    assert server_of(config.sources["jail"]) is None
    assert state is not None
    assert state.tls
    assert (state.certificate, state.key) == (tmp_path / "c.pem", tmp_path / "k.pem")
    assert state.password is None


def test_a_password_is_read_when_it_is_needed(config: Config, tmp_path: Path) -> None:
    """A new one needs no restart; one that others can read is not taken."""
    server = server_of(config.sources["gang"])
    assert server is not None
    assert server.password is not None
    file = tmp_path / "password"
    with pytest.raises(ValueError, match="cannot be read"):
        server.password()

    said = []
    for password in ("first\n", "second with a blank \n"):
        file.write_text(password)
        file.chmod(0o600)
        said.append(server.password())
    file.chmod(0o644)
    with pytest.raises(ValueError, match="open to others"):
        server.password()

    assert said == ["first", "second with a blank "]


def test_no_driver_is_loaded_without_need() -> None:
    """A gateway whose databases are files needs no PostgreSQL driver, nor loads it."""
    code = (
        "import gateway.opening, gateway.cli.databases, sys;"
        "sys.exit('psycopg' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
