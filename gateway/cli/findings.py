"""What ``doctor`` looks at, in order; what cannot be looked at is said."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path

from audit import CannotTell
from audit.report import UNWITNESSED
from audit.verify import Trust, verify
from gateway.acts import NotActivated
from gateway.cli.activated import at_rest, gateway_looked_at
from gateway.cli.advice import BROKEN_LOG
from gateway.cli.databases import log_looked_at, state_looked_at
from gateway.cli.engines import engines_looked_at
from gateway.cli.finding import (
    CORRECT_IT,
    Finding,
    Verdict,
    mistaken,
    warning,
    well,
    wrong,
)
from gateway.cli.host import host_looked_at
from gateway.cli.loadable import (
    files_looked_at,
    issuers_looked_at,
    sources_looked_at,
)
from gateway.cli.worth_a_look import worth_a_look
from gateway.clock import SystemClock
from gateway.config import Config, load
from gateway.errors import GatewayError, InvalidFile
from gateway.in_force import Written, put_in_force, read_files
from gateway.ledger import log_keys, log_source, trust_policy

__all__ = ["examine"]

_COPIES = (
    "name witnesses in log.witness; until they sign, give auditors a copy of what"
    " sallyport audit publish writes, often"
)

_SERVER = "look what is said above of the server, and of our roles there"


async def examine(path: Path) -> list[Finding]:
    """Look at everything that can be looked at."""
    try:
        config = await asyncio.to_thread(load, path)
    except InvalidFile as error:
        return [mistaken("configuration", item) for item in error.mistakes]
    found = [well("configuration", f"{config.path} has no mistakes")]
    try:
        written = await asyncio.to_thread(read_files, config)
    except InvalidFile as error:
        found += [mistaken("files", item) for item in error.mistakes]
        # What does not hang on the rules is looked at all the same.
        clock = SystemClock()
        found += await asyncio.to_thread(lambda: [*files_looked_at(config, clock)])
        return list(dict.fromkeys(found))
    found += [item async for item in _everything(config, written)]
    return list(dict.fromkeys(found))


async def _everything(config: Config, written: Written) -> AsyncIterator[Finding]:
    """Yield what is found with files that have no mistakes."""
    clock = SystemClock()
    for item in await asyncio.to_thread(lambda: [*_files(config, written, clock)]):
        yield item
    gateway = await gateway_looked_at(config, written, clock)
    around = await asyncio.to_thread(
        lambda: [*host_looked_at(config, clock, serving=gateway.runs)]
    )
    for item in (*gateway.found, *around):
        yield item
    if not gateway.runs and _ours(around):
        async for item in at_rest(config, written, clock):
            yield item
    yield await _policy(written)
    bundle = written.bundle
    for asked in (
        engines_looked_at(config, bundle, clock, serving=gateway.runs),
        issuers_looked_at(config),
        sources_looked_at(config, written.catalogue),
        state_looked_at(config),
        log_looked_at(config),
    ):
        async for item in asked:
            yield item
    for item in await asyncio.to_thread(lambda: [*_log(config)]):
        yield item


def _ours(around: Iterable[Finding]) -> bool:
    """Say whether this user may open log and state: else they would be half written."""
    wrong_parts = {item.part for item in around if item.verdict is Verdict.WRONG}
    return not wrong_parts & {"log", "state"}


def _files(config: Config, written: Written, clock: SystemClock) -> Iterator[Finding]:
    number = len(written.catalogue.datasets)
    yield well("files", f"{number} datasets, manifest {written.manifest.digest}")
    for item in worth_a_look(config, written):
        said = f"{item.path} {item.problem}"
        yield warning("files", said, item.advice or CORRECT_IT)
    yield from files_looked_at(config, clock)


async def _policy(written: Written) -> Finding:
    try:
        await put_in_force(written)
    except (NotActivated, GatewayError) as error:
        said = str(error)
        return wrong("rules", said, "put the pack right, or name another, and activate")
    return well("rules", f"revision {written.bundle.revision} answers as it should")


def _log(config: Config) -> Iterator[Finding]:
    """Verify the whole log as an auditor would, with the gateway's own public keys."""
    try:
        keys = list(log_keys(config).verifiers)
        trust = Trust(keys=keys, policy=trust_policy(config))
    except InvalidFile:
        return  # said under keys or witnesses
    source = log_source(config)
    try:
        begun = source.read("checkpoint") is not None
    except CannotTell as error:
        if config.log.database is not None:  # of a folder it is said under log
            yield wrong("log", str(error), _SERVER)
        return
    if not begun:
        yield warning("log", "nothing to verify yet", "look again after the first act")
        return
    report = verify(source, trust, jobs=len(os.sched_getaffinity(0)))
    found = [*(item.line for item in report.findings), *report.doubts]
    if found:
        yield from (wrong("log", line, BROKEN_LOG) for line in found)
        return
    yield well("log", "every entry verified against the signed checkpoint")
    if report.witnessed:
        yield well("log", "a quorum of witnesses has signed it too")
    else:
        yield Finding(
            part="log",
            verdict=Verdict.UNWITNESSED,
            sentence=UNWITNESSED,
            advice=_COPIES,
        )
