"""Commands on a whole county: without a gateway, and with one that runs."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.clock import SystemClock
from gateway.config import load
from gateway.demo.files import write_folder
from gateway.demo.layout import Layout

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

RUN = "import sys; sys.argv[0] = 'sallyport'; from gateway.cli.main import run; run()"

Sallyport = Callable[..., tuple[int, Any]]
"""Runs a command; returns its exit code and its answer or its sentence."""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A synthetic county's folder, made once."""
    root = tmp_path_factory.mktemp("county") / "c"
    write_folder(Layout(root=root), clock=SystemClock(), records=40)
    return root


@pytest.fixture
def county(template: Path, tmp_path: Path, free_port: Callable[[], int]) -> Path:
    """A copy of the county on ports of its own; nothing is activated."""
    root = tmp_path / "c"
    shutil.copytree(template, root)
    path = root / "sallyport.yaml"
    config = load(path)
    text = path.read_text()
    for listen in (config.server.listen, config.admin.listen):
        port = listen.rpartition(":")[2]
        text = text.replace(f":{port}", f":{free_port()}")
    socket = tmp_path / "s"
    lines = [
        f"  socket: {socket}" if line.strip().startswith("socket:") else line
        for line in text.splitlines()
    ]
    path.write_text("\n".join(lines) + "\n")
    return root


@pytest.fixture
def sallyport(county: Path) -> Sallyport:
    """Run a command in the county's folder, as a process of its own."""

    def run(*words: str) -> tuple[int, Any]:
        done = subprocess.run(
            [sys.executable, "-c", RUN, *words],
            cwd=county,
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])},
            capture_output=True,
            text=True,
            check=False,
        )
        with contextlib.suppress(ValueError):
            return done.returncode, json.loads(done.stdout)
        return done.returncode, (done.stderr or done.stdout).strip()

    return run


@pytest.fixture
def gateway(county: Path, sallyport: Sallyport) -> Iterator[subprocess.Popen[bytes]]:
    """The county's gateway, activated and running."""
    code, said = sallyport("activate", "--json")
    assert code == 0, said
    with (county / "lines").open("wb") as lines:
        process = subprocess.Popen(
            [sys.executable, "-c", RUN, "serve"],
            cwd=county,
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])},
            stderr=lines,
        )
    deadline = time.monotonic() + 60
    while b'"ready"' not in (county / "lines").read_bytes():
        assert process.poll() is None, (county / "lines").read_text()
        assert time.monotonic() < deadline
        time.sleep(0.05)
    yield process
    if process.poll() is None:
        process.terminate()
    process.wait(30)


def test_without_a_gateway(county: Path, sallyport: Sallyport) -> None:
    """From a new folder to a cut-off, each command on the log itself."""
    code, found = sallyport("check", "--json")
    assert code == 0, found
    assert found["datasets"]
    assert "state.key" in str(found["configuration"]["state"]["key"])
    assert sallyport("status") == (1, "there is no log yet; run: sallyport activate")
    code, active = sallyport("activate", "--json", "--by", "R. Example")
    assert (code, active["number"], active["manifest"]) == (0, 0, found["manifest"])
    code, problem = sallyport("activate", "--json")
    assert (code, problem["outcome"]) == (1, "not_done")
    assert sallyport("cutoff", "add", "agency", "nobody-here")[0] == 1
    assert sallyport("cutoff", "add", "planet", "x")[0] == 2
    assert sallyport("cutoff", "add", "all", "--json")[0] == 0
    code, held = sallyport("cutoff", "list", "--json")
    assert [row["scope"] for row in held] == ["all"]
    assert sallyport("cutoff", "lift", "0", "--json")[0] == 0
    assert sallyport("cutoff", "list") == (0, "none")
    digest = "ab" * 32
    code, paper = sallyport("instrument", "confirm", digest, "--by", "C.", "--json")
    assert (code, paper["act"]) == (0, "paper")
    assert sallyport("instrument", "confirm", "xyz", "--by", "C.")[0] == 2
    assert sallyport("review", "list", "--json") == (0, [])
    assert sallyport("stop") == (1, "no gateway runs with this configuration")
    assert sallyport("doctor", "--json")[0] == 3
    assert sallyport("doctor", "--allow-unwitnessed")[0] == 0
    assert not list(county.glob("s"))


