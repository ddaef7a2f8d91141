"""What ``doctor`` looks at, in order; what cannot be looked at is said."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from audit import AuditError, LogLocked, LogMissing
from audit.reading import open_source
from audit.report import UNWITNESSED
from audit.verify import Trust, verify
from connectors import ConnectorError, Limits, open_connector
from gateway.acts import NotActivated, require_active
from gateway.catalogue import drift
from gateway.cli.calling import NoGateway, call
from gateway.clock import SystemClock
from gateway.config import Config, address, load
from gateway.errors import GatewayError, InvalidFile
from gateway.in_force import Written, put_in_force, read_files
from gateway.ledger import log_keys, open_ledger
from gateway.state import StateKeys

__all__ = ["Finding", "Verdict", "examine"]

_SPACE = 1024**3
"""Free bytes below which a disk is worth a warning."""

_WAIT_S = 5.0


class Verdict(StrEnum):
    """What a look came to."""

    WELL = "ok"
    WARNING = "warn"
    UNWITNESSED = "unwitnessed"
    WRONG = "WRONG"


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One part, what a look at it came to, and what to do."""

    part: str
    verdict: Verdict
    sentence: str

    def row(self) -> dict[str, str]:
        """Return it for programs."""
        return {
            "part": self.part,
            "verdict": self.verdict.name.lower(),
            "sentence": self.sentence,
        }


async def examine(path: Path) -> list[Finding]:
    """Look at everything that can be looked at."""
    try:
        config = await asyncio.to_thread(load, path)
    except InvalidFile as error:
        return [_wrong("configuration", str(item)) for item in error.mistakes]
    found = [_well("configuration", f"{config.path} has no mistakes")]
    try:
        written = await asyncio.to_thread(read_files, config)
    except InvalidFile as error:
        return [*found, *(_wrong("files", str(item)) for item in error.mistakes)]
    number = len(written.catalogue.datasets)
    found.append(
        _well("files", f"{number} datasets, manifest {written.manifest.digest}")
    )
    found += await asyncio.to_thread(_keys, config)
    found += [item async for item in _gateway(config, written)]
    found.append(await _policy(written))
    found += [item async for item in _sources(config, written)]
    found += await asyncio.to_thread(_log, config)
    found.append(await asyncio.to_thread(_space, config))
    return found


def _keys(config: Config) -> list[Finding]:
    try:
        log_keys(config)
        StateKeys.read(config.state.key)
    except InvalidFile as error:
        return [_wrong("keys", str(item)) for item in error.mistakes]
    return [_well("keys", "the log's and the state's keys are private and readable")]


async def _gateway(config: Config, written: Written) -> AsyncIterator[Finding]:
    """Ask the running gateway; where none runs, look at log and state ourselves."""
    try:
        answer = await asyncio.to_thread(
            call, config.control.socket, {"command": "status"}, timeout_s=_WAIT_S
        )
    except NoGateway:
        yield _warning("gateway", "none runs; start it with: sallyport serve")
        yield await _at_rest(config, written)
        return
    except OSError as error:
        yield _wrong("gateway", f"does not answer on its socket ({error})")
        return
    if answer.get("outcome") != "done":
        yield _wrong("gateway", str(answer.get("problem")))
        return
    status = answer["result"]
    closed = status.get("closed")
    yield _wrong("gateway", str(closed)) if closed else _well("gateway", "runs")
    yield _activated(status.get("activation") or {}, written)
    for part, problem in (await asyncio.to_thread(_ready, config)).items():
        yield _well(part, "ready") if problem == "ok" else _wrong(part, problem)


