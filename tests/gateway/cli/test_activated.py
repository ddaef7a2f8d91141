"""What the doctor says of a gateway that runs, and of log and state while none does."""

from __future__ import annotations

import asyncio
import fcntl
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from audit import LogBehind, LogLocked
from gateway.acts import NotActivated
from gateway.cli import activated
from gateway.cli.activated import at_rest, gateway_looked_at
from gateway.cli.calling import NoGateway
from gateway.cli.finding import Finding, Verdict
from gateway.clock import SystemClock
from gateway.config import Config, load
from gateway.in_force import Written, read_files
from gateway.policy.bundle import META, Bundle

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


def rest(config: Config, written: Written) -> list[Finding]:
    """Return what is found of log and state at rest."""

    async def collected() -> list[Finding]:
        return [item async for item in at_rest(config, written, SystemClock())]

    return asyncio.run(collected())


def not_well(found: list[Finding]) -> list[tuple[str, str]]:
    """Return part and line of what is not well; each has its advice."""
    sick = [item for item in found if item.verdict is not Verdict.WELL]
    assert all(item.advice for item in sick)
    return [(item.part, str(item)) for item in sick]


def test_log_and_state_at_rest(begun: Path, sallyport: Any) -> None:  # noqa: ANN401  # runs a command
    """Well; held by another; state sealed anew; an older copy of the log; no log."""
    config = load(begun / "sallyport.yaml")
    written = read_files(config)
    log, older = config.log.directory, begun / "older"
    shutil.copytree(log, older)
    assert not_well(rest(config, written)) == []

    with (log / "lock").open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ((part, line),) = not_well(rest(config, written))
    assert (part, "look again in a moment" in line) == ("log", True)

    (begun / "catalogue" / "jail.yaml").write_text("# changed\n")
    manifest = written.manifest.__class__(files=(("agencies.yaml", "0" * 64),))
    other = Written(
        manifest=manifest,
        bundle=written.bundle,
        catalogue=written.catalogue,
        registry=written.registry,
    )
    ((part, line),) = not_well(rest(config, other))
    assert part == "activation"
    assert line.count("sallyport activate") == 1
    rules = Bundle(files={META: b'{"revision": "other"}'})
    ((part, line),) = not_well(rest(config, replace(written, bundle=rules)))
    assert part == "activation"
    assert line.endswith("and have two people sign it: sallyport policy activate")

    code, said = sallyport("cutoff", "add", "all", "--reason", "legal_order")
    assert code == 0, said
    shutil.rmtree(log)
    shutil.copytree(older, log)
    ((part, line),) = not_well(rest(config, written))
    assert part == "state"
    assert "an older copy of the log was put back" in line

    config.state_path.unlink()
    assert not_well(rest(config, written)) == []  # read again from the log
    config.state.key.write_bytes(bytes(32))
    ((part, line),) = not_well(rest(config, written))
    assert part == "state"
    assert "was read again from" in line

    shutil.rmtree(log)
    ((part, line),) = not_well(rest(config, written))
    assert part == "activation"
    assert "sallyport act new genesis" in line
    (begun / "keys" / "log.key").write_text("x")
    assert rest(config, written) == []  # said under keys


@pytest.mark.parametrize(
    ("error", "verdict", "part"),
    [
        (LogLocked("x"), Verdict.WARNING, "log"),
        (LogBehind("x"), Verdict.WRONG, "log"),
        (NotActivated("x"), Verdict.WRONG, "activation"),
    ],
)
def test_what_cannot_be_opened(error: Any, verdict: Verdict, part: str) -> None:  # noqa: ANN401  # either root
    """Only a lock is no fault; a command holds it for a moment."""
    found = activated._unopened(error)
    assert (found.verdict, found.part) == (verdict, part)


ACTIVE = {
    "number": 0,
    "policy": "p",
    "manifest": "m",
    "since": "2020-01-01T00:00:00Z",
}

WITNESSES = [
    {"name": "board", "problem": "", "entries": 7},
    {"name": "press", "problem": "does not answer", "entries": 0},
]

STATUS = {"closed": "", "activation": ACTIVE, "people": ["a-1", "b-1"]}

SAID: dict[str, tuple[object, bool, str]] = {
    "none": (NoGateway("x"), False, "none runs; start it with: sallyport serve"),
    "stranger": (PermissionError(13, "no"), True, "as the gateway's user, or as root"),
    "deaf": (ConnectionError("no whole answer"), True, "journalctl -u sallyport"),
    "odd": ({"outcome": "unavailable", "problem": "odd"}, True, "odd; look at the"),
    "closed": (
        {"outcome": "done", "result": STATUS | {"closed": "it needs a restart"}},
        True,
        "is closed: it needs a restart; put the files here that were activated, then",
    ),
    "doubt": (
        {"outcome": "done", "result": STATUS | {"closed": "x; look, then reopen"}},
        True,
        "is closed: x; look, then reopen",
    ),
    "sick": (
        {"outcome": "done", "result": STATUS},
        True,
        "admin port: does not answer (ConnectionRefusedError); look whether the",
    ),
    "unheard": (
        {"outcome": "done", "result": STATUS | {"witnesses": WITNESSES}},
        True,
        "press: does not answer; look whether this machine reaches its address",
    ),
    "old": (
        {"outcome": "done", "result": STATUS},
        True,
        "which is past: all is 503; have two people sign a new one",
    ),
}


def test_a_gateway_as_it_answers(begun: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each way of answering, or of not answering, has its line and its advice."""
    config = load(begun / "sallyport.yaml")
    written = read_files(config)
    for case, (said, runs, line) in SAID.items():

        def call(*_: object, answer: object = said, **__: object) -> object:
            if isinstance(answer, Exception):
                raise answer
            return answer

        monkeypatch.setattr(activated, "call", call)
        gateway = asyncio.run(gateway_looked_at(config, written, SystemClock()))
        assert gateway.runs is runs, case
        lines = [text for _, text in not_well(list(gateway.found))]
        assert any(line in text for text in lines), (case, lines)
