"""What the doctor finds on a real county: each setting and part wrecked in turn."""

from __future__ import annotations

import asyncio
import copy
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from gateway.cli.findings import examine
from gateway.clock import SystemClock
from gateway.config import load
from gateway.config.reference import settings
from gateway.ledger import Basis, open_ledger
from gateway.runs import run_of
from tests.gateway.cli.conftest import Sallyport
from tests.gateway.cli.counties import county_with_opa

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


def flip(path: Path) -> None:
    """Change one byte in the middle of a file."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def entries(county: Path) -> Path:
    """Return a file of the log's entries."""
    log = load(county / "sallyport.yaml").log.directory
    return next((log / "live/tile/entries").rglob("000*/*"))


def wreck_log(county: Path) -> None:
    """Change a byte of the entries."""
    flip(entries(county))


def wreck_source(county: Path) -> None:
    """Take a database away."""
    (county / "databases/jail.db").unlink()


def wreck_activation(county: Path) -> None:
    """Change a file that was activated."""
    path = county / "agencies.yaml"
    path.write_text(path.read_text() + "\n")


def wreck_files(county: Path) -> None:
    """Add a dataset that says nothing."""
    (county / "catalogue/odd.yaml").write_text("schema: x\n")


def wreck_column(county: Path) -> None:
    """Take away a column that a field is made of."""
    with closing(sqlite3.connect(county / "databases/jail.db")) as database:
        database.execute("ALTER TABLE bookings RENAME COLUMN custody TO held")
        database.commit()


def wreck_auditor(county: Path) -> None:
    """Give the auditor a key that is none."""
    (county / "auditor.pub").write_text("x\n")


def wreck_state(county: Path) -> None:
    """Lose the state, after a gateway has run twice."""
    config = load(county / "sallyport.yaml")

    async def run() -> None:
        async with open_ledger(config, clock=SystemClock()) as ledger:
            registrar = ledger.registrar
            active = registrar.in_force.activation
            assert active is not None
            basis = Basis(policy=active.policy, manifest=active.manifest)
            for _ in range(2):
                async with run_of(registrar, basis=lambda: basis, witness="demo"):
                    pass

    asyncio.run(run())
    for path in county.glob("state.db*"):
        path.unlink()


WRECKS: dict[str, Callable[[Path], None]] = {
    "log": wreck_log,
    "source jail-db": wreck_source,
    "activation": wreck_activation,
    "files": wreck_files,
    "dataset county-jail": wreck_column,
    "keys": wreck_auditor,
    "state": wreck_state,
}


@pytest.mark.parametrize("part", list(WRECKS))
def test_what_is_wrong_is_named(begun: Path, sallyport: Sallyport, part: str) -> None:
    """One part broken: the doctor ends with 1 and names that part."""
    county = begun
    WRECKS[part](county)
    code, found = sallyport("doctor", "--json")
    assert code == 1
    sick = {item["part"]: item for item in found if item["verdict"] == "wrong"}
    assert part in sick
    assert all(item["advice"] for item in found if item["verdict"] != "well")


def test_an_altered_log_is_told_as_auditors_are_told(
    begun: Path, sallyport: Sallyport
) -> None:
    """Where, of which kind and why, in the words of audit verify."""
    flip(entries(begun))
    _, verified = sallyport("audit", "verify", "store", "--vkey", "log.vkeys", "--json")
    (altered,) = verified["findings"]
    _, found = sallyport("doctor", "--json")
    (said,) = [item["sentence"] for item in found if item["part"] == "log"]
    kind = altered["kind"].replace("-", " ")
    assert said.startswith(f"{altered['where']}, entry {altered['index']}: {kind}: ")


def test_nothing_is_said_twice_and_a_certificate_has_an_end(
    begun: Path, sallyport: Sallyport
) -> None:
    """One line a thing; the line about TLS says until when, drift says which column."""
    county = begun
    wreck_column(county)
    _, found = sallyport("doctor", "--json")
    lines = [(item["part"], item["sentence"]) for item in found]
    assert len(lines) == len(set(lines))
    tls = [sentence for part, sentence in lines if part == "tls"]
    assert all("is good until 20" in sentence for sentence in tls)
    assert "the server's certificate" in tls[0]
    drifted = [item for item in found if item["part"] == "dataset county-jail"]
    assert [item["verdict"] for item in drifted] == ["wrong", "warning"]
    assert "has no column custody" in drifted[0]["sentence"]
    assert "left_out" in drifted[1]["advice"]
    assert "the column held of bookings" in drifted[1]["sentence"]


STRANGE = {"strange": "value"}
"""What no setting is."""


def wrecked(document: dict[str, Any], path: str) -> str:
    """Put something strange at a setting; return the place as it is in the file."""
    at: Any = document
    place: list[str | int] = []
    *above, last = path.split(".")
    for part in above:
        key: str | int = part
        if part == "*":
            key = 0 if isinstance(at, list) else next(iter(at))
        place.append(key)
        at = at.setdefault(key, {}) if isinstance(at, dict) else at[key]
    key = last if last != "*" else next(iter(at))
    at[key] = STRANGE
    return ".".join(map(str, [*place, key]))


def test_every_setting_is_looked_at(tmp_path: Path) -> None:
    """Whatever is strange is named by its place in the file, and what it should be."""
    path = county_with_opa(tmp_path).path
    whole = json.loads(path.read_text())
    server = {"kind": "postgres", "host": "h", "database": "d", "user": "u"}
    silent = []
    for setting in settings():
        document = copy.deepcopy(whole)
        if "(postgres)" in setting.help:
            document["sources"] = {"jail": dict(server)}
        place = wrecked(document, setting.path)
        path.write_text(json.dumps(document))
        found = asyncio.run(examine(path))
        named = [x for x in found if f"sallyport.yaml:{place}" in x.sentence]
        if not (named and all(x.advice for x in named)):
            silent.append((place, [str(x) for x in found]))
    assert silent == []
