"""Databases on servers: whether their files can be used, what ``doctor`` asks them."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import TYPE_CHECKING

from cryptography import x509

from connectors import ConnectorError, PostgresServer, driver_problem
from gateway.cli.advice import of_source
from gateway.cli.finding import Finding, warning, well, wrong
from gateway.config import Config
from gateway.config.databases import OnServer
from gateway.databases import log_servers, state_server
from gateway.errors import Mistake

__all__ = [
    "database_mistakes",
    "log_looked_at",
    "server_looked_at",
    "state_looked_at",
]

if TYPE_CHECKING:
    from connectors.postgres.report import Report

_WAIT_S = 5.0

_POWERFUL = "take from it SUPERUSER, CREATEROLE, CREATEDB, REPLICATION and BYPASSRLS"


def database_mistakes(config: Config) -> Iterator[Mistake]:
    """Yield what of the databases on servers could not be loaded; asks none of them."""
    on_servers: list[tuple[str, OnServer]] = [
        (f"sources.{name}", item)
        for name, item in config.sources.items()
        if isinstance(item, OnServer)
    ]
    if config.state.place is not None:
        on_servers.append(("state", config.state))
    if config.log.database is not None:
        on_servers.append(("log.database", config.log.database))
        integrating = config.log.database.integrating
        on_servers.append(("log.database.integrator", integrating))
    for at, item in on_servers:
        path = f"{config.path.name}:{at}"
        if problem := driver_problem("postgres"):
            yield Mistake(path=path, problem=problem)
        yield from _files(item, path)


def _files(item: OnServer, path: str) -> Iterator[Mistake]:
    """Yield which of a server's files hold something else than they should."""
    if item.ca_file is not None:
        try:
            x509.load_pem_x509_certificates(item.ca_file.read_bytes())
        except (OSError, ValueError):
            problem = f"{item.ca_file} holds no certificate in PEM"
            yield Mistake(path=f"{path}.ca_file", problem=problem)
    if item.password_file is not None:
        try:
            empty = not item.password_file.read_text().strip("\r\n")
        except (OSError, UnicodeDecodeError):
            empty = True
        if empty:
            problem = f"{item.password_file} holds no password"
            yield Mistake(path=f"{path}.password_file", problem=problem)
    if item.client_certificate is not None and item.client_key is not None:
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_cert_chain(
                item.client_certificate, item.client_key
            )
        except (OSError, ssl.SSLError):
            problem = (
                f"{item.client_key} is not the private key of {item.client_certificate}"
            )
            yield Mistake(path=f"{path}.client_key", problem=problem)


async def server_looked_at(
    part: str, server: PostgresServer, tables: Sequence[str], *, state: bool = False
) -> AsyncIterator[Finding]:
    """Yield what an operator should know of a server and of our role there.

    Args:
        part: what the findings are about.
        server: the server.
        tables: the tables and views that datasets are made of.
        state: whether we write there on purpose.
    """
    if problem := driver_problem("postgres"):
        yield wrong(part, problem, "install it into the gateway's environment")
        return
    # Imported here: most gateways have no PostgreSQL, and no driver for it.
    from connectors.postgres.report import driver, report  # noqa: PLC0415 - as said

    try:
        found = await report(server, tables, name=part, deadline_s=_WAIT_S)
    except ConnectorError as error:
        yield wrong(part, str(error) or type(error).__name__, of_source(error))
        return
    way = "over TLS" if found.encrypted else "without TLS, on this machine"
    through = ", through a pooler" if found.pooled else ""
    where = "a standby of PostgreSQL" if found.standby else "PostgreSQL"
    libpq = await asyncio.to_thread(driver)
    yield well(part, f"{where} {found.version} answers {way}{through}; {libpq}")
    if found.powerful:
        said = f"the role {server.user} may do more than it needs"
        yield warning(part, said, _POWERFUL)
    look = _of_state if state else _of_source
    for finding in look(part, server.user, found):
        yield finding


def _of_source(part: str, role: str, found: Report) -> Iterator[Finding]:
    """Yield where a role that should only read the datasets may do more."""
    for table in found.writable:
        said = f"the role {role} may change {table}"
        yield warning(part, said, "grant it SELECT only")
    if found.others > 0:
        yield warning(
            part,
            f"the role {role} may read {found.others} tables or views more than"
            " datasets have, and so may whoever has its password",
            "revoke SELECT on them, or give datasets a role and views of their own",
        )


def _of_state(part: str, _role: str, found: Report) -> Iterator[Finding]:
    """Yield where what is written could not be, or could be lost."""
    if found.standby:
        yield wrong(
            part, "nothing can be written to a standby", "name the primary in state.url"
        )
    if not found.durable:
        said = "the server has fsync or full_page_writes off: a crash loses data"
        yield warning(part, said, "turn both on in postgresql.conf")


async def log_looked_at(config: Config) -> AsyncIterator[Finding]:
    """Yield what is to be known of the server that the log is on, if it is on one."""
    if config.log.database is not None:
        writer, _ = log_servers(config.log.database)
        async for finding in server_looked_at("log", writer, (), state=True):
            yield finding


async def state_looked_at(config: Config) -> AsyncIterator[Finding]:
    """Yield what is to be known of the server that state is on, if it is on one."""
    server = state_server(config)
    if server is not None:
        async for finding in server_looked_at("state", server, (), state=True):
            yield finding
