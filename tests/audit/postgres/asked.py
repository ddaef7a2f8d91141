"""Commands of auditors, over a log of so many entries."""

from __future__ import annotations

import pytest

from audit.cli import main
from tests.audit.builders import act_note

__all__ = ["ACT", "COUNT", "NOTE", "run"]

COUNT = 600
ACT, NOTE = act_note()


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """Run a command; return its code and what it printed."""
    code = main([*arguments])
    return code, capsys.readouterr().out
