"""What those who run a store are told by its commands."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from audit.cli import main
from tests.audit.builders import FakeClock, filled


def test_publish_says_what_waits(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of a new log nothing is public: its entries are younger than its delay."""
    clock = FakeClock(time.time_ns() // 1_000_000)
    filled(tmp_path / "store", 3, clock=clock, delay_s=86_400)

    assert main(["publish", str(tmp_path / "store"), str(tmp_path / "public")]) == 0
    assert capsys.readouterr().out == (
        "0 entries are public, 0 were; 3 are not older than the log's delay of 24 h\n"
    )
