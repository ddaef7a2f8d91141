"""The suite's own guards hold: a wait on the loop fails, a missing tool is named."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from blockbuster import BlockBuster, BlockingError

from gateway import yamlfile


async def test_a_wait_on_the_loop_fails(tmp_path: Path) -> None:
    """Our code reading a file on the event loop's own thread is an error."""
    file = tmp_path / "file.yaml"
    yamlfile_written = file.write_text("a: 1\n")

    with pytest.raises(BlockingError):
        yamlfile.read(file)

    assert yamlfile_written == 5


def test_a_wait_off_the_loop_is_fine(tmp_path: Path) -> None:
    """The same call outside a running loop just works."""
    file = tmp_path / "file.yaml"
    file.write_text("a: 1\n")

    assert yamlfile.read(file) == {"a": 1}


@pytest.mark.blocking("this test shows that the marker works")
async def test_the_marker_turns_the_guard_off(
    tmp_path: Path,
    blockbuster: BlockBuster | None,
) -> None:
    """A test that says why may wait on the loop."""
    file = tmp_path / "file.yaml"
    file.write_text("a: 1\n")

    assert blockbuster is None
    assert yamlfile.read(file) == {"a": 1}


def test_a_free_port_can_be_bound(free_port: Callable[[], int]) -> None:
    """The port that was found can be listened on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", free_port()))


def test_a_missing_tool_is_named(
    require_tool: Callable[[str], Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A tool that is nowhere fails under CI, with its name and what installs it."""
    monkeypatch.setitem(require_tool.__globals__, "IN_CI", True)

    with pytest.raises(pytest.fail.Exception, match="no-such-tool is not here: `make"):
        require_tool("no-such-tool")


def test_a_missing_tool_skips_elsewhere(
    require_tool: Callable[[str], Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Outside CI the same tool makes a skip that says why."""
    monkeypatch.setitem(require_tool.__globals__, "IN_CI", False)

    with pytest.raises(pytest.skip.Exception, match="no-such-tool is not here"):
        require_tool("no-such-tool")


def test_a_pinned_tool_is_found(require_tool: Callable[[str], Path]) -> None:
    """A program in ``.tools/`` or on PATH is found."""
    assert require_tool("sh").name == "sh"


@pytest.mark.slow
def test_what_is_measured_is_imported_before_any_test(tmp_path: Path) -> None:
    """Coverage does not hang on which test is the first to ask for a command."""
    variables = {**os.environ, "COVERAGE_FILE": str(tmp_path / "measured")}
    variables.pop("PYTEST_XDIST_WORKER", None)
    report = tmp_path / "report.json"
    of_python = [sys.executable, "-m"]
    collected = ["--collect-only", "-q", "tests/audit/test_leaf.py"]
    for command in (
        ["pytest", "--cov=audit", "--cov-report=", *collected],
        ["coverage", "json", "-q", "-o", str(report)],
    ):
        subprocess.run(
            [*of_python, *command], env=variables, check=True, capture_output=True
        )
    of_command = json.loads(report.read_text())["files"]["audit/verifying.py"]

    assert 3 in of_command["executed_lines"]
