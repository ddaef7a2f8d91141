"""An OPA that gives no answer: nothing is released, it is counted, and it heals."""

from __future__ import annotations

import asyncio
import json
import signal

import pytest
from aiohttp import web

from gateway.errors import EngineFault
from tests.exchange.beside import until
from tests.exchange.between import Change, Pair
from tests.exchange.requests import SHERIFF, custody

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.slow,
    pytest.mark.services,
    pytest.mark.timeout(300),
]


async def _html(_request: web.Request, _answer: bytes) -> web.StreamResponse:
    return web.Response(text="<html>a proxy's page</html>", content_type="text/html")


async def _error(_request: web.Request, _answer: bytes) -> web.StreamResponse:
    return web.json_response({"code": "internal_error"}, status=500)


async def _denied(_request: web.Request, _answer: bytes) -> web.StreamResponse:
    return web.json_response({"code": "unauthorized"}, status=401)


async def _redirect(_request: web.Request, _answer: bytes) -> web.StreamResponse:
    return web.Response(status=307, headers={"Location": "http://127.0.0.1:9/"})


async def _large(_request: web.Request, answer: bytes) -> web.StreamResponse:
    padded = answer + b" " * (1 << 20)
    return web.Response(body=padded, content_type="application/json")


async def _undefined(_request: web.Request, _answer: bytes) -> web.StreamResponse:
    return web.json_response({})


async def _odd(_request: web.Request, _answer: bytes) -> web.StreamResponse:
    return web.json_response({"result": {"allow": True}})


async def _old(_request: web.Request, answer: bytes) -> web.StreamResponse:
    document = json.loads(answer)
    document["result"]["revision"] = "0" * 64
    return web.json_response(document)


async def _garbage(request: web.Request, _answer: bytes) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.write(b"\x16\x03\x01 not HTTP \r\n\r\n")
    request.transport.close()
    return web.Response()


async def _dropped(request: web.Request, _answer: bytes) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.close()
    return web.Response()


async def _slow(_request: web.Request, answer: bytes) -> web.StreamResponse:
    await asyncio.sleep(1)
    return web.Response(body=answer, content_type="application/json")


FAULTS: dict[EngineFault, Change] = {
    EngineFault.DENIED: _denied,
    EngineFault.DROPPED: _dropped,
    EngineFault.GARBAGE: _garbage,
    EngineFault.LATE: _slow,
    EngineFault.ODD: _odd,
    EngineFault.REDIRECT: _redirect,
    EngineFault.REVISION: _old,
    EngineFault.STATUS: _error,
    EngineFault.TOO_LARGE: _large,
    EngineFault.UNDEFINED: _undefined,
}


@pytest.mark.fault("opa-slow", "opa-garbage", "opa-old-revision")
@pytest.mark.parametrize(
    ("fault", "change"),
    [*FAULTS.items(), (EngineFault.GARBAGE, _html)],
    ids=[*map(str, FAULTS), "html"],
)
async def test_what_is_no_answer_releases_nothing_and_heals(
    pair: Pair, fault: EngineFault, change: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Policy-unavailable, counted by its word, and over when OPA answers again."""
    await pair.heals()
    before = await pair.failures(fault)
    pair.between.change = change
    if fault is EngineFault.LATE:
        pair.hurry(monkeypatch)
    try:
        answer = await pair.ask()
    finally:
        pair.between.change = None
        monkeypatch.undo()

    assert answer.cause == "policy-unavailable"
    assert await pair.failures(fault) == before + 1
    await pair.heals()


@pytest.mark.fault("opa-killed", "opa-hung")
@pytest.mark.parametrize(
    ("fault", "how"),
    [(EngineFault.LATE, signal.SIGSTOP), (EngineFault.DROPPED, signal.SIGKILL)],
    ids=["hung", "killed"],
)
async def test_opa_itself_hung_or_killed(
    pair: Pair,
    fault: EngineFault,
    how: signal.Signals,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Refused within the deadline, not ready, remembered answers gone; then healed."""
    await pair.heals()  # and the answer is remembered
    new = custody() | {"fields": ["custody_status", "phone"]}
    before = await pair.failures(fault)
    pair.opa.signal(how)
    pair.hurry(monkeypatch)
    try:
        first = await pair.county.post(SHERIFF, new)

        async def given_up() -> bool:
            await pair.county.post(SHERIFF, new)
            return pair.county.services.engines.open

        await until(given_up)
        remembered = await pair.county.post(SHERIFF, custody())
        ready = await pair.county.admin("/readyz")
    finally:
        monkeypatch.undo()
        if how is signal.SIGSTOP:
            pair.opa.signal(signal.SIGCONT)
        else:
            await asyncio.to_thread(pair.opa.stop)
            await asyncio.to_thread(pair.opa.start)

    assert first.cause == remembered.cause == "policy-unavailable"
    assert await pair.failures(fault) > before
    assert ready.status == 503
    assert ready.body["parts"]["policy"].startswith("opa: ")
    await pair.heals()
    assert (await pair.county.admin("/readyz")).status == 200
