"""``sallyport rotate-keys``: what it does, and how it refuses."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from audit import LogKeys
from gateway.cli.main import app
from gateway.clock import SystemClock
from gateway.config import Config
from gateway.ledger import Basis, open_ledger
from tests.gateway.county import GENESIS, ORIGIN, found_county

BASIS = Basis(policy="0" * 64, manifest="1" * 64)


@pytest.fixture
def county(tmp_path: Path) -> Config:
    """A county with keys, and others for later."""
    LogKeys.generate(ORIGIN).write(tmp_path / "new")
    return found_county(tmp_path)


def run(county: Config, *words: str, folder: str = "new") -> tuple[int, str]:
    """Run the command; return its exit code and what it said."""
    where = ["--config", str(county.path), str(county.path.parent / folder)]
    done = CliRunner().invoke(app, ["rotate-keys", "--json", *where, *words])
    return done.exit_code, done.output


async def hold(county: Config, *, begin: bool = False) -> str:
    """Run the command while the log is open."""
    async with open_ledger(county, clock=SystemClock(), create=True) as ledger:
        if begin:
            await ledger.registrar.write(lambda _: GENESIS, basis=BASIS)
        return str(await asyncio.to_thread(run, county))


def test_it_says_what_is_left_to_do(county: Config) -> None:
    """The entry, and that the configuration must name the new files."""
    assert run(county)[0] == 1
    assert "stop the gateway first" in asyncio.run(hold(county, begin=True))
    assert run(county, "--reason", "because")[0] == 2
    code, said = run(county, folder="none")
    assert (code, "no folder; make the new keys first: sallyport audit k" in said) == (
        1,
        True,
    )
    code, said = run(county, "--by", "the clerk")
    assert code == 0, said
    result = json.loads(said)
    assert result["entry"] == 1
    assert "log.keys, then run: sallyport activate" in result["said"]
    code, said = run(county)
    assert (code, "not those of the log" in said) == (1, True), said
