"""What tests of the copy in an object store need."""

from __future__ import annotations

import asyncio

import pytest
from botocore.retries.standard import ExponentialBackoff

from audit.objects.bucket import Place
from tests.services.objects import Objects


@pytest.fixture(autouse=True)
def no_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two tries nobody waits here; how often it is tried stays as it is."""
    monkeypatch.setattr(ExponentialBackoff, "delay_amount", lambda *_: 0.0)


@pytest.fixture
async def place(objects: Objects) -> Place:
    """A bucket with Object Lock."""
    return await asyncio.to_thread(objects.place)
