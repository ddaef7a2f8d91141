"""Databases in sallyport.yaml: each kind's own settings, and every mistake named."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.config import PostgresSource, parse_config
from gateway.config.databases import Place
from tests.gateway.config.documents import HERE, mistakes, smallest, written

JAIL: dict[str, Any] = {
    "kind": "postgres",
    "host": "db.county.example",
    "database": "jail",
    "user": "sallyport_reader",
    "ca_file": "tls/db.pem",
    "password_file": "secrets/jail",
}
STATE: dict[str, Any] = {
    "key": "keys/state",
    "url": "postgresql://sallyport@db.county.example/state",
    "password_file": "secrets/state",
}


def with_source(**changes: object) -> dict[str, Any]:
    """Return a document whose one source is on a server; None leaves a setting out."""
    source = {k: v for k, v in (JAIL | changes).items() if v is not None}
    return smallest() | {"sources": {"jail": source}}


def with_state(**changes: object) -> dict[str, Any]:
    """Return a document whose state is on a server."""
    state = {k: v for k, v in (STATE | changes).items() if v is not None}
    return smallest() | {"state": state}


def test_a_source_on_a_server() -> None:
    """Five lines are enough: TLS is verified, four connections, the usual port."""
    source = parse_config(written(with_source()), HERE).sources["jail"]

    assert isinstance(source, PostgresSource)
    assert (source.port, source.tls, source.connections) == (5432, "verify-full", 4)
    assert source.ca_file == HERE.parent / "tls/db.pem"
    assert source.password_file == HERE.parent / "secrets/jail"


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"host": None}, "sources.jail.host"),
        ({"host": "a b"}, "sources.jail.host"),
        ({"host": "db1,db2"}, "sources.jail.host"),
        ({"port": 0}, "sources.jail.port"),
        ({"database": ""}, "sources.jail.database"),
        ({"user": "x" * 64}, "sources.jail.user"),
        ({"connections": 65}, "sources.jail.connections"),
        ({"tls": "require"}, "sources.jail.tls"),
        ({"tls": "none", "ca_file": None}, "sources.jail.tls"),
        ({"path": "jail.db"}, "sources.jail.path"),
        ({"password": "hunter2"}, "sources.jail.password"),
        ({"password_file": None}, "sources.jail.password_file"),
        ({"client_key": "k.pem"}, "sources.jail.client_certificate"),
        ({"client_certificate": "c.pem"}, "sources.jail.client_key"),
        ({"timeout_ms": 30_000}, "sources.jail.timeout_ms"),
        ({"host": "127.0.0.1", "tls": "none"}, "sources.jail.ca_file"),
        ({"host": "/run/postgresql"}, "sources.jail.ca_file"),
        ({"kind": "postgresql"}, "sources.jail.kind"),
        ({"kind": None}, "sources.jail.kind"),
    ],
)
def test_each_mistake_has_its_place(changes: dict[str, object], path: str) -> None:
    """One mistake, one path, which is one of the file; and never what was written."""
    found = mistakes(with_source(**changes))

    assert list(found) == [path]
    assert "hunter2" not in str(found)


def test_the_nearest_word_is_said() -> None:
    """Advice comes from the settings of the kind, not from those of another."""
    found = mistakes(with_source(pasword_file="x"))

    assert found == {
        "sources.jail.pasword_file": "is not a setting; did you mean password_file?"
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"host": "/run/postgresql", "ca_file": None, "password_file": None},
        {"host": "127.0.0.1", "ca_file": None, "tls": "none"},
        {"ca_file": None},
        {"password_file": None, "client_certificate": "c", "client_key": "k"},
    ],
    ids=["socket", "loopback", "system", "certificate"],
)
def test_other_ways_to_be_known(changes: dict[str, object]) -> None:
    """A socket, loopback, the system's authorities, a certificate of our own."""
    parse_config(written(with_source(**changes)), HERE)


