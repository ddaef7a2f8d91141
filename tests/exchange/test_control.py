"""The operator's commands on a gateway that answers: what they change, how they end."""

from __future__ import annotations

import asyncio
import base64
import json
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from gateway.config import load
from gateway.demo.deciders import people
from gateway.demo.deciders import signed as sign
from gateway.demo.papers import paper
from tests.exchange.county import County, activate, running, write_county
from tests.exchange.requests import SHERIFF, custody, immigration_status, subpoenaed

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.slow,
    pytest.mark.timeout(240),
]

RUN = "import sys; sys.argv[0] = 'sallyport'; from gateway.cli.main import run; run()"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def county(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[County]:
    """A county whose ports are written down, so that commands find them."""
    root: Path = tmp_path_factory.mktemp("c")
    layout = await asyncio.to_thread(write_county, root / "d", records=60)
    path = layout.config()
    text = await asyncio.to_thread(path.read_text)
    for _ in range(2):
        text = text.replace("127.0.0.1:0\n", f"127.0.0.1:{_free_port()}\n", 1)
    await asyncio.to_thread(path.write_text, text)
    await activate(await asyncio.to_thread(load, layout.config()))
    async with running(layout) as found:
        yield found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def sallyport(county: County, *words: str) -> tuple[int, Any]:
    """Run a command as a process; return its exit code and what it said."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", RUN, *words, "--config", str(county.layout.config())),
        cwd=county.layout.root,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={"PYTHONPATH": str(Path(__file__).parents[2]), "PATH": "/usr/bin:/bin"},
    )
    out, err = await process.communicate()
    code = process.returncode
    assert code is not None
    try:
        return code, json.loads(out)
    except ValueError:
        return code, (err or out).decode().strip()


async def signed(county: County, name: str) -> str:
    """Sign an act's drafted file with both keys; return its path."""
    path = county.layout.root / name

    def both() -> None:
        path.write_text(sign(path.read_text(), people(county.layout)))

    await asyncio.to_thread(both)
    return str(path)


async def test_a_cut_off_by_command_is_in_force_at_once(county: County) -> None:
    """Add, list and lift: each reaches the running gateway and its requesters.

    Lifting is drafted by one and signed by two.
    """
    code, added = await sallyport(
        county, "cutoff", "add", "agency", "neighbour-sheriff", "--json"
    )
    stopped = await county.post(SHERIFF, custody())
    listed = await sallyport(county, "cutoff", "list", "--json")
    number = str(added["number"])
    drafted, _ = await sallyport(county, "cutoff", "lift", number)
    held = await county.post(SHERIFF, custody())
    file = await signed(county, f"cutoff-lift-{number}.act")
    lifted, _ = await sallyport(county, "act", "submit", file)
    opened = await county.post(SHERIFF, custody())
    again, _ = await sallyport(county, "cutoff", "lift", number)
    nobody, problem = await sallyport(county, "cutoff", "add", "agency", "nobody")
    nonsense, _ = await sallyport(county, "cutoff", "add", "planet", "x")

    assert code == 0
    assert stopped.body["type"] == "urn:sallyport:problem:cut-off"
    assert [row["name"] for row in listed[1]] == ["neighbour-sheriff"]
    assert (drafted, held.status) == (0, 403)
    assert (lifted, opened.status) == (0, 200)
    assert (again, nobody, nonsense) == (1, 1, 2)
    assert problem


async def test_a_confirmed_paper_opens_what_it_may(county: County) -> None:
    """The same request waits, and is released after two people's act."""
    body = subpoenaed()
    before = await county.post("ice-hsi", body)
    document = paper("subpoena-31")["document_sha256"]
    confirm = ("instrument", "confirm", document, "--json")
    _, drafted = await sallyport(county, *confirm, "--words", "By telephone.")
    file = await signed(county, drafted["name"])
    handed_in = ("act", "submit", file, "--by", "A. Clerk", "--json")
    code, done = await sallyport(county, *handed_in)
    after = await county.post("ice-hsi", body)
    wrong, _ = await sallyport(county, "instrument", "confirm", "xyz")
    leaves = json.dumps(await county.leaves())

    assert before.status == 202
    assert (code, done["act"]) == (0, "paper")
    assert after.status == 200
    assert wrong == 2
    assert "A. Clerk" not in leaves
    assert "By telephone." not in leaves
    assert document not in leaves


async def test_what_waits_is_listed_and_shown_without_its_request(
    county: County,
) -> None:
    """The queue has the exchange; neither list nor show tells who is concerned."""
    body = immigration_status(case_number="Zq55")
    waiting = await county.post("ice-ero", body)
    exchange = waiting.body["exchange"]
    listed = await sallyport(county, "review", "list", "--json")
    shown = await sallyport(county, "review", "show", exchange, "--json")
    missing, _ = await sallyport(county, "review", "show", "0" * 32)

    assert (listed[0], shown[0], missing) == (0, 0, 1)
    assert exchange in {row["exchange"] for row in listed[1]}
    assert shown[1]["state"] == "waiting"
    for text in (json.dumps(listed[1]), json.dumps(shown[1])):
        assert "B-000018" not in text
        assert "Zq55" not in text


async def test_an_edited_registry_is_refused_by_doctor_and_taken_by_activate(
    county: County,
) -> None:
    """Doctor names the edit; activate takes it over while requests go on."""
    agencies = county.layout.root / "agencies.yaml"
    text = await asyncio.to_thread(agencies.read_text)
    await asyncio.to_thread(agencies.write_text, text + "\n# another day\n")
    sick, found = await sallyport(county, "doctor", "--json")
    meanwhile = await county.post(SHERIFF, custody())
    assert (await sallyport(county, "activate"))[0] == 0
    file = await signed(county, "activation-1.act")
    code, active = await sallyport(county, "act", "submit", file, "--json")
    well, said = await sallyport(county, "doctor")
    after = await county.post(SHERIFF, custody())
    leaves = await county.leaves()

    assert sick == 1
    assert "activation" in {i["part"] for i in found if i["verdict"] == "wrong"}
    assert meanwhile.status == 200
    assert (code, active["number"]) == (0, 1)
    assert well == 3, said  # unwitnessed, and nothing else is wrong
    assert after.status == 200
    assert leaves[after.body["receipt"]["index"]]["manifest"] == active["manifest"]


async def test_check_prints_what_is_resolved_and_no_secret(county: County) -> None:
    """The configuration with its manifest's digest; keys are paths only."""
    code, found = await sallyport(county, "check", "--json")
    status, running_now = await sallyport(county, "status", "--json")

    assert (code, status) == (0, 0)
    assert found["manifest"] == county.services.in_force.manifest
    assert running_now["running"] is True
    key = await asyncio.to_thread(county.config.state.key.read_bytes)
    assert key.hex() not in json.dumps(found)
    assert base64.b64encode(key).decode() not in json.dumps(found)
