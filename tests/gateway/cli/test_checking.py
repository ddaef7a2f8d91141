"""Mistakes of the configuration, as every command names them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from gateway.config import load
from gateway.demo.pki import LIFETIME, new_authority
from tests.gateway.cli.conftest import Sallyport

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


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


def test_mistakes_of_every_kind_of_file_are_named_at_once(
    county: Path, sallyport: Sallyport
) -> None:
    """A mistake in one does not hide those of others that do not depend on it."""
    for name in ("agencies", "catalogue/county-jail", "instruments", "sallyport"):
        file = county / f"{name}.yaml"
        text = file.read_text()
        if name == "sallyport":
            file.write_text(text.replace("us-il", "us-mine"))
        else:
            file.write_text(f"{text}\nodd: 1\n")
    code, problem = sallyport("check")
    assert code == 2
    lines = problem.splitlines()
    for said in (
        "sallyport.yaml:jurisdiction.packs: us-mine is not a pack here",
        "agencies.yaml:odd: no such key",
        "catalogue/county-jail.yaml:odd: no such key",
        "instruments.yaml:odd: no such key",
    ):
        assert len([line for line in lines if said in line]) == 1, problem


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


def test_a_certificate_that_nobody_takes_is_a_warning(
    county: Path, sallyport: Sallyport
) -> None:
    """The gateway starts with one that ended, and nobody comes in."""
    issued = new_authority("x", now=dt.datetime.now(dt.UTC) - 2 * LIFETIME)
    (county / "authorities/ice.pem").write_bytes(issued.pem)
    code, said = sallyport("check")
    assert code == 0
    (warning,) = [line for line in said.splitlines() if "ended on" in line]
    assert warning.startswith("warning: the client CA ")
    assert "put the agency's new authority into the same file" in warning
