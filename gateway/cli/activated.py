"""Whether a gateway runs, under which activation, and how log and state are if not."""

from __future__ import annotations

import asyncio
import datetime as dt
import http.client
import json
from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from audit import AuditError, LogMissing
from audit.acttext import listed
from audit.changes import POLICY, manifest_lines, names_changed
from gateway.cli.advice import BEGIN, LOOK_AT_LINES, of_ledger, of_part
from gateway.cli.calling import NoGateway, call
from gateway.cli.expiring import how_old
from gateway.cli.finding import Finding, warning, well, wrong
from gateway.clock import Clock
from gateway.config import Config, address
from gateway.control import people_row
from gateway.errors import GatewayError, InvalidFile
from gateway.in_force import Written
from gateway.ledger import log_source, open_ledger, require_files

__all__ = ["Gateway", "at_rest", "gateway_looked_at"]

_WAIT_S = 5.0

_ASK_THEM = (
    "look whether this machine reaches its address (curl), then ask those who run it;"
    " it is asked again by itself"
)

_OLD = "put back the newest copy of it, or accept what is lost: sallyport reopen"

_DISAGREED = (
    "have an auditor replay the question, see which engine was wrong, then run:"
    " sallyport reopen"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Gateway:
    """Whether one runs with this configuration, and what it says of itself."""

    runs: bool
    found: tuple[Finding, ...]


async def gateway_looked_at(config: Config, written: Written, clock: Clock) -> Gateway:
    """Ask the gateway that runs; where none does, say so."""
    try:
        answer = await asyncio.to_thread(
            call, config.control.socket, {"command": "status"}, timeout_s=_WAIT_S
        )
    except NoGateway:
        none = warning("gateway", "none runs", "start it with: sallyport serve")
        return Gateway(runs=False, found=(none,))
    except PermissionError:
        said = "another user's answers on the control socket"
        advice = "run this as the gateway's user, or as root"
        return Gateway(runs=True, found=(wrong("gateway", said, advice),))
    except OSError as error:
        said = f"does not answer on its socket ({error})"
        return Gateway(runs=True, found=(wrong("gateway", said, LOOK_AT_LINES),))
    if answer.get("outcome") != "done":
        said = str(answer.get("problem"))
        return Gateway(runs=True, found=(wrong("gateway", said, LOOK_AT_LINES),))
    found = [item async for item in _running(config, written, answer["result"])]
    active = answer["result"].get("activation") or {}
    if "since" in active:
        since = dt.datetime.fromisoformat(active["since"])
        age = how_old(config, clock, activated_ms=int(since.timestamp() * 1000))
        found += age
    return Gateway(runs=True, found=tuple(found))


async def _running(
    config: Config, written: Written, status: Mapping[str, Any]
) -> AsyncIterator[Finding]:
    closed, parts = status.get("closed"), await asyncio.to_thread(_ready, config)
    broken = {part: said for part, said in parts.items() if said != "ok"}
    runs = "runs" if broken else f"runs, and is ready: {', '.join(parts)}"
    if closed:
        said, _, advice = str(closed).partition("; ")
        restart = "put the files here that were activated, then restart it"
        yield wrong("gateway", f"is closed: {said}", advice or restart)
    else:
        yield well("gateway", runs)
    for part, problem in broken.items():
        yield wrong("gateway", f"{part}: {problem}", of_part(part))
    for item in _people(status):
        yield item
    active = status.get("activation") or {}
    yield await asyncio.to_thread(_activated, config, active, written)
    for each in status.get("witnesses") or []:
        if each["problem"]:
            yield warning("witnesses", f"{each['name']}: {each['problem']}", _ASK_THEM)
        else:
            yield well(
                "witnesses", f"{each['name']}: has signed {each['entries']} entries"
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


def _activated(config: Config, active: Mapping[str, Any], written: Written) -> Finding:
    """Compare what runs with the files as they are now."""
    policy, manifest = active.get("policy"), active.get("manifest")
    if (policy, manifest) == (written.bundle.revision, written.manifest.digest):
        return well("activation", f"number {active['number']} is of these files")
    source = log_source(config)
    before = manifest_lines(source.read(f"manifest/{manifest}") or b"") or {}
    names = names_changed(
        before,
        dict(written.manifest.files),
        policy=policy != written.bundle.revision,
    )
    command = "policy activate" if POLICY in names else "activate"
    return wrong(
        "activation",
        f"changed since the activation: {', '.join(names)}; a restart would be refused",
        "put the files here that were activated; or, if these are meant, have two"
        f" people sign it: sallyport {command}",
    )


async def at_rest(
    config: Config, written: Written, clock: Clock
) -> AsyncIterator[Finding]:
    """Open log and state as a start would, and yield how they are."""
    try:
        async with open_ledger(config, clock=clock) as ledger:
            status = people_row(ledger.registrar)
            size, rebuilt = ledger.log.size, ledger.caught_up.rebuilt
            unasked = ledger.unasked
            causes = ledger.acts.in_force.causes
            active = await require_files(
                ledger.registrar,
                policy=written.bundle.revision,
                manifest=written.manifest,
            )
    except LogMissing:
        yield wrong("activation", "there is no log yet", BEGIN)
    except InvalidFile:
        return  # said under keys
    except (GatewayError, AuditError) as error:
        yield _unopened(error)
    else:
        for problem in unasked:
            yield warning("witnesses", problem, _ASK_THEM)
        for item in (*_people(status), *_closed(causes)):
            yield item
        if rebuilt:
            yield warning(
                "state",
                f"did not fit its seal and was read again from {size} entries",
                "nothing, if state.key was changed or state.db removed on purpose; else"
                " find out who wrote to it",
            )
        said = f"these files are activated; the log has {size} entries"
        yield well("activation", said)
        for item in how_old(config, clock, activated_ms=active.at_ms):
            yield item


def _closed(causes: Collection[str]) -> Iterator[Finding]:
    """Say for what an operator has to look before anything is answered."""
    if "policy-disagreement" in causes:
        said = "engines disagreed, and nothing is answered"
        yield wrong("engines", said, _DISAGREED)
    if "state-restored" in causes:
        yield wrong("state", "is older than the log, and nothing is answered", _OLD)


def _unopened(error: GatewayError | AuditError) -> Finding:
    """Say why log and state could not be opened together, and what to do."""
    part, advice = of_ledger(error)
    said = str(error)
    for known in ("; put the activated files here", "; have two people sign"):
        said, own, rest = said.partition(known)
        advice = f"{own.removeprefix('; ')}{rest}" if own else advice
    make = warning if part == "log" and "look again" in advice else wrong
    return make(part, said.removesuffix("."), advice)


def _people(status: Mapping[str, Any]) -> Iterator[Finding]:
    """Say who decides, and that somebody else will: time to look if it was meant."""
    people, later = status.get("people"), status.get("people_later")
    if people:
        yield well("people", f"{listed(people)} decide, two of them together")
    if later:
        yield warning(
            "people",
            f"from {status['people_from']} on, {listed(later)} decide",
            "if that was not meant, put the old roster in again before: sallyport act"
            " new roster",
        )
