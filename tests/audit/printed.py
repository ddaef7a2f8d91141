"""What a command printed."""

from __future__ import annotations

import json
from typing import Any

import pytest

__all__ = ["printed", "printed_lines"]


def printed(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """Return the JSON that was printed."""
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def printed_lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """Return the JSON that was printed, an object a line."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]
