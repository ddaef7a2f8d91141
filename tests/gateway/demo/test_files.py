"""The demo's folder is one that an operator could have written."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from gateway.clock import SystemClock
from gateway.config import load
from gateway.demo.chapters import scenes
from gateway.demo.files import COUNTIES, write_folder
from gateway.demo.layout import Layout
from gateway.identity import AgencyRegistry, RegistryWords, read_agencies
from gateway.manifest import read_manifest


@pytest.mark.parametrize("name", COUNTIES)
def test_each_gateway_configuration_is_accepted(county: Layout, name: str) -> None:
    """The checker finds no mistake in any of the three, and no file is missing."""
    config = load(county.config(name))

    assert config.demo
    assert COUNTIES[name].pack in config.jurisdiction.packs
    assert read_manifest(config).digest


def test_the_three_counties_differ_in_law_only(county: Layout) -> None:
    """The same databases, catalogue and registry stand behind each gateway."""
    configs = [load(county.config(name)) for name in COUNTIES]

    def same(what: str) -> set[str]:
        return {str(Path(getattr(config, what)).resolve()) for config in configs}

    assert len(same("catalogue")) == len(same("registry")) == 1
    sources = {
        tuple(
            source.path.resolve()
            for source in config.sources.values()
            if source.kind == "sqlite"
        )
        for config in configs
    }
    assert len(sources) == 1
    assert len({config.log.origin for config in configs}) == len(COUNTIES)
    assert len({config.server.listen for config in configs}) == len(COUNTIES)


def test_every_secret_is_readable_by_its_owner_only(county: Layout) -> None:
    """Keys and tokens are 0600."""
    secrets = [
        path
        for path in county.root.rglob("*")
        if path.suffix == ".key" or path.name in {"key.pem", "token"}
    ]

    assert len(secrets) > 10
    assert {stat.S_IMODE(path.stat().st_mode) for path in secrets} == {0o600}


def test_requests_lie_ready(county: Layout) -> None:
    """Each scene's body is a file, byte for byte what the story sends as JSON."""
    for scene in scenes():
        path = county.requests / f"{scene.name}.json"
        assert json.loads(path.read_text()) == scene.body


def test_a_folder_is_never_written_twice(county: Layout) -> None:
    """What is there already is kept."""
    with pytest.raises(FileExistsError):
        write_folder(county, clock=SystemClock(), records=1)


def test_the_registry_is_one_the_gateway_reads(county: Layout) -> None:
    """``agencies.yaml`` names only words, issuers and authorities that exist."""
    config = load(county.config())
    words = RegistryWords(
        issuers=[item.issuer for item in config.issuers],
        client_cas=list(config.server.client_cas),
    )

    file = read_agencies(config.registry, words)

    assert set(file.agencies) == {"ice", "neighbour-sheriff", "broker"}
    assert AgencyRegistry(file, zone=config.zone, families={}) is not None
