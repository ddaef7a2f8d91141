"""Commands on the log itself, while no gateway runs."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.cli import offline
from gateway.clock import SystemClock
from gateway.config import load
from gateway.ledger import open_ledger
from tests.gateway.cli.conftest import BOTH, Sallyport

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


def test_without_a_gateway(
    county: Path, sallyport: Sallyport, sign: Callable[[str], None]
) -> None:
    """From a new folder to a lifted cut-off, each command on the log itself."""
    code, found = sallyport("check", "--json")
    assert code == 0, found
    assert found["datasets"]
    assert "state.key" in str(found["configuration"]["state"]["key"])
    code, problem = sallyport("activate")
    assert code == 1
    assert "sallyport act new genesis" in problem
    people = [f"people/{name}.pub" for name in BOTH]
    assert sallyport("act", "new", "genesis", *people)[0] == 0
    sign("genesis.act")
    code, first = sallyport("act", "submit", "genesis.act", "--json")
    assert (code, first["entry"], first["signed_by"]) == (0, 0, [*BOTH])
    assert sallyport("activate")[0] == 0
    sign("activation-0.act")
    code, active = sallyport("act", "submit", "activation-0.act", "--json")
    assert (code, active["number"], active["manifest"]) == (0, 0, found["manifest"])
    code, problem = sallyport("activate", "--json")
    assert (code, problem["outcome"]) == (1, "not_done")
    assert sallyport("cutoff", "add", "agency", "nobody-here")[0] == 1
    assert sallyport("cutoff", "add", "planet", "x")[0] == 2
    assert sallyport("cutoff", "add", "all", "--json")[0] == 0
    code, held = sallyport("cutoff", "list", "--json")
    assert [row["scope"] for row in held] == ["all"]
    assert sallyport("cutoff", "lift", "0")[0] == 0
    assert sallyport("act", "submit", "cutoff-lift-0.act")[0] == 1
    sign("cutoff-lift-0.act")
    assert sallyport("act", "submit", "cutoff-lift-0.act")[0] == 0
    assert sallyport("cutoff", "list") == (0, "none")
    code, paper = sallyport(
        "instrument", "record", "ab" * 32, "defective", "--by", "C.", "--json"
    )
    assert (code, paper["act"]) == (0, "paper")
    assert sallyport("instrument", "confirm", "xyz")[0] == 2
    assert sallyport("instrument", "confirm", "ab" * 32)[0] == 1
    assert sallyport("review", "list", "--json") == (0, [])
    assert sallyport("stop") == (1, "no gateway runs with this configuration")
    code, found = sallyport("doctor", "--json")
    assert code == 3
    (people_said,) = [item for item in found if item["part"] == "people"]
    assert people_said["sentence"].startswith("counsel-1 and officer-1 decide")
    assert sallyport("doctor", "--allow-unwitnessed")[0] == 0
    assert not list(county.glob("s"))


@pytest.mark.parametrize(("patience", "code"), [(20.0, 0), (0.1, 4)])
def test_a_command_waits_for_another(
    *,
    county: Path,
    sallyport: Sallyport,
    sign: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
    patience: float,
    code: int,
) -> None:
    """Two people at once are one after the other; not for ever."""
    people = [f"people/{name}.pub" for name in BOTH]
    assert sallyport("act", "new", "genesis", *people)[0] == 0
    sign("genesis.act")
    assert sallyport("act", "submit", "genesis.act")[0] == 0
    monkeypatch.setattr(offline, "PATIENCE_S", patience)
    held, config = threading.Event(), load(county / "sallyport.yaml")

    async def hold() -> None:
        async with open_ledger(config, clock=SystemClock()):
            held.set()
            await asyncio.sleep(1.5)

    other = threading.Thread(target=lambda: asyncio.run(hold()))
    other.start()
    held.wait(20)
    found, _ = sallyport("task", "list")
    other.join()

    assert found == code
