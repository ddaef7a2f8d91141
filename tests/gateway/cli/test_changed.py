"""What check says has changed since the activation in force."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.cli.changed import changed_since
from gateway.config import load
from gateway.in_force import read_files
from tests.gateway.cli.conftest import Sallyport

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

SAID = "changed since the activation in force: "
PUTS = " the act that puts these files into force."


def edit(path: Path, old: str, new: str) -> None:
    """Write a file with one word more or less."""
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def changed(county: Path) -> list[str] | None:
    """Return what differs."""
    config = load(county / "sallyport.yaml")
    return changed_since(config, read_files(config))


def test_check_names_what_changed(begun: Path, sallyport: Sallyport) -> None:
    """Nothing at first; then the files, the sections and the rules, and what to do."""
    code, found = sallyport("check", "--json")
    assert (code, found["changed"]) == (0, [])
    said = sallyport("check")[1]
    assert SAID not in said
    assert said.endswith(". These files are in force already.")
    (file,) = begun.glob("catalogue/*jail*.yaml")
    edit(file, "transform: {mask: {keep_last: 4}}", "transform: withhold")
    edit(begun / "sallyport.yaml", "[us-federal, us-il]", "[us-federal, us-tx]")
    edit(begun / "sallyport.yaml", "overlay: example-county", "overlay: null")
    wanted = [f"catalogue/{file.name}", "policy", "sallyport.yaml#jurisdiction"]
    code, said = sallyport("check")
    assert said.endswith(". sallyport policy activate writes" + PUTS)
    assert (code, f"{SAID}{', '.join(wanted)}\n" in said) == (0, True), said
    assert sallyport("check", "--json")[1]["changed"] == wanted


def test_where_there_is_nothing_to_compare_with_nothing_is_said(
    county: Path, sallyport: Sallyport
) -> None:
    """No log, one that does not read, or one whose manifest is gone."""
    assert changed(county) is None
    code, found = sallyport("check", "--json")
    assert (code, found["changed"]) == (0, None)
    said = sallyport("check")[1]
    assert SAID not in said
    assert said.endswith(". sallyport activate writes" + PUTS)


def test_a_log_that_does_not_read_is_for_the_doctor(begun: Path) -> None:
    """Check is about the files."""
    live = load(begun / "sallyport.yaml").log.directory / "live"
    assert changed(begun) == []
    for path in live.glob("manifest/*"):
        path.unlink()
    assert changed(begun) is None
    (live / "checkpoint").write_text("no note")
    assert changed(begun) is None