@pytest.mark.parametrize(
    ("url", "place"),
    [
        (
            "postgresql://sallyport@db.county.example/state",
            Place("db.county.example", 5432, "state", "sallyport"),
        ),
        (
            "postgresql://s%40h@[::1]:6432/sallyport%20state",
            Place("::1", 6432, "sallyport state", "s@h"),
        ),
        (
            "postgresql://sallyport@%2Frun%2Fpostgresql/state",
            Place("/run/postgresql", 5432, "state", "sallyport"),
        ),
    ],
)
def test_state_on_a_server(url: str, place: Place) -> None:
    """The address says host, port, database and role, each escaped as in any URL."""
    config = parse_config(written(with_state(url=url)), HERE)

    assert config.state.place == place


LOG: dict[str, Any] = {
    "url": "postgresql://log_writer@db1.example,db2.example:5433/sallyport%20log",
    "password_file": "secrets/writer",
    "integrator": {"user": "log_integrator", "password_file": "secrets/integrator"},
}


def with_log(**changes: object) -> dict[str, Any]:
    """Return a document whose log is in a database."""
    document = smallest()
    del document["log"]["directory"]
    document["log"]["database"] = LOG | changes
    return document


def test_a_log_in_a_database_has_two_roles() -> None:
    """One adds, the other makes the tree; both go to the same servers."""
    database = parse_config(written(with_log()), HERE).log.database

    assert database is not None
    assert database.place == Place(
        "db1.example,db2.example", 5433, "sallyport log", "log_writer"
    )
    other = database.integrating
    assert other.place == database.place._replace(user="log_integrator")
    assert other.password_file == HERE.parent / "secrets/integrator"


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"url": "sqlite:///log.db"}, "log.database.url"),
        ({"url": "postgresql://a:hunter2@db.example/log"}, "log.database.url"),
        ({"integrator": {"user": "other"}}, "log.database.integrator.password_file"),
        (
            {"integrator": {"user": "log_writer", "password_file": "x"}},
            "log.database.integrator.user",
        ),
        ({"tls": "none"}, "log.database.tls"),
        ({"timeout_ms": 1}, "log.database.timeout_ms"),
        (
            {"integrator": {"user": "other", "client_key": "x", "password_file": "y"}},
            "log.database.integrator.client_certificate",
        ),
    ],
)
def test_each_mistake_about_the_log(changes: dict[str, object], path: str) -> None:
    """As for state; and the second role has its own."""
    found = mistakes(with_log(**changes))

    assert list(found) == [path]
    assert "hunter2" not in str(found)


def test_a_log_is_in_one_place() -> None:
    """Never in a folder and a database."""
    document = with_log()
    document["log"]["directory"] = "log"

    assert list(mistakes(document)) == ["log.directory"]


def test_state_in_a_file_is_nowhere_else() -> None:
    """Without an address the state is beside the configuration."""
    config = parse_config(written(smallest()), HERE)

    assert config.state.place is None
    assert config.state_path == HERE.parent / "state.db"


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"url": "postgresql://sallyport:hunter2@db/state"}, "state.url"),
        ({"url": "postgresql://db/state"}, "state.url"),
        ({"url": "postgresql://sallyport@db/state?sslmode=disable"}, "state.url"),
        ({"url": "mysql://sallyport@db/state"}, "state.url"),
        ({"password_file": None}, "state.password_file"),
        ({"tls": "none"}, "state.tls"),
        ({"url": None}, "state.url"),
    ],
)
def test_each_mistake_about_state(changes: dict[str, object], path: str) -> None:
    """A password in the address, or settings that could not hold, are named."""
    found = mistakes(with_state(**changes))

    assert list(found) == [path]
    assert "hunter2" not in str(found)


def test_several_processes_need_servers_for_log_and_state() -> None:
    """A folder and a file are one process's; on servers they are everybody's."""
    alone = smallest() | {"replicas": 2}
    assert set(mistakes(alone)) == {"log.directory", "state.url"}

    server = with_log() | {"state": STATE, "replicas": 2}
    assert parse_config(written(server), HERE).replicas == 2


def test_each_process_has_a_share_of_every_rate() -> None:
    """A burst of less than one each would be nothing for some."""
    server = with_log() | {"state": STATE, "replicas": 8}
    few = {"client": {"per_minute": 60, "burst": 7}}

    assert set(mistakes(server | {"limits": few})) == {"limits.client.burst"}
