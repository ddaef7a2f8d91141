"""``sallyport serve``, ``status`` and ``stop``: what they ask for."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.cli import main
from tests.gateway.cli.conftest import Sent


def test_status_and_stop(sent: Sent) -> None:
    """Both are commands to whoever holds the log."""
    for word in ("status", "stop"):
        assert CliRunner().invoke(main.app, [word]).exit_code == 0
    assert [command["command"] for command in sent] == ["status", "stop"]


def test_status_waits_for_a_gateway_as_long_as_is_said(sent: Sent) -> None:
    """By default not at all: what no gateway does is then done on the log."""
    run = CliRunner().invoke
    assert run(main.app, ["status", "--wait", "2.5"]).exit_code == 0
    assert run(main.app, ["status"]).exit_code == 0
    assert [command["options"]["wait_s"] for command in sent] == [2.5, 0]
    assert run(main.app, ["status", "--wait", "-1"]).exit_code == 2


def test_the_configuration_by_option_and_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """--config, else SALLYPORT_CONFIG, else sallyport.yaml here."""
    seen: list[Path] = []
    monkeypatch.setattr("gateway.cli.service.run_gateway", seen.append)
    run = CliRunner().invoke
    assert run(main.app, ["serve"]).exit_code == 0
    assert run(main.app, ["serve", "-c", "x.yaml"]).exit_code == 0
    environment = {"SALLYPORT_CONFIG": "y.yaml"}
    assert run(main.app, ["serve"], env=environment).exit_code == 0
    assert [str(path) for path in seen] == ["sallyport.yaml", "x.yaml", "y.yaml"]
