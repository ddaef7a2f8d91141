"""The units: what systemd itself says of them, and what they promise the gateway."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from audit.cli import main as audit
from gateway.cli.exit_codes import ExitCode
from gateway.config.load import parse_config
from gateway.policy.opaconfig import start_command
from tests.docs import pages

ROOT = Path(__file__).parents[2]
UNITS = ROOT / "deploy" / "systemd"
PAGE = ROOT / "docs" / "how-to" / "install-on-one-box.md"

EXPOSURE = {"sallyport": 1.1, "sallyport-opa": 0.9, "sallyport-verify": 0.2}
"""What ``systemd-analyze security`` came to with systemd 252, of 10; never more."""


def settings(unit: str) -> dict[str, str]:
    """Return a unit's settings; the last of a name counts."""
    lines = (UNITS / unit).read_text().splitlines()
    pairs = (line.partition("=") for line in lines if "=" in line and line[0] != "#")
    return {name: value for name, _, value in pairs}


def test_the_units_are_well_formed(
    tmp_path: Path, require_tool: Callable[[str], Path]
) -> None:
    """Every word is systemd's, every program is where the page puts it."""
    analyze = require_tool("systemd-analyze")
    folder = tmp_path / "etc" / "systemd" / "system"
    folder.mkdir(parents=True)
    found = [*UNITS.glob("*.service"), *UNITS.glob("*.timer")]
    for unit in found:
        shutil.copy(unit, folder)
        command = settings(unit.name).get("ExecStart", "").split()
        for program in command[:1]:
            place = tmp_path / program.removeprefix("/")
            place.parent.mkdir(parents=True, exist_ok=True)
            place.touch(mode=0o755)
    names = [f"/etc/systemd/system/{unit.name}" for unit in found]
    options = ("verify", "--recursive-errors=no", f"--root={tmp_path}")
    done = subprocess.run(
        [analyze, *options, *names], check=False, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("name", list(EXPOSURE))
def test_a_unit_exposes_no_more_than_it_did(
    name: str, require_tool: Callable[[str], Path]
) -> None:
    """Hardening that is taken out shows here."""
    analyze = require_tool("systemd-analyze")
    options = ("security", "--no-pager", "--offline=true")
    done = subprocess.run(
        [analyze, *options, str(UNITS / f"{name}.service")],
        check=True,
        capture_output=True,
        text=True,
    )
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
    assert found is not None
    assert float(found[1]) <= EXPOSURE[name], done.stdout


def test_a_stop_has_time_for_pages_in_flight() -> None:
    """Killed only well after server.stop_seconds; mistakes are not tried again."""
    unit = settings("sallyport.service")
    text = next(
        block.text
        for block in pages.blocks(PAGE.read_text())
        if block.file == "sallyport.yaml"
    )
    config = parse_config(text.encode(), Path("/etc/sallyport/sallyport.yaml"))
    assert unit["KillSignal"] == "SIGTERM"
    assert int(unit["TimeoutStopSec"]) >= config.server.stop_seconds + 30
    assert unit["RestartPreventExitStatus"] == str(int(ExitCode.MISTAKES))
    assert unit["Type"] == "notify"


def test_the_page_and_the_units_mean_the_same_places() -> None:
    """Log, state, socket, keys and rules lie where the units let the gateway go."""
    unit = settings("sallyport.service")
    text = PAGE.read_text()
    state = f"/var/lib/{unit['StateDirectory']}"
    assert f"directory: {state}/log" in text
    assert f"sqlite:///{state}/state.db" in text
    assert f"socket: /run/{unit['RuntimeDirectory']}/control.sock" in text
    assert unit["EnvironmentFile"].removeprefix("-") in text
    for name in ("tmpfiles.conf", "sysusers.conf"):
        assert f" {unit['User']} " in (UNITS / name).read_text()


def test_opa_is_started_as_its_configuration_says() -> None:
    """The unit's command is the one that ``sallyport opa config`` prints."""
    command = settings("sallyport-opa.service")["ExecStart"]
    expected = start_command("/etc/sallyport/opa", "127.0.0.1:8181")
    assert command == f"/usr/local/bin/{expected}"


def test_the_nightly_look_is_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    """Its words are understood: what it then finds amiss is the log, not the words."""
    _, _, *words = shlex.split(settings("sallyport-verify.service")["ExecStart"])
    code = audit(words)
    assert code == 2  # there is no such log here
    assert "usage" not in capsys.readouterr().err
