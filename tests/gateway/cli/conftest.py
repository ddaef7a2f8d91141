"""A whole synthetic county, and the command line as processes of their own."""

from __future__ import annotations

import asyncio
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
from typer.testing import CliRunner

from gateway.cli import main
from gateway.clock import SystemClock
from gateway.config import load
from gateway.demo.deciders import activate, people
from gateway.demo.files import write_folder
from gateway.demo.layout import Layout

RUN = "import sys; sys.argv[0] = 'sallyport'; from gateway.cli.main import run; run()"

Sallyport = Callable[..., tuple[int, Any]]
"""Runs a command; returns its exit code and its answer or its sentence."""


@pytest.fixture(scope="session")
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
def sallyport(county: Path, monkeypatch: pytest.MonkeyPatch) -> Sallyport:
    """Run a command in the county's folder, in this process: imports are slow."""
    monkeypatch.chdir(county)

    def run(*words: str) -> tuple[int, Any]:
        done = CliRunner().invoke(main.app, words)
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        with contextlib.suppress(ValueError):
            return done.exit_code, json.loads(done.stdout)
        return done.exit_code, (done.stderr or done.stdout).strip()

    return run


@pytest.fixture
def begun(county: Path) -> Path:
    """The county with its log begun and its files in force, signed by both."""
    keys = people(Layout(root=county))
    config = load(county / "sallyport.yaml")
    asyncio.run(activate(config, clock=SystemClock(), keys=keys))
    return county


BOTH = ("counsel-1", "officer-1")


@pytest.fixture
def sign(county: Path, sallyport: Sallyport) -> Callable[[str], None]:
    """Sign an act's file with both keys, as its owners would."""

    def both(file: str) -> None:
        for name in BOTH:
            key = str(county / "people" / f"{name}.key")
            code, said = sallyport("act", "sign", file, "--key", key, "--yes")
            assert code == 0, said

    return both


@pytest.fixture
def gateway(begun: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The county's gateway, activated and running."""
    county = begun
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


Sent = list[dict[str, Any]]
"""Commands that would have been carried out."""


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    """Keep the commands that the command line makes, instead of doing them."""
    found: Sent = []

    def keep(_path: Path, command: dict[str, Any], **options: object) -> None:
        found.append(command | {"options": options})

    monkeypatch.setattr("gateway.cli.commanding.carry_out", keep)
    for place in ("act_work.draft", "act_first.draft_first"):
        monkeypatch.setattr(f"gateway.cli.{place}", keep)
    return found
