"""Those who decide in the synthetic county, and what they sign."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from audit import KeyFileRefused
from audit.report import Report
from audit.sources import open_source
from audit.verify import Trust, verify
from gateway.clock import SystemClock
from gateway.config import Config, load
from gateway.control import NotDone
from gateway.demo.deciders import DECIDERS, activate, people, write_people
from gateway.demo.files import write_folder
from gateway.demo.layout import Layout
from gateway.ledger import log_keys


def test_two_people_have_a_key_each(tmp_path: Path) -> None:
    """Two ids that nobody is called by; a key file for its owner only."""
    layout = Layout(root=tmp_path)
    write_people(layout)
    keys = people(layout)

    assert [key.verifier.name for key in keys] == list(DECIDERS)
    assert len({key.verifier.public for key in keys}) == 2
    assert {path.stat().st_mode & 0o777 for path in layout.people.glob("*.key")} == {
        0o600
    }
    for path in layout.people.glob("*.pub"):
        path.unlink()
    with pytest.raises((KeyFileRefused, FileExistsError)):
        write_people(layout)


def checked(config: Config) -> Report:
    """Verify a county's log as an auditor would."""
    source = open_source(str(config.log.directory))
    return verify(source, Trust(keys=log_keys(config).verifiers))


@pytest.mark.slow
async def test_a_log_is_begun_once(tmp_path: Path) -> None:
    """Genesis and activation, both signed by both; the same files not twice."""
    layout = Layout(root=tmp_path / "county")
    await asyncio.to_thread(write_folder, layout, clock=SystemClock(), records=40)
    config = await asyncio.to_thread(load, layout.config())
    keys = await asyncio.to_thread(people, layout)

    await activate(config, clock=SystemClock(), keys=keys)

    report = await asyncio.to_thread(checked, config)
    assert report.findings == []
    signed = [each for each in report.notices if "signed by counsel-1 and" in each]
    assert [each.split(",")[0] for each in signed] == [
        "entry 0: genesis 0",
        "entry 1: activation 0",
    ]
    with pytest.raises(NotDone, match="nothing changed"):
        await activate(config, clock=SystemClock(), keys=keys)
