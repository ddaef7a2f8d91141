"""Putting a gateway on the stage."""

from __future__ import annotations

from pathlib import Path

import pytest

from audit import LogError
from gateway.clock import SystemClock
from gateway.config import load
from gateway.demo.files import write_folder
from gateway.demo.layout import Layout
from gateway.demo.stage import activate

pytestmark = pytest.mark.slow


async def test_a_log_is_begun_once(tmp_path: Path) -> None:
    """The first activation begins the log; a second begin is refused."""
    layout = Layout(root=tmp_path / "county")
    write_folder(layout, clock=SystemClock(), records=40)
    config = load(layout.config())

    await activate(config, clock=SystemClock())

    assert config.log.directory.is_dir()
    with pytest.raises(LogError):
        await activate(config, clock=SystemClock())