async def _at_rest(config: Config, written: Written) -> Finding:
    try:
        async with open_ledger(config, clock=SystemClock()) as ledger:
            require_active(
                ledger.acts.in_force.activation,
                policy=written.bundle.revision,
                manifest=written.manifest.digest,
            )
            size, rebuilt = ledger.log.size, ledger.caught_up.rebuilt
    except LogMissing:
        return _wrong("activation", "there is no log yet; run: sallyport activate")
    except LogLocked:
        return _warning("log", "another process holds it; look again in a moment")
    except (GatewayError, AuditError) as error:
        return _wrong("activation", str(error))
    if rebuilt:
        return _warning(
            "state", f"did not fit its seal and was read again from {size} entries"
        )
    return _well("activation", f"these files are activated; the log has {size} entries")


def _activated(active: dict[str, Any], written: Written) -> Finding:
    """Compare what runs with the files as they are now."""
    here = (written.bundle.revision, written.manifest.digest)
    if (active.get("policy"), active.get("manifest")) == here:
        return _well("activation", f"number {active['number']} is of these files")
    return _wrong(
        "activation",
        "the files are not what was activated; a restart would be refused:"
        " look at what changed, then run: sallyport activate",
    )


def _ready(config: Config) -> dict[str, str]:
    host, port = address(config.admin.listen)
    connection = http.client.HTTPConnection(host, port, timeout=_WAIT_S)
    try:
        connection.request("GET", "/readyz")
        parts: dict[str, str] = json.loads(connection.getresponse().read())["parts"]
    except (OSError, http.client.HTTPException, ValueError, KeyError) as error:
        return {"admin port": f"does not answer ({type(error).__name__})"}
    finally:
        connection.close()
    return parts


async def _policy(written: Written) -> Finding:
    try:
        await put_in_force(written)
    except (NotActivated, GatewayError) as error:
        return _wrong("rules", str(error))
    return _well("rules", f"revision {written.bundle.revision} answers as it should")


async def _sources(config: Config, written: Written) -> AsyncIterator[Finding]:
    for name, source in config.sources.items():
        part = f"source {name}"
        connector = open_connector(
            name=name, kind=source.kind, path=source.path, limits=Limits()
        )
        try:
            await connector.ping(deadline_s=_WAIT_S)
            yield _well(part, "answers, read-only")
            for dataset in written.catalogue.datasets.values():
                if dataset.source != name:
                    continue
                live = await connector.schema(dataset.table.name, deadline_s=_WAIT_S)
                for item in drift(dataset, live):
                    yield _warning(
                        f"{part} {dataset.id}", f"{item.kind}: {item.column}"
                    )
        except ConnectorError as error:
            yield _wrong(part, str(error) or type(error).__name__)
        finally:
            await connector.close()


def _log(config: Config) -> list[Finding]:
    """Verify the whole log as an auditor would, with the gateway's own public keys."""
    try:
        trust = Trust(keys=list(log_keys(config).verifiers), policy=None)
    except InvalidFile:
        return []  # said above, under keys
    source = open_source(str(config.log.directory))
    if source.read("checkpoint") is None:
        return [_warning("log", "nothing to verify yet")]
    report = verify(source, trust, jobs=len(os.sched_getaffinity(0)))
    wrong = [_wrong("log", str(item)) for item in [*report.findings, *report.doubts]]
    if wrong:
        return wrong
    verified = _well("log", "every entry verified against the signed checkpoint")
    if report.witnessed:
        return [verified]
    return [
        verified,
        Finding(part="log", verdict=Verdict.UNWITNESSED, sentence=UNWITNESSED),
    ]


def _space(config: Config) -> Finding:
    folder = config.log.directory
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    said = f"{free // 1024**2} MiB free where the log lies"
    return _well("disk", said) if free > _SPACE else _warning("disk", said)


def _well(part: str, sentence: str) -> Finding:
    return Finding(part=part, verdict=Verdict.WELL, sentence=sentence)


def _warning(part: str, sentence: str) -> Finding:
    return Finding(part=part, verdict=Verdict.WARNING, sentence=sentence)


def _wrong(part: str, sentence: str) -> Finding:
    return Finding(part=part, verdict=Verdict.WRONG, sentence=sentence)
