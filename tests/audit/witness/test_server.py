"""The witness over HTTP: statuses, types, bounds."""

from __future__ import annotations

import asyncio
import sqlite3
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import aiohttp
import pytest
import trustme

from audit.errors import CannotTell
from audit.witness import server
from audit.witness.book import Book
from audit.witness.server import serving
from audit.witness.settings import Settings
from audit.witness.witness import Witness
from tests.audit.witness.logs import ORIGIN, OTHER, asked, settings, signed

HASH = sha256(ORIGIN.encode()).hexdigest()


def witness_of(found: Settings) -> Witness:
    """Return the witness of a configuration."""
    return Witness(
        found, Book(found.database), seconds=lambda: 1000, monotonic=lambda: 0.0
    )


@pytest.fixture
async def at(tmp_path: Path) -> AsyncIterator[aiohttp.ClientSession]:
    """A client of a witness that serves."""
    found = await asyncio.to_thread(settings, tmp_path)
    witness = await asyncio.to_thread(witness_of, found)
    async with serving(found, witness) as url, aiohttp.ClientSession(url) as session:
        yield session


async def post(
    session: aiohttp.ClientSession, body: bytes, **headers: str
) -> tuple[int, str, str]:
    """Return status, type and body of an answer to a request."""
    async with session.post("/add-checkpoint", data=body, headers=headers) as answer:
        return answer.status, answer.headers["Content-Type"], await answer.text()


PLAIN = "text/plain; charset=utf-8"


async def test_a_log_is_cosigned_and_can_be_looked_at(
    at: aiohttp.ClientSession,
) -> None:
    """What is answered is what everybody finds; nobody is told what answers."""
    async with at.get(f"/{HASH}/checkpoint") as nothing:
        assert nothing.status == 404
    status, kind, lines = await post(at, asked(0, 7))
    async with at.get(f"/{HASH}/checkpoint") as found:
        note = await found.read()
        assert "Server" not in found.headers

    assert (status, kind) == (200, PLAIN)
    assert lines.startswith("— board.example/w ")
    assert note == signed(7) + lines.encode()


async def test_each_refusal_has_its_status(at: aiohttp.ClientSession) -> None:
    """A size has a type of its own; whatever else is text."""
    await post(at, asked(0, 7))

    assert (await post(at, b""))[:2] == (400, PLAIN)
    assert await post(at, asked(0, 9)) == (409, "text/x.tlog.size", "7\n")
    assert (await post(at, asked(7, 9, OTHER)))[:2] == (422, PLAIN)
    assert (await post(at, bytes(70_000)))[0] == 413
    assert (await post(at, asked(7, 9), **{"Content-Encoding": "gzip"}))[0] == 415
    async with at.get("/add-checkpoint") as wrong:
        assert wrong.status == 405
    async with at.get("/ABC/checkpoint") as wrong:
        assert wrong.status == 404


async def test_a_second_history_is_told_to_the_operator(
    at: aiohttp.ClientSession, capsys: pytest.CaptureFixture[str]
) -> None:
    """In one line; ordinary refusals are not worth one."""
    await post(at, asked(0, 7))
    await post(at, asked(7, 7, OTHER))
    await post(at, asked(3, 7))

    said = capsys.readouterr().err
    assert said == "REFUSED  another tree of this size was cosigned; kept as evidence\n"


async def test_what_cannot_be_recorded_is_503(
    at: aiohttp.ClientSession,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A witness that can't remember signs nothing and shows nothing."""

    def spoil() -> None:
        with sqlite3.connect(tmp_path / "witness.db") as other:
            other.execute("DROP TABLE cosigned")

    await asyncio.to_thread(spoil)

    assert (await post(at, asked(0, 7)))[0] == 503
    async with at.get(f"/{HASH}/checkpoint") as found:
        assert found.status == 503
    assert capsys.readouterr().err.count("NOT RECORDED  no such table") == 2


async def test_a_body_that_never_ends_is_given_up(
    at: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within some seconds."""
    monkeypatch.setattr(server, "_BODY_S", 0.05)

    async def drip() -> AsyncIterator[bytes]:
        yield b"old"
        await asyncio.sleep(30)

    async with at.post("/add-checkpoint", data=drip()) as answer:
        assert answer.status == 408


async def test_headers_that_never_end_are_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a thousand such connections would keep every log away for ever."""
    monkeypatch.setattr(server, "_HEAD_S", 0.05)
    found = await asyncio.to_thread(settings, tmp_path)
    witness = await asyncio.to_thread(witness_of, found)
    async with serving(found, witness) as url:
        port = int(url.rpartition(":")[2])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST /add-checkpoint HTTP/1.1\r\nHost: ")
        async with asyncio.timeout(10):
            assert await reader.read() == b""
        writer.close()
        async with aiohttp.ClientSession(url) as session:
            assert (await post(session, asked(0, 7)))[0] == 200
            await asyncio.sleep(0.1)
            assert (await post(session, asked(7, 9)))[0] == 200


async def test_the_same_over_tls(tmp_path: Path, free_port: Callable[[], int]) -> None:
    """With the certificate that the configuration names; a bad one is said."""
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")

    def write() -> Settings:
        found = settings(tmp_path)
        issued.private_key_pem.write_to_path(tmp_path / "key.pem")
        issued.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
        return replace(
            found,
            port=free_port(),
            certificate=tmp_path / "cert.pem",
            private_key=tmp_path / "key.pem",
        )

    found = await asyncio.to_thread(write)
    witness = await asyncio.to_thread(witness_of, found)
    context = await asyncio.to_thread(ssl.create_default_context)
    authority.configure_trust(context)
    async with serving(found, witness) as url, aiohttp.ClientSession(url) as session:
        assert url == f"https://127.0.0.1:{found.port}"
        async with session.post("/add-checkpoint", data=asked(0, 1), ssl=context) as ok:
            assert ok.status == 200

    bad = replace(found, certificate=tmp_path / "witness.toml")
    with pytest.raises(CannotTell, match=r"witness.toml: \[SSL\]"):
        async with serving(bad, witness):
            pass


async def test_an_address_of_six_numbers_is_bracketed(tmp_path: Path) -> None:
    """So that it can be used as it is said."""
    found = replace(await asyncio.to_thread(settings, tmp_path), host="::1")
    witness = await asyncio.to_thread(witness_of, found)
    async with serving(found, witness) as url:
        assert url.startswith("http://[::1]:")
