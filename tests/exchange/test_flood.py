"""A flood of handshakes and tokens that come to nothing, and one good client in it."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Callable, Coroutine

import pytest

from audit import LogError
from gateway.identity.buckets import Rate
from gateway.recording import junk
from gateway.recording.junk import Junk
from gateway.web import crowd
from tests.exchange.county import County
from tests.exchange.requests import SHERIFF, custody
from tests.exchange.wire import head, line

pytestmark = pytest.mark.asyncio(loop_scope="module")

FAILED = ("no-certificate", "malformed")
MISMATCH = "binding-mismatch"
EACH = 150
"""How many of each kind are sent; they come as fast as the machine makes them."""

GOOD = custody()


async def ended(county: County, outcome: str) -> float:
    """Return how many handshakes ended in a way so far."""
    text = (await county.admin("/metrics")).data.decode()
    start = f'sallyport_handshakes_total{{outcome="{outcome}"}} '
    rows = [row for row in text.splitlines() if row.startswith(start)]
    return float(rows[0].removeprefix(start)) if rows else 0.0


async def bad_handshakes(county: County, context: ssl.SSLContext | None) -> None:
    """Begin handshakes that fail: with a context by its rules, without it by noise."""
    host, _, port = county.serving.url.removeprefix("https://").rpartition(":")
    for _ in range(EACH // 10):
        with contextlib.suppress(OSError):
            reader, writer = await asyncio.open_connection(host, int(port), ssl=context)
            writer.write(b"GET / HTTP/1.1\r\n\r\n")
            with contextlib.suppress(OSError):
                await reader.read()
            writer.close()


async def bad_tokens(county: County) -> None:
    """Send tokens that belong to another certificate, on one connection."""
    bearer = county.bearer(SHERIFF)["Authorization"]
    names = ["Host: x", f"Authorization: {bearer}", "Content-Type: application/json"]
    request = head(lines=[*names, "Content-Length: 2"]) + b"{}"
    async with line(county, "broker") as wire:
        for _ in range(EACH // 10):
            await wire.send(request)
            reply = await wire.reply()
            assert reply is not None
            assert (reply.status, reply.problem) == (401, "unauthenticated")


async def test_a_good_client_is_answered_in_a_flood(
    county: County,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every answer of the good client is as ever, and the flood is one entry."""
    authority = str(county.layout.requester(SHERIFF).authority)
    nobody = await asyncio.to_thread(ssl.create_default_context, cafile=authority)
    attacks: list[Callable[[], Coroutine[None, None, None]]] = [
        lambda: bad_handshakes(county, nobody),
        lambda: bad_handshakes(county, None),
        lambda: bad_tokens(county),
    ]
    await county.services.junk.write()
    before = [await ended(county, how) for how in FAILED]
    size = county.services.log.size

    with monkeypatch.context() as patched:
        patched.setattr(Junk, "write", _later)  # its minute may end meanwhile
        async with asyncio.TaskGroup() as group:
            for attack in attacks * 10:
                group.create_task(attack())
            answers = [await county.post(SHERIFF, GOOD) for _ in range(30)]
    rows = dict(county.services.junk._counts)
    await county.services.junk.write()
    grown = county.services.log.size - size
    after = [await ended(county, how) for how in FAILED]

    assert {answer.status for answer in answers} == {200}
    assert grown == len(answers) + 1
    assert [b - a for a, b in zip(before, after, strict=True)] == [EACH, EACH]
    assert sum(n for (cause, *_), n in rows.items() if cause == MISMATCH) == EACH
    assert {cause for cause, *_ in rows} == {
        MISMATCH,
        "handshake-no-certificate",
        "handshake-malformed",
    }
    assert {network for _, network, _ in rows} == {"", "127.0.0.0/24"}


async def test_a_flood_of_many_sources_is_one_bounded_entry(county: County) -> None:
    """However many certificates and networks, the entry has so many rows and no more.

    That holds while the log cannot write, too: what is kept for later is bounded.
    """
    counts = county.services.junk
    await counts.write()
    for number in range(3):  # three intervals of which nothing could be written
        for source in range(500):
            counts.count("signature", f"{number}-{source}".encode())
            counts.count("handshake-malformed", network=f"10.{number}.{source}.0/24")
        kept = dict(counts._counts)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(counts, "_log", Down())
            await counts.write()
        assert dict(counts._counts) == kept
    size = county.services.log.size
    most = junk.MOST_SOURCES + 2  # and what was not told apart, by cause

    assert len(counts._counts) <= most
    assert sum(counts._counts.values()) == 3000
    await counts.write()
    assert county.services.log.size == size + 1
    assert not counts._counts


async def _later(_junk: Junk) -> None:
    """Write nothing now."""


class Down:
    """A log that cannot write."""

    async def append(self, _entry: object) -> None:
        """Fail."""
        raise LogError("as the test wants it")


async def test_one_bad_request_after_the_other_is_held_back(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Past a number of refusals each is answered later; a good request is not."""
    monkeypatch.setattr(crowd, "REFUSED", Rate.per_minute(1, burst=3))
    held: list[float] = []
    plain = asyncio.sleep

    async def noted(seconds: float) -> None:
        held.append(seconds)
        await plain(0)

    monkeypatch.setattr("gateway.web.crowd.asyncio.sleep", noted)
    for _ in range(5):
        await county.post("ice-hsi", b"{}")
    await county.get("ice-hsi", "/nothing/here")
    other = await county.post("ice-ero", b"{}")
    good = await county.post("ice-hsi", GOOD)

    assert held.count(crowd.HELD_S) == 3
    assert other.status == 422
    assert good.status != 422
