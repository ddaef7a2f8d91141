"""Commands on the log itself, while no gateway runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.gateway.cli.conftest import Sallyport

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


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
