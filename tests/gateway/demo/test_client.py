"""Both sides of the line, against small real servers."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from gateway.demo.client import ask, client_context, command
from gateway.demo.layout import Layout


async def _echo(request: web.Request) -> web.Response:
    assert request.transport is not None
    peer = request.transport.get_extra_info("peercert") or {}
    return web.json_response(
        {
            "body": await request.json(),
            "token": request.headers.get("Authorization"),
            "subject": str(peer.get("subject")),
        },
        status=202,
    )


async def _site(runner: web.AppRunner, context: ssl.SSLContext) -> str:
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
    await site.start()
    return f"https://127.0.0.1:{runner.addresses[0][1]}"


def _server_context(county: Layout) -> ssl.SSLContext:
    context = ssl.create_default_context(
        ssl.Purpose.CLIENT_AUTH, cafile=str(county.authorities / "ice.pem")
    )
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(
        county.authorities / "server.pem", county.keys / "server.key"
    )
    return context


@pytest.fixture
def runner() -> web.AppRunner:
    """A server that says what it was sent and by whom."""
    application = web.Application()
    application.router.add_post("/v1/exchanges", _echo)
    application.router.add_post("/", _echo)
    return web.AppRunner(application)


async def test_a_requester_shows_certificate_and_token(
    county: Layout, runner: web.AppRunner
) -> None:
    """The server sees the client's own certificate, its token and its body."""
    context = await asyncio.to_thread(client_context, county.requester("ice-ero"))
    server = await asyncio.to_thread(_server_context, county)
    try:
        url = await _site(runner, server)
        status, answer = await ask(url, {"a": 1}, context=context, token="t")
    finally:
        await runner.cleanup()

    assert status == 202
    assert answer["body"] == {"a": 1}
    assert answer["token"] == "Bearer t"
    assert "ice-ero-system" in answer["subject"]


async def test_another_authority_s_certificate_is_not_let_in(
    county: Layout, runner: web.AppRunner
) -> None:
    """A server that trusts only ICE's authority ends the broker's connection."""
    context = await asyncio.to_thread(client_context, county.requester("broker"))
    server = await asyncio.to_thread(_server_context, county)
    try:
        url = await _site(runner, server)
        with pytest.raises(aiohttp.ClientError):
            await ask(url, {}, context=context, token="t")
    finally:
        await runner.cleanup()


async def test_a_command_goes_over_the_socket(
    tmp_path: Path, runner: web.AppRunner
) -> None:
    """What is posted to the Unix socket is the command itself."""
    await runner.setup()
    path = tmp_path / "s"
    try:
        await web.UnixSite(runner, str(path)).start()
        answer = await command(path, {"command": "status"})
    finally:
        await runner.cleanup()

    assert answer["body"] == {"command": "status"}


async def test_without_a_gateway_there_is_an_error(tmp_path: Path) -> None:
    """Nobody on the socket is an error of the client's family."""
    with pytest.raises(aiohttp.ClientError):
        await command(tmp_path / "nobody", {"command": "status"})
