"""What ``doctor`` looks at, in order; what cannot be looked at is said."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import shutil
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from audit import AuditError, LogLocked, LogMissing
from audit.acttext import listed
from audit.changes import manifest_lines, names_changed
from audit.reading import open_source
from audit.report import UNWITNESSED
from audit.verify import Trust, verify
from gateway.acts import NotActivated
from gateway.cli.calling import NoGateway, call
from gateway.cli.databases import state_looked_at
from gateway.cli.engines import engines_looked_at
from gateway.cli.finding import Finding, Verdict, warning, well, wrong
from gateway.cli.loadable import files_looked_at, sources_looked_at
from gateway.clock import SystemClock
from gateway.config import Config, address, load
from gateway.control import people_row
from gateway.errors import GatewayError, InvalidFile
from gateway.in_force import Written, put_in_force, read_files
from gateway.ledger import log_keys, open_ledger, require_files, trust_policy

__all__ = ["examine"]

_SPACE = 1024**3
"""Free bytes below which a disk is worth a warning."""

_WAIT_S = 5.0

_NONE = warning("gateway", "none runs; start it with: sallyport serve")


async def examine(path: Path) -> list[Finding]:
    """Look at everything that can be looked at."""
    try:
        config = await asyncio.to_thread(load, path)
    except InvalidFile as error:
        return [wrong("configuration", str(item)) for item in error.mistakes]
    found = [well("configuration", f"{config.path} has no mistakes")]
    try:
        written = await asyncio.to_thread(read_files, config)
    except InvalidFile as error:
        return [*found, *(wrong("files", str(item)) for item in error.mistakes)]
    number = len(written.catalogue.datasets)
    found.append(
        well("files", f"{number} datasets, manifest {written.manifest.digest}")
    )
    clock = SystemClock()
    found += await asyncio.to_thread(lambda: [*files_looked_at(config, clock)])
    gateway = [item async for item in _gateway(config, written)]
    found += [*gateway, await _policy(written)]
    found += [
        item
        async for item in engines_looked_at(
            config, written.bundle, clock, serving=_NONE not in gateway
        )
    ]
    found += [item async for item in sources_looked_at(config, written.catalogue)]
    found += [item async for item in state_looked_at(config)]
    found += await asyncio.to_thread(_log, config)
    found.append(await asyncio.to_thread(_space, config))
    return list(dict.fromkeys(found))


async def _gateway(config: Config, written: Written) -> AsyncIterator[Finding]:
    """Ask the running gateway; where none runs, look at log and state ourselves."""
    try:
        answer = await asyncio.to_thread(
            call, config.control.socket, {"command": "status"}, timeout_s=_WAIT_S
        )
    except NoGateway:
        yield _NONE
        async for item in _at_rest(config, written):
            yield item
        return
    except OSError as error:
        yield wrong("gateway", f"does not answer on its socket ({error})")
        return
    if answer.get("outcome") != "done":
        yield wrong("gateway", str(answer.get("problem")))
        return
    status = answer["result"]
    closed = status.get("closed")
    parts = await asyncio.to_thread(_ready, config)
    broken = {part: said for part, said in parts.items() if said != "ok"}
    runs = "runs" if broken else f"runs, and is ready: {', '.join(parts)}"
    yield wrong("gateway", str(closed)) if closed else well("gateway", runs)
    for part, problem in broken.items():
        yield wrong("gateway", f"{part}: {problem}")
    for item in _people(status):
        yield item
    active = status.get("activation") or {}
    yield await asyncio.to_thread(_activated, config, active, written)
    for each in status.get("witnesses") or []:
        said = each["problem"] or f"has signed {each['entries']} entries"
        finding = warning if each["problem"] else well
        yield finding("witnesses", f"{each['name']}: {said}")


async def _at_rest(config: Config, written: Written) -> AsyncIterator[Finding]:
    try:
        async with open_ledger(config, clock=SystemClock()) as ledger:
            status = people_row(ledger.registrar)
            size, rebuilt = ledger.log.size, ledger.caught_up.rebuilt
            unasked = ledger.unasked
            causes = ledger.acts.in_force.causes
            await require_files(
                ledger.registrar,
                policy=written.bundle.revision,
                manifest=written.manifest,
            )
    except LogMissing:
        said = "there is no log yet; it begins with: sallyport act new genesis"
        yield wrong("activation", said)
    except LogLocked:
        yield warning("log", "another process holds it; look again in a moment")
    except InvalidFile:
        return  # said above, under keys
    except (AuditError, GatewayError) as error:
        part = "log" if isinstance(error, AuditError) else "activation"
        yield wrong(part, str(error))
    else:
        for item in (*_unasked(unasked), *_people(status)):
            yield item
        if rebuilt:
            said = f"did not fit its seal and was read again from {size} entries"
            yield warning("state", said)
        if "policy-disagreement" in causes:
            said = "engines disagreed; look, then run: sallyport reopen"
            yield wrong("engines", said)
        if "state-restored" in causes:
            said = "is older than the log; put back the newest copy of it, or run:"
            yield wrong("state", f"{said} sallyport reopen")
        said = f"these files are activated; the log has {size} entries"
        yield well("activation", said)


def _unasked(problems: Iterable[str]) -> Iterator[Finding]:
    """Say which witnesses could not be asked what they have seen."""
    for problem in problems:
        yield warning("witnesses", problem)


def _people(status: Mapping[str, Any]) -> Iterator[Finding]:
    """Say who decides, and that somebody else will: time to look if it was meant."""
    people, later = status.get("people"), status.get("people_later")
    if people:
        yield well("people", f"{listed(people)} decide, two of them together")
    if later:
        yield warning(
            "people",
            f"from {status['people_from']} on, {listed(later)} decide; if that was not"
            " meant, put the old roster in again before: sallyport act new roster",
        )


def _activated(config: Config, active: dict[str, Any], written: Written) -> Finding:
    """Compare what runs with the files as they are now."""
    policy, manifest = active.get("policy"), active.get("manifest")
    if (policy, manifest) == (written.bundle.revision, written.manifest.digest):
        return well("activation", f"number {active['number']} is of these files")
    source = open_source(str(config.log.directory))
    before = manifest_lines(source.read(f"manifest/{manifest}") or b"") or {}
    names = names_changed(
        before,
        dict(written.manifest.files),
        policy=policy != written.bundle.revision,
    )
    return wrong(
        "activation",
        f"changed since the activation: {', '.join(names)}; a restart would be refused:"
        " look at what changed, and have two people sign it: sallyport activate",
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
        return wrong("rules", str(error))
    return well("rules", f"revision {written.bundle.revision} answers as it should")


def _log(config: Config) -> list[Finding]:
    """Verify the whole log as an auditor would, with the gateway's own public keys."""
    try:
        keys = list(log_keys(config).verifiers)
        trust = Trust(keys=keys, policy=trust_policy(config))
    except InvalidFile:
        return []  # said above, under keys or witnesses
    source = open_source(str(config.log.directory))
    if source.read("checkpoint") is None:
        return [warning("log", "nothing to verify yet")]
    report = verify(source, trust, jobs=len(os.sched_getaffinity(0)))
    found = [wrong("log", str(item)) for item in [*report.findings, *report.doubts]]
    if found:
        return found
    verified = well("log", "every entry verified against the signed checkpoint")
    if report.witnessed:
        return [verified, well("log", "a quorum of witnesses has signed it too")]
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
    return well("disk", said) if free > _SPACE else warning("disk", said)
