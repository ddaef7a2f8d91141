"""What ``doctor`` says of files that only a start would load, and of who is asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator

from connectors import Connector, ConnectorError
from gateway.catalogue import Catalogue, DriftKind, drift
from gateway.cli.advice import of_source
from gateway.cli.databases import database_mistakes, server_looked_at
from gateway.cli.expiring import agreements_looked_at, certificates_looked_at
from gateway.cli.finding import Finding, mistaken, warning, well, wrong
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
from gateway.identity import IssuerRules, issuer_rules
from gateway.identity.fetch import KeysUnavailable, fetch_keys

__all__ = ["files_looked_at", "issuers_looked_at", "sources_looked_at"]

_WAIT_S = 5.0

_DRIFTED = {
    DriftKind.MISSING_TABLE: (
        "the table {table} is not in the database, or the role may not see it",
        "correct table in the dataset file, or grant the role SELECT on it",
    ),
    DriftKind.MISSING_COLUMN: (
        "the table {table} has no column {column}, which the dataset file maps",
        "correct the column in the dataset file, or take its line out; then activate",
    ),
    DriftKind.UNCLASSIFIED_COLUMN: (
        "nobody has classified the column {column} of {table}; it is never shared",
        "give it a field, or list it under left_out; then activate",
    ),
}


def files_looked_at(config: Config, clock: Clock) -> Iterator[Finding]:
    """Yield a line for each kind of file, or one for each of its mistakes."""
    keys = "the log's, the state's and the auditors' keys are what they should be"
    yield from _looked("keys", key_mistakes(config), [well("keys", keys)])
    named = "nobody is asked to sign checkpoints"
    if config.log.quorum is not None:
        named = f"{config.log.quorum.name} has no mistakes"
    found = witness_mistakes(config)
    yield from _looked("witnesses", found, [well("witnesses", named)])
    yield from _looked("tls", tls_mistakes(config))
    yield from _looked("databases", database_mistakes(config))
    yield from certificates_looked_at(config, clock)
    number = sum(item.jwks_file is not None for item in config.issuers)
    read = well("issuers", f"{number} of {len(config.issuers)} key sets are files")
    yield from _looked("issuers", issuer_mistakes(config), [read])
    papers = well("papers", f"{config.instruments.name} has no mistakes")
    yield from _looked("papers", paper_mistakes(config), [papers])
    yield from agreements_looked_at(config, clock)


def _looked(
    part: str, mistakes: Iterable[Mistake], otherwise: Iterable[Finding] = ()
) -> Iterator[Finding]:
    found = [mistaken(part, item) for item in mistakes]
    yield from found or otherwise


async def issuers_looked_at(config: Config) -> AsyncIterator[Finding]:
    """Yield whether the issuers that are asked over the network give their keys."""
    asked = [issuer_rules(item) for item in config.issuers if item.jwks_file is None]
    for finding in await asyncio.gather(
        *(asyncio.to_thread(_issuer, rules) for rules in asked)
    ):
        yield finding


def _issuer(rules: IssuerRules) -> Finding:
    part = "issuers"
    try:
        number = len(fetch_keys(rules))
    except KeysUnavailable as error:
        return wrong(
            part,
            f"{rules.issuer} gives no keys ({error})",
            f"look whether {rules.jwks_url or rules.discovery} is the right address and"
            " this machine reaches it (curl), whether its certificate's authority is in"
            " ca_file, and whether its keys are for algorithms",
        )
    return well(part, f"{rules.issuer} gives {number} keys that can be used")


async def sources_looked_at(
    config: Config, catalogue: Catalogue
) -> AsyncIterator[Finding]:
    """Yield whether each database answers, and where it is not as described."""
    for name, source in config.sources.items():
        part = f"source {name}"
        try:
            connector = connector_of(name, source)
        except ConnectorError as error:
            yield wrong(part, str(error), of_source(error))
            continue
        try:
            async for finding in _source(name, connector, catalogue):
                yield finding
        except ConnectorError as error:
            yield wrong(part, str(error) or type(error).__name__, of_source(error))
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
            said, advice = _DRIFTED[item.kind]
            said = said.format(table=dataset.table.name, column=item.column)
            finding = wrong if item.fatal else warning
            yield finding(f"dataset {dataset.id}", said, advice)
