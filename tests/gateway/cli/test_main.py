"""The command line: fast help, every command there, every late import real."""

from __future__ import annotations

import importlib
import runpy
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway import __version__
from gateway.cli import main

RUN = "import sys; sys.argv[0] = 'sallyport'; from gateway.cli.main import run; run()"

COMMANDS = {
    "act",
    "serve",
    "status",
    "stop",
    "check",
    "doctor",
    "activate",
    "rotate-keys",
    "reopen",
    "opa",
    "cutoff",
    "instrument",
    "review",
    "task",
    "audit",
    "policy",
    "demo",
    "version",
}


def test_help_names_every_command() -> None:
    """Each command is listed with a line of help."""
    shown = CliRunner().invoke(main.app, ["--help"])
    assert shown.exit_code == 0
    listed = {
        line.split()[0]
        for line in shown.output.splitlines()
        if line[:2] == "  " and line.strip()
    }
    assert listed >= COMMANDS
    assert "Exit codes" in shown.output


def test_the_tree_has_what_is_imported_late() -> None:
    """Pages made of the commands see those of the late groups too."""
    tree = main.command_tree()
    assert {*tree.commands} == COMMANDS
    assert "decide" in tree.commands["policy"].commands  # type: ignore[attr-defined]  # a group


def test_late_groups_answer() -> None:
    """A group that is imported late runs like any other."""
    shown = CliRunner().invoke(main.app, ["policy", "--help"])
    assert shown.exit_code == 0
    assert "decide" in shown.output


def test_every_late_import_is_real() -> None:
    """What commands import when they run exists."""
    folder = Path(main.__file__).parent
    places = {
        line.split('later("')[1].split('"')[0]
        for path in folder.glob("*.py")
        for line in path.read_text().splitlines()
        if 'later("' in line
    }
    assert "gateway.cli.commanding:carry_out" in places
    for place in places:
        module, _, name = place.partition(":")
        assert callable(getattr(importlib.import_module(module), name)), place


def test_the_version() -> None:
    """The version is the package's."""
    shown = CliRunner().invoke(main.app, ["version"])
    assert shown.output.strip() == __version__


def test_an_unknown_command_is_a_mistake() -> None:
    """A wrong word ends with the code for mistakes."""
    assert CliRunner().invoke(main.app, ["chekc"]).exit_code == 2


def test_audit_passes_everything_on() -> None:
    """The log's commands have their own help and exit codes."""
    done = subprocess.run(
        [sys.executable, "-c", RUN, "audit", "verify", "--help"],
        check=True,
        capture_output=True,
        text=True,
    )
    assert "--allow-unwitnessed" in done.stdout
    gone = CliRunner().invoke(main.app, ["audit", "verify", "/nowhere"])
    assert gone.exit_code == 2


def test_help_imports_nothing_slow() -> None:
    """Help needs none of the libraries that are slow to import."""
    listing = (
        "import sys, gateway.cli.main; "
        "print(*[m for m in ('pydantic', 'aiohttp', 'sqlalchemy', 'cryptography',"
        " 'asyncio', 'rich', 'orjson', 'structlog') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", listing], check=True, capture_output=True, text=True
    )
    assert done.stdout.split() == []


@pytest.mark.slow
def test_help_is_fast() -> None:
    """The median of five is not far from the goal, even on a busy machine."""

    def once() -> float:
        started = time.perf_counter()
        subprocess.run(
            [sys.executable, "-c", RUN, "--help"], check=True, capture_output=True
        )
        return time.perf_counter() - started

    assert statistics.median(once() for _ in range(5)) < 1.0


def test_the_package_is_the_command(repository: Path) -> None:
    """``python -m gateway`` is ``sallyport``, its exit code too."""
    asked = [sys.executable, "-m", "gateway"]
    shown, refused = (
        subprocess.run(
            [*asked, word], capture_output=True, text=True, check=False, cwd=repository
        )
        for word in ("version", "nonsense")
    )
    assert (shown.returncode, shown.stdout) == (0, f"{__version__}\n")
    assert refused.returncode == 2
    assert "nonsense" in refused.stderr


def test_the_module_is_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who runs it by its module's name gets what ``sallyport`` is, not silence."""
    monkeypatch.setattr(sys, "argv", ["sallyport", "version"])
    monkeypatch.delitem(sys.modules, "gateway.cli.main")
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("gateway.cli.main", run_name="__main__")
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"{__version__}\n"
