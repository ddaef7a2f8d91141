"""What ``doctor`` says of files that only a start would load, and of the databases."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Iterable, Iterator

from cryptography import x509

from connectors import Connector, ConnectorError
from gateway.catalogue import Catalogue, DriftKind, drift
from gateway.cli.databases import server_looked_at
from gateway.cli.finding import Finding, warning, well, wrong
from gateway.cli.usable import (
    issuer_mistakes,
    key_mistakes,
    paper_mistakes,
    tls_mistakes,
    witness_mistakes,
)
from gateway.clock import Clock
from gateway.config import Config
from gateway.databases import connector_of, server_of
from gateway.errors import Mistake

__all__ = ["files_looked_at", "sources_looked_at"]

_SOON = dt.timedelta(days=30)
"""How long before its end a certificate is worth a warning."""

_WAIT_S = 5.0

_DRIFTED = {
    DriftKind.MISSING_TABLE: "the table {table} is not in the database",
    DriftKind.MISSING_COLUMN: "the table {table} has no column {column}, which the"
    " dataset file maps",
    DriftKind.UNCLASSIFIED_COLUMN: "nobody has classified the column {column} of"
    " {table}; it is never shared: give it a field, or list it under left_out",
}


def files_looked_at(config: Config, clock: Clock) -> Iterator[Finding]:
    """Yield a line for each kind of file, or one for each of its mistakes."""
    keys = "the log's, the state's and the auditors' keys are what they should be"
    yield from _looked("keys", key_mistakes(config), well("keys", keys))
    named = "nobody is asked to sign checkpoints"
    if config.log.quorum is not None:
        named = f"{config.log.quorum.name} has no mistakes"
    yield from _looked("witnesses", witness_mistakes(config), well("witnesses", named))
    yield from _looked("tls", tls_mistakes(config), _expiry(config, clock))
    number = sum(item.jwks_file is not None for item in config.issuers)
    read = well("issuers", f"{number} of {len(config.issuers)} key sets are files")
    yield from _looked("issuers", issuer_mistakes(config), read)
    papers = well("papers", f"{config.instruments.name} has no mistakes")
    yield from _looked("papers", paper_mistakes(config), papers)


def _looked(
    part: str, mistakes: Iterable[Mistake], otherwise: Finding
) -> Iterator[Finding]:
    found = [wrong(part, str(item)) for item in mistakes]
    yield from found or [otherwise]


def _expiry(config: Config, clock: Clock) -> Finding:
    """Say until when the server's certificate is good."""
    try:
        data = config.server.certificate.read_bytes()
        ends = x509.load_pem_x509_certificates(data)[0].not_valid_after_utc
    except (OSError, ValueError):
        return wrong("tls", f"{config.server.certificate} holds no certificate")
    now = dt.datetime.fromtimestamp(clock.now_ms() / 1000, tz=dt.UTC)
    if ends <= now:
        return wrong("tls", f"the server's certificate ended on {ends:%Y-%m-%d}")
    said = f"the server's certificate is good until {ends:%Y-%m-%d}"
    return warning("tls", said) if ends - now < _SOON else well("tls", said)


async def sources_looked_at(
    config: Config, catalogue: Catalogue
) -> AsyncIterator[Finding]:
    """Yield whether each database answers, and where it is not as described."""
    for name, source in config.sources.items():
        part = f"source {name}"
        try:
            connector = connector_of(name, source)
        except ConnectorError as error:
            yield wrong(part, str(error))
            continue
        try:
            async for finding in _source(name, connector, catalogue):
                yield finding
        except ConnectorError as error:
            yield wrong(part, str(error) or type(error).__name__)
            continue
        finally:
            await connector.close()
        server = server_of(source)
        if server is not None:
            found = server_looked_at(part, server, _tables(catalogue, name))
            async for finding in found:
                yield finding


def _tables(catalogue: Catalogue, source: str) -> list[str]:
    """Return the tables and views that a source's datasets are made of."""
    datasets = catalogue.datasets.values()
    return sorted({item.table.name for item in datasets if item.source == source})


async def _source(
    name: str, connector: Connector, catalogue: Catalogue
) -> AsyncIterator[Finding]:
    await connector.ping(deadline_s=_WAIT_S)
    yield well(f"source {name}", "answers, read-only")
    for dataset in catalogue.datasets.values():
        if dataset.source != name:
            continue
        live = await connector.schema(dataset.table.name, deadline_s=_WAIT_S)
        for item in drift(dataset, live):
            said = _DRIFTED[item.kind].format(
                table=dataset.table.name, column=item.column
            )
            finding = wrong if item.fatal else warning
            yield finding(f"dataset {dataset.id}", said)
