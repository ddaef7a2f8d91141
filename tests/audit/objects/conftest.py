"""What tests of the copy in an object store need."""

from __future__ import annotations

import pytest
from botocore.retries.standard import ExponentialBackoff


@pytest.fixture(autouse=True)
def no_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two tries nobody waits here; how often it is tried stays as it is."""
    monkeypatch.setattr(ExponentialBackoff, "delay_amount", lambda *_: 0.0)
