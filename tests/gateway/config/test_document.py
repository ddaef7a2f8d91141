"""The whole document: defaults, paths, what is derived."""

from __future__ import annotations

from pathlib import Path

from gateway.config import parse_config
from gateway.config.example import SMALLEST
from tests.gateway.config.documents import HERE, smallest, written


def test_smallest_is_enough() -> None:
    """The smallest configuration loads, with every default filled in."""
    config = parse_config(written(SMALLEST), HERE)
    assert config.engines == ("embedded",)
    assert config.replicas == 1
    assert config.log.public_delay_seconds == 3600
    assert config.zone.key == "America/Chicago"


def test_paths_are_relative_to_the_file() -> None:
    """Relative paths start at the file's folder, defaults included."""
    config = parse_config(written(SMALLEST), HERE)
    assert config.server.key == HERE.parent / "tls/server.key"
    assert config.registry == HERE.parent / "agencies.yaml"
    assert config.control.socket == HERE.parent / "run/control.sock"
    assert config.state_path == HERE.parent / "state.db"
    assert config.path == HERE


def test_absolute_paths_stay() -> None:
    """An absolute path is taken as it is."""
    document = smallest()
    document["state"]["key"] = "/keys/state"
    assert parse_config(written(document), HERE).state.key == Path("/keys/state")


def test_policies_default_to_the_installed_ones() -> None:
    """Without a folder of rules the packaged one is used."""
    config = parse_config(written(SMALLEST), HERE)
    assert config.policies.name in {"policies", "_policies"}
    assert config.policies.is_absolute()
