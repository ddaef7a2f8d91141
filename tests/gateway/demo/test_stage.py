"""Putting a gateway on the stage."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from gateway.clock import SystemClock
from gateway.config import load
from gateway.control import NotDone
from gateway.demo.files import write_folder
from gateway.demo.layout import Layout
from gateway.demo.stage import activate

pytestmark = pytest.mark.slow


async def test_a_log_is_begun_once(tmp_path: Path) -> None:
    """The first activation begins the log; the same files are not activated twice."""
    layout = Layout(root=tmp_path / "county")
    await asyncio.to_thread(write_folder, layout, clock=SystemClock(), records=40)
    config = await asyncio.to_thread(load, layout.config())

    await activate(config, clock=SystemClock())

    assert config.log.directory.is_dir()
    with pytest.raises(NotDone, match="nothing changed"):
        await activate(config, clock=SystemClock())
