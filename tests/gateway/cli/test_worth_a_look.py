"""What check warns of: no mistake, and still seldom meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.cli.worth_a_look import worth_a_look
from gateway.config import load
from gateway.in_force import read_files
from tests.gateway.cli.conftest import Sallyport

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


def warned(county: Path, packs: str) -> list[str]:
    """Return what is worth a look under these packs."""
    path = county / "sallyport.yaml"
    text = path.read_text().replace("[us-federal, us-il]", packs)
    assert packs in text
    path.write_text(text)
    config = load(path)
    return [str(item) for item in worth_a_look(config, read_files(config))]


def test_one_kind_of_signature(county: Path) -> None:
    """A log that has no ML-DSA key is told how to get one."""
    path = county / "sallyport.yaml"
    assert "log.keys.mldsa" not in "\n".join(warned(county, "[us-federal, us-il]"))
    path.write_text(path.read_text().replace("    mldsa: keys/mldsa.key\n", ""))
    said = "\n".join(warned(county, "[us-federal, us-il]"))
    assert "log.keys.mldsa: is missing" in said


def test_a_dataset_file_that_is_not_read(county: Path) -> None:
    """A file under another ending looks like a dataset, and is none."""
    folder = load(county / "sallyport.yaml").catalogue
    for name in ("jail2.yml", "jail.yaml~", "README.md"):
        (folder / name).write_text("id: jail\n")
    said = [item for item in warned(county, "[us-federal, us-il]") if "*.yaml" in item]
    why = "is not read: dataset files are *.yaml; rename it, or move it away"
    assert said == [f"{folder}/jail.yaml~: {why}", f"{folder}/jail2.yml: {why}"]


def test_the_law_of_two_states(county: Path) -> None:
    """One custodian stands under the law of one state."""
    said = "\n".join(warned(county, "[us-federal, us-ca, us-il]"))
    assert "names the law of 2 states: us-ca, us-il" in said
    assert "federal one" not in said


def test_a_state_without_the_federal_law(county: Path) -> None:
    """The pack that is missing is named."""
    assert "add us-federal" in "\n".join(warned(county, "[us-tx]"))


def test_a_fact_that_no_rule_reads(county: Path) -> None:
    """Under Illinois law nobody asks what only California asks; others are read."""
    said = [item for item in warned(county, "[us-federal, us-il]") if "jail" in item]
    assert len(said) == 1
    assert "conviction_ca_7282_5_a" in said[0]
    assert "sealed" not in said[0]


def test_check_ends_with_a_clear_line(county: Path, sallyport: Sallyport) -> None:
    """A summary, the warnings, and last how it went; nothing is written."""
    before = sorted(county.rglob("*"))
    code, said = sallyport("check")
    assert code == 0, said
    lines = said.splitlines()
    assert lines[-1].startswith("sallyport.yaml: no mistakes, ")
    assert "sallyport activate writes the act that puts these" in lines[-1]
    assert any(line.startswith("warning: dataset county-jail") for line in lines)
    code, found = sallyport("check", "--json")
    assert code == 0
    assert {"configuration", "files", "warnings", "manifest"} <= found.keys()
    assert sorted(county.rglob("*")) == before
