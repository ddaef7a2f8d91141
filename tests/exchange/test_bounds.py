"""How large and how deep a request may be is what the configuration says."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from gateway.config import load
from tests.exchange.county import County, activate, running, write_county
from tests.exchange.requests import SHERIFF, custody

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(240)]

BYTES = 100_000
DEPTH = 4
BODY = json.dumps(custody(7)).encode()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def told(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[County]:
    """A county with bounds of its own: wider than usual, and less deep."""
    root = tmp_path_factory.mktemp("told") / "d"
    layout = await asyncio.to_thread(write_county, root, records=20)
    path = layout.config()
    own = f"server:\n  max_body_bytes: {BYTES}\n  max_depth: {DEPTH}\n"
    path.write_text(path.read_text().replace("server:\n", own, 1))
    await activate(await asyncio.to_thread(load, path))
    async with running(layout) as found:
        yield found


@pytest.mark.parametrize(
    ("length", "status"), [(70_223, 200), (BYTES, 200), (BYTES + 1, 413)]
)
async def test_a_body_may_be_as_large_as_was_said(
    told: County, length: int, status: int
) -> None:
    """Up to the last byte; one more is too large."""
    answer = await told.post(SHERIFF, BODY.ljust(length))
    assert answer.status == status


@pytest.mark.parametrize(("levels", "status"), [(DEPTH, 422), (DEPTH + 1, 400)])
async def test_a_body_may_be_as_deep_as_was_said(
    told: County, levels: int, status: int
) -> None:
    """Deeper than that it is not looked at; until then its members are."""
    inside = "[" * (levels - 2) + "]" * (levels - 2)
    body = BODY[:-1] + f', "statements": {{"x": {inside}}}}}'.encode()
    assert (await told.post(SHERIFF, body)).status == status
