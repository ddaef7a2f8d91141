"""Serving: what does not start, and how it ends."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from audit.folder import Folder
from gateway import opening
from gateway.clock import SystemClock
from gateway.config import load
from gateway.demo.deciders import activate, people
from gateway.demo.layout import Layout
from tests.gateway.cli.conftest import RUN, Sallyport

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


NAMES = {"auditor.pub": "auditors/county-auditor.pub"}
"""Files whose names in the manifest are their roles."""


def test_what_has_no_roster_does_not_start(county: Path, sallyport: Sallyport) -> None:
    """Before the log has begun there is nothing to serve under."""
    code, problem = sallyport("serve")
    assert code == 1
    assert "there is no log" in problem
    assert "sallyport act new genesis" in problem
    assert "log.directory" in problem
    line = json.loads(problem.splitlines()[-2])
    assert (line["event"], line["level"]) == ("refused-to-start", "error")
    assert set(line) == {"event", "level", "time", "error"}
    assert not load(county / "sallyport.yaml").log.directory.exists()


def test_a_configuration_with_a_mistake_does_not_start(
    county: Path, sallyport: Sallyport
) -> None:
    """The line that alerts wait for is there too, and does not repeat the file."""
    (county / "sallyport.yaml").write_text("Zq91: 1\n")
    code, problem = sallyport("serve")
    assert code == 2
    line, *sentences = problem.splitlines()
    assert json.loads(line)["error"] == "InvalidFile"
    assert "Zq91" not in line
    assert "sallyport.yaml" in sentences[0]


def test_what_was_not_activated_does_not_start(
    begun: Path, sallyport: Sallyport
) -> None:
    """One edited byte in any file of the manifest: down, and the file is named."""
    county = begun
    for name in ("agencies.yaml", "catalogue/county-jail.yaml", "auditor.pub"):
        path = county / name
        before = path.read_bytes()
        path.write_bytes(before + b"\n")
        code, problem = sallyport("serve")
        assert code == 1, name
        assert "have two people sign it: sallyport activate" in problem
        code, found = sallyport("doctor", "--json")
        assert code == 1
        wrong = {i["part"]: i["sentence"] for i in found if i["verdict"] == "wrong"}
        for said in (problem, wrong["activation"]):
            assert f"changed since: {NAMES.get(name, name)};" in said
        path.write_bytes(before)


@pytest.mark.parametrize("setting", ["server.listen", "admin.listen"])
def test_an_address_that_is_taken_is_named(
    begun: Path, sallyport: Sallyport, setting: str
) -> None:
    """With the setting that names it and what to do, not with an errno."""
    config = load(begun / "sallyport.yaml")
    listen = getattr(config, setting.partition(".")[0]).listen
    host, _, port = listen.rpartition(":")
    with socket.create_server((host, int(port))):
        code, problem = sallyport("serve")
    assert code == 4
    said = f"did not start, or broke off: {listen}: address already in use; end the"
    assert said in problem
    assert problem.rstrip().endswith(f"or change {setting}")


@pytest.mark.parametrize(
    ("host", "why"),
    [
        ("no.such.invalid", "Name or service not known; correct server.listen"),
        ("192.0.2.1", "no address of this machine; correct server.listen"),
    ],
)
def test_an_address_that_is_not_ours_is_named(
    county: Path, sallyport: Sallyport, host: str, why: str
) -> None:
    """A slip in server.listen: the sentence has the address and the setting."""
    path = county / "sallyport.yaml"
    listen = load(path).server.listen
    there = f"{host}:{listen.rpartition(':')[2]}"
    path.write_text(path.read_text().replace(listen, there))
    keys = people(Layout(root=county))
    asyncio.run(activate(load(path), clock=SystemClock(), keys=keys))
    code, problem = sallyport("serve")
    assert code == 4
    assert problem.splitlines()[-1].endswith(f": {there}: {why}")


def test_a_second_gateway_says_what_it_waits_for_and_what_to_look_at(
    begun: Path, sallyport: Sallyport, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At once: for ten seconds somebody would think that it hangs."""
    monkeypatch.setattr(opening, "PATIENCE_S", 0.5)
    lock = Folder(root=load(begun / "sallyport.yaml").log.directory).lock()
    code, problem = sallyport("serve")
    os.close(lock)
    assert code == 4
    *_, waits, _line, refused = problem.splitlines()
    assert waits == (
        "another process has the log, a gateway or a command: waiting for it, 0.5"
        " seconds at most"
    )
    assert refused == (
        "refused to start: another process has the log; a gateway may run already:"
        " sallyport status"
    )


def test_who_waits_for_a_gateway_is_told_that_none_runs(
    begun: Path, sallyport: Sallyport
) -> None:
    """In time, and the log is left alone: somebody may be about to start one."""
    assert load(begun / "sallyport.yaml").log.directory.exists()
    code, problem = sallyport("status", "--wait", "0.3")
    assert (code, problem) == (4, "no gateway answered within 0.3 seconds")


@pytest.fixture
def command(begun: Path) -> Iterator[threading.Timer]:
    """A command that has the log while the gateway is started, for some seconds."""
    lock = Folder(root=load(begun / "sallyport.yaml").log.directory).lock()
    lets_go = threading.Timer(5, os.close, [lock])
    lets_go.start()
    yield lets_go
    lets_go.join()


@pytest.mark.usefixtures("command", "gateway")
def test_a_command_that_has_the_log_keeps_no_gateway_from_starting(
    sallyport: Sallyport, command: threading.Timer
) -> None:
    """It waits until the command has ended: somebody may ask for the status then."""
    assert not command.is_alive()
    code, said = sallyport("status", "--json")
    assert (code, said["running"]) == (0, True)


def test_a_signal_ends_it_gracefully(
    sallyport: Sallyport, gateway: subprocess.Popen[bytes], county: Path
) -> None:
    """SIGTERM ends with 0, and the log has the stop entry of the run."""
    gateway.terminate()
    assert gateway.wait(30) == 0
    log = load(county / "sallyport.yaml").log.directory
    vkey = next(county.rglob("log.vkeys"), None) or next(county.rglob("log.vkey"))
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            RUN,
            "audit",
            "show",
            str(log),
            "--index",
            "3",
            "--vkey",
            str(vkey),
            "--allow-unwitnessed",
        ],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert '"stop"' in done.stdout, done.stderr
    assert sallyport("status", "--json")[1]["running"] is False