def test_mistakes_are_named_at_once(county: Path, sallyport: Sallyport) -> None:
    """Every command ends with all mistakes of the configuration, and code 2."""
    path = county / "sallyport.yaml"
    path.write_text(path.read_text().replace("time_zone:", "time_zon:") + "more: 1\n")
    for command in (("check",), ("activate",), ("serve",), ("cutoff", "list")):
        code, problem = sallyport(*command)
        assert code == 2
        assert "did you mean time_zone?" in problem
        assert "more: is not a setting" in problem
    code, found = sallyport("doctor", "--json")
    assert code == 1
    assert {item["part"] for item in found} == {"configuration"}


def test_what_was_not_activated_does_not_start(
    county: Path, sallyport: Sallyport
) -> None:
    """One edited byte in any file of the manifest, and the gateway stays down."""
    assert sallyport("serve")[0] == 1
    code, said = sallyport("activate")
    assert code == 0, said
    for name in ("agencies.yaml", "catalogue/county-jail.yaml", "auditor.pub"):
        path = county / name
        before = path.read_bytes()
        path.write_bytes(before + b"\n")
        code, problem = sallyport("serve")
        assert code == 1, name
        assert "run: sallyport activate" in problem
        code, found = sallyport("doctor", "--json")
        assert code == 1
        assert "activation" in {i["part"] for i in found if i["verdict"] == "wrong"}
        path.write_bytes(before)


def test_a_key_open_to_others_does_not_start(
    county: Path, sallyport: Sallyport
) -> None:
    """A key that its group may read is refused by name."""
    key = load(county / "sallyport.yaml").state.key
    key.chmod(0o640)
    code, problem = sallyport("serve")
    assert code == 2
    assert "state.key" in problem
    assert "chmod 600" in problem


def test_with_a_gateway(
    county: Path, sallyport: Sallyport, gateway: subprocess.Popen[bytes]
) -> None:
    """The same commands reach the running gateway, the log's only writer."""
    code, status = sallyport("status", "--json")
    assert (code, status["running"]) == (0, True)
    started = time.monotonic()
    assert sallyport("cutoff", "add", "family", "dhs_immigration", "--json")[0] == 0
    assert time.monotonic() - started < 30
    assert sallyport("cutoff", "add", "dataset", "nothing")[0] == 1
    assert [r["name"] for r in sallyport("cutoff", "list", "--json")[1]] == [
        "dhs_immigration"
    ]
    assert sallyport("activate")[0] == 1
    agencies = county / "agencies.yaml"
    agencies.write_text(agencies.read_text() + "# another day\n")
    code, found = sallyport("doctor", "--json")
    assert code == 1
    assert "activation" in {i["part"] for i in found if i["verdict"] == "wrong"}
    code, active = sallyport("activate", "--json")
    assert (code, active["number"]) == (0, 1)
    code, found = sallyport("doctor", "--json")
    wrong = [item for item in found if item["verdict"] == "wrong"]
    assert (code, wrong) == (3, [])
    assert sallyport("stop")[0] == 0
    assert gateway.wait(30) == 0
    code, status = sallyport("status", "--json")
    assert (code, status["running"], status["cutoffs"]) == (0, False, 1)
    assert b"failure" not in (county / "lines").read_bytes()


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


def test_a_killed_gateway_leaves_nothing_in_the_way(
    sallyport: Sallyport, gateway: subprocess.Popen[bytes]
) -> None:
    """After SIGKILL commands work on the log at once: lock and socket are free."""
    assert sallyport("cutoff", "add", "all")[0] == 0
    gateway.kill()
    gateway.wait(30)
    code, held = sallyport("cutoff", "list", "--json")
    assert (code, len(held)) == (0, 1)
