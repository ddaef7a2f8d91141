"""The demo's witness: what an oversight board would have, and a process that runs."""

from __future__ import annotations

import asyncio
import errno
import socket
import urllib.request
from pathlib import Path

import pytest

from audit.policyfile import Policy
from audit.witness.settings import read_settings
from gateway.clock import SystemClock
from gateway.config import load
from gateway.demo.files import COUNTIES, write_folder
from gateway.demo.layout import Layout
from gateway.demo.witness import witness_running
from gateway.ledger import trust_policy

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def witnessed(tmp_path_factory: pytest.TempPathFactory) -> Layout:
    """A demo's folder whose logs are to be witnessed."""
    layout = Layout(root=tmp_path_factory.mktemp("witnessed") / "c")
    write_folder(layout, clock=SystemClock(), records=40, witnessed=True)
    return layout


def test_its_files_fit_those_of_the_gateways(witnessed: Layout) -> None:
    """It knows each county's log, and each county asks it."""
    settings = read_settings(witnessed.witness_config)
    configs = [load(witnessed.config(name)) for name in COUNTIES]
    policies = [trust_policy(config) for config in configs]

    assert set(settings.logs) == {config.log.origin for config in configs}
    for policy in policies:
        assert policy is not None
        assert policy.satisfied([each.verifier for each in settings.signers])
        [url] = policy.urls.values()
        assert url == f"http://{settings.host}:{settings.port}"


async def test_it_runs_as_long_as_the_gateways(witnessed: Layout) -> None:
    """It answers inside the block, and is gone after it."""
    policy = Policy.parse(await asyncio.to_thread(witnessed.policy.read_bytes))
    [url] = policy.urls.values()

    def answers() -> int:
        try:
            urllib.request.urlopen(f"{url}/{'0' * 64}/checkpoint")  # noqa: S310  # loopback
        except urllib.request.HTTPError as error:
            error.close()
            return error.code
        raise AssertionError

    async with witness_running(witnessed):
        assert await asyncio.to_thread(answers) == 404
    with pytest.raises(OSError, match="refused"):
        await asyncio.to_thread(answers)


async def test_a_taken_port_is_said_as_such(witnessed: Layout) -> None:
    """So that the demo is written once more, with other ports."""
    settings = await asyncio.to_thread(read_settings, witnessed.witness_config)
    with socket.socket() as other:
        # The witness of the test before may have left a connection that lingers.
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind((settings.host, settings.port))
        other.listen()
        with pytest.raises(OSError, match="the witness did not start") as caught:
            async with witness_running(witnessed):
                pass
    assert caught.value.errno == errno.EADDRINUSE


async def test_what_else_it_says_is_said(tmp_path: Path) -> None:
    """A folder without a witness has none to run."""
    with pytest.raises(OSError, match=r"witness\.toml: No such file"):
        async with witness_running(Layout(root=tmp_path)):
            pass
