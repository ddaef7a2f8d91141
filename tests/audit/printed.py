"""What a command printed."""

from __future__ import annotations

import json
from typing import Any

import pytest

__all__ = ["printed"]


def printed(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """Return the JSON that was printed."""
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found
