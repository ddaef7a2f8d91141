"""Commands to a gateway that runs, and one that was killed."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.cli.commanding import _short
from tests.gateway.cli.conftest import Sallyport

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


def test_with_a_gateway(
    county: Path,
    sallyport: Sallyport,
    gateway: subprocess.Popen[bytes],
    sign: Callable[[str], None],
) -> None:
    """The same commands reach the running gateway, the log's only writer."""
    code, status = sallyport("status", "--json")
    assert (code, status["running"]) == (0, True)
    started = time.monotonic()
    assert sallyport("cutoff", "add", "family", "dhs_immigration", "--json")[0] == 0
    assert time.monotonic() - started < 30
    assert sallyport("cutoff", "add", "dataset", "nothing")[0] == 1
    assert [r["name"] for r in sallyport("cutoff", "list", "--json")[1]] == [
        "dhs_immigration"
    ]
    assert sallyport("activate")[0] == 1
    agencies = county / "agencies.yaml"
    agencies.write_text(agencies.read_text() + "# another day\n")
    code, found = sallyport("doctor", "--json")
    assert code == 1
    said = {i["part"]: i["sentence"] for i in found if i["verdict"] == "wrong"}
    assert said["activation"].startswith("changed since the activation: agencies.yaml")
    code, drafted = sallyport("activate", "--json")
    assert (code, drafted["path"]) == (0, "activation-1.act")
    sign("activation-1.act")
    code, active = sallyport("act", "submit", "activation-1.act", "--json")
    assert (code, active["number"]) == (0, 1)
    assert active["signed_by"] == ["counsel-1", "officer-1"]
    code, found = sallyport("doctor", "--json")
    wrong = [item for item in found if item["verdict"] == "wrong"]
    assert (code, wrong) == (3, [])
    assert sallyport("stop")[0] == 0
    assert gateway.wait(30) == 0
    code, status = sallyport("status", "--json")
    assert (code, status["running"], status["cutoffs"]) == (0, False, 1)
    assert b"failure" not in (county / "lines").read_bytes()


def test_a_killed_gateway_leaves_nothing_in_the_way(
    sallyport: Sallyport, gateway: subprocess.Popen[bytes]
) -> None:
    """After SIGKILL commands work on the log at once: lock and socket are free."""
    assert sallyport("cutoff", "add", "all")[0] == 0
    gateway.kill()
    gateway.wait(30)
    code, held = sallyport("cutoff", "list", "--json")
    assert (code, len(held)) == (0, 1)


def test_people_are_shown_short_digests_in_tables() -> None:
    """A revision is cut where a row is read by people; nothing else is touched."""
    row = {"exchange": "e" * 40, "policy": "a" * 64, "entry": 3}
    assert _short([row]) == [row | {"policy": "a" * 12 + "..."}]
    assert _short({"policy": "a" * 64}) == {"policy": "a" * 64}
