"""What cannot be true together: one sentence each, all reported at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from urllib.parse import urlsplit

from connectors import is_here
from gateway.config.databases import LogDatabase, OnServer
from gateway.config.document import Config
from gateway.config.engines import LOOPBACK, engine_mistakes
from gateway.config.sections import Issuer
from gateway.config.types import address
from gateway.errors import Mistake

__all__ = ["contradictions"]

_HOUR = 3600
_MAX_SOCKET = 103
"""The shortest limit among the systems we run on (macOS: 104 with its end)."""


def contradictions(config: Config) -> Iterator[Mistake]:
    """Yield what the sections say against each other."""
    yield from _witness(config)
    yield from _issuers(config)
    yield from engine_mistakes(config.engines, config.opa)
    yield from _limits(config)
    yield from _listeners(config)
    yield from _times(config)
    yield from _databases(config)
    yield from _replicas(config)
    yield from _log_files(config)
    yield from _socket(config)


def _witness(config: Config) -> Iterator[Mistake]:
    witness = config.log.witness
    if witness is None and not config.demo:
        yield Mistake(
            path="log.witness",
            problem="is missing: nobody outside would notice a rewritten log",
            advice="name a policy file, or say witness: none to accept that in writing",
        )
    log = config.log
    if log.unwitnessed_refuse_seconds < log.unwitnessed_alarm_seconds:
        yield Mistake(
            path="log.unwitnessed_refuse_seconds",
            problem="is shorter than unwitnessed_alarm_seconds: no alarm would come",
            advice=f"at least {log.unwitnessed_alarm_seconds}",
        )
    if log.witness_ca is not None and log.quorum is None:
        yield Mistake(
            path="log.witness_ca",
            problem="is for witnesses, and there are none",
            advice="leave it out, or name a policy file under witness",
        )
    if config.log.public_delay_seconds < _HOUR and not config.demo:
        yield Mistake(
            path="log.public_delay_seconds",
            problem="is under an hour, so a poller could date single requests",
            advice="3600 or more outside a demo",
        )


def _issuers(config: Config) -> Iterator[Mistake]:
    seen = Counter(item.issuer for item in config.issuers)
    for place, item in enumerate(config.issuers):
        path = f"issuers.{place}"
        keys = [name for name in _KEY_SOURCES if getattr(item, name) is not None]
        if len(keys) != 1:
            yield Mistake(
                path=path,
                problem=f"has {len(keys)} sources of keys",
                advice=f"give exactly one of {', '.join(_KEY_SOURCES)}",
            )
        if seen[item.issuer] > 1:
            yield Mistake(
                path=f"{path}.issuer",
                problem="is named more than once",
                advice="one entry for each issuer",
            )
        if item.max_stale_seconds < item.refresh_seconds:
            yield Mistake(
                path=f"{path}.max_stale_seconds",
                problem="is shorter than refresh_seconds: keys would often be stale",
                advice="make it at least twice as long",
            )
        yield from _plain_http(item, path, demo=config.demo)


_KEY_SOURCES = ("discovery", "jwks_url", "jwks_file")


def _plain_http(item: Issuer, path: str, *, demo: bool) -> Iterator[Mistake]:
    for name in ("issuer", "discovery", "jwks_url"):
        value = getattr(item, name)
        parts = urlsplit(value or "https://unused")
        # A name is only compared; keys are fetched, and never over plain http.
        only_a_name = name == "issuer" and demo and parts.hostname in LOOPBACK
        if parts.scheme == "http" and not only_a_name:
            yield Mistake(
                path=f"{path}.{name}",
                problem="is plain http, so anybody on the way could be the issuer",
                advice="use https",
            )


def _limits(config: Config) -> Iterator[Mistake]:
    limits = config.limits
    if limits.reserve >= limits.concurrency:
        yield Mistake(
            path="limits.reserve",
            problem="leaves no place for ordinary requests",
            advice=f"less than concurrency, which is {limits.concurrency}",
        )
    for inner, outer in (("client", "agency"), ("agency", "family")):
        small, large = getattr(limits, inner), getattr(limits, outer)
        for name in ("per_minute", "burst"):
            if getattr(small, name) > getattr(large, name):
                yield Mistake(
                    path=f"limits.{inner}.{name}",
                    problem=f"is more than limits.{outer}.{name}, so it never applies",
                    advice=f"at most {getattr(large, name)}",
                )


def _listeners(config: Config) -> Iterator[Mistake]:
    server, admin = address(config.server.listen), address(config.admin.listen)
    if server[1] and server[1] == admin[1]:
        yield Mistake(
            path="admin.listen",
            problem="is the port that requesters use",
            advice="another port, on loopback",
        )


def _times(config: Config) -> Iterator[Mistake]:
    server = config.server
    if server.request_seconds > server.connection_seconds:
        yield Mistake(
            path="server.request_seconds",
            problem="is longer than a connection may live",
            advice=f"at most {server.connection_seconds}",
        )
    for name, source in config.sources.items():
        if source.timeout_ms >= server.request_seconds * 1000:
            yield Mistake(
                path=f"sources.{name}.timeout_ms",
                problem="is longer than a whole request may take",
                advice=f"less than {server.request_seconds * 1000}",
            )


def _databases(config: Config) -> Iterator[Mistake]:
    for name, source in config.sources.items():
        if source.kind == "postgres":
            yield from _on_server(source, source.host, f"sources.{name}")
    if config.log.database is not None:
        yield from _log_database(config.log.database, config)
    place = config.state.place
    if place is not None:
        yield from _on_server(config.state, place.host, "state")
        return
    useless = [n for n in OnServer.model_fields if n in config.state.model_fields_set]
    if useless:
        yield Mistake(
            path="state.url",
            problem=f"is a file, and {', '.join(useless)} would be for a server",
            advice="leave them out, or say postgresql://USER@HOST/DATABASE",
        )


def _replicas(config: Config) -> Iterator[Mistake]:
    """Yield what one process alone can use, where there are several."""
    if config.replicas == 1:
        return
    advice = "one PostgreSQL server, or a pair, has it for all; or say replicas: 1"
    if config.log.database is None:
        yield Mistake(
            path="log.directory",
            problem=f"can be written by one process, and replicas is {config.replicas}",
            advice=advice,
        )
    if config.state.place is None:
        yield Mistake(
            path="state.url",
            problem=f"is a file of one machine, and replicas is {config.replicas}",
            advice=advice,
        )
    # What is more than one client's is no less: see _limits.
    if config.limits.client.burst < config.replicas:
        yield Mistake(
            path="limits.client.burst",
            problem=f"leaves nothing for one of {config.replicas} processes",
            advice=f"at least {config.replicas}: each allows its share",
        )


def _log_database(database: LogDatabase, config: Config) -> Iterator[Mistake]:
    place, integrating = database.place, database.integrating
    yield from _on_server(database, place.host, "log.database")
    yield from _known(integrating, place.host, "log.database.integrator")
    if integrating.place.user == place.user:
        yield Mistake(
            path="log.database.integrator.user",
            problem="is the role that adds: it could then change what it added",
            advice="a role of its own; see: sallyport audit prepare --help",
        )
    if "directory" in config.log.model_fields_set:
        yield Mistake(
            path="log.directory",
            problem="is named beside a database, and the log is in one place",
            advice="leave one of the two out",
        )


def _on_server(settings: OnServer, host: str, path: str) -> Iterator[Mistake]:
    """Yield what would show a server too much, or leave it without who we are."""
    if settings.tls == "none" and not is_here(host):
        yield Mistake(
            path=f"{path}.tls",
            problem="is none, so anybody on the way could read and answer",
            advice="say verify-full; none is for a server on this machine",
        )
    yield from _known(settings, host, path)
    if settings.tls == "none" or host.startswith("/"):
        for name in ("ca_file", "client_certificate"):
            if getattr(settings, name) is not None:
                yield Mistake(
                    path=f"{path}.{name}",
                    problem="is for TLS, and there is none on this way",
                    advice="leave it out",
                )


def _known(settings: OnServer, host: str, path: str) -> Iterator[Mistake]:
    """Yield what is missing for the server to know who we are."""
    own = (settings.client_certificate, settings.client_key)
    if (own[0] is None) != (own[1] is None):
        lacking = "client_certificate" if own[0] is None else "client_key"
        yield Mistake(
            path=f"{path}.{lacking}",
            problem="is missing",
            advice="client_certificate and client_key belong together",
        )
    known = settings.password_file is not None or own != (None, None)
    if not known and not host.startswith("/"):
        yield Mistake(
            path=f"{path}.password_file",
            problem="is missing, and so is a certificate: the server would not know us",
            advice="give password_file, or client_certificate with client_key",
        )


def _log_files(config: Config) -> Iterator[Mistake]:
    keys = config.log.keys
    files = {name: getattr(keys, name) for name in ("log", "receipt", "time", "mldsa")}
    used = Counter((*files.values(), config.state.key))
    for name, path in files.items():
        if path is not None and used[path] > 1:
            yield Mistake(
                path=f"log.keys.{name}",
                problem="is the same file as another key",
                advice="one key for each purpose",
            )
    names = Counter(item.name for item in config.log.auditors)
    for place, item in enumerate(config.log.auditors):
        if names[item.name] > 1:
            yield Mistake(
                path=f"log.auditors.{place}.name",
                problem="is named more than once",
                advice="one name for each auditor",
            )


def _socket(config: Config) -> Iterator[Mistake]:
    if len(str(config.control.socket).encode()) > _MAX_SOCKET:
        yield Mistake(
            path="control.socket",
            problem=f"is longer than the {_MAX_SOCKET} bytes a socket's path may have",
            advice="a shorter path, for example below /run",
        )
