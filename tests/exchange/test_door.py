"""The door: one handshake a turn of the loop, few at once, each end of one counted."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme

from gateway.identity import server_ssl_context
from gateway.telemetry import METRICS
from gateway.web import door
from gateway.web.door import OUTCOMES, Door, network_of

HERE = "127.0.0.0/24"


class Greeter(asyncio.Protocol):
    """Says one word to whoever has come in."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Say it."""
        assert isinstance(transport, asyncio.Transport)
        transport.write(b"in")


class Street:
    """A door, who may come in, and what was counted."""

    def __init__(self, folder: Path) -> None:
        """Make a server and an authority for its clients."""
        self.ours, self.other = trustme.CA(), trustme.CA()
        server = self.ours.issue_cert("localhost")
        chain, key, authority = (folder / name for name in ("c.pem", "k.pem", "a.pem"))
        chain.write_bytes(b"".join(pem.bytes() for pem in server.cert_chain_pems))
        server.private_key_pem.write_to_path(key)
        self.ours.cert_pem.write_to_path(authority)
        self.context = server_ssl_context(
            certificate=chain, key=key, client_cas={"ours": authority}
        )
        self.counted: Counter[tuple[str, str]] = Counter()
        self.port = 0

    @asynccontextmanager
    async def open(self, *, within_s: float = 10.0) -> AsyncIterator[None]:
        """Open the door for the length of the block."""
        found = Door(
            protocol=Greeter,
            context=self.context,
            within_s=within_s,
            told=lambda outcome, network: self.counted.update([(outcome, network)]),
        )
        async with found.open("127.0.0.1", 0) as (_, self.port):
            yield

    def client(self, issuer: trustme.CA | None) -> ssl.SSLContext:
        """Return the TLS of a client with a certificate of an authority, or without."""
        context = ssl.create_default_context()
        self.ours.configure_trust(context)
        if issuer is not None:
            issuer.issue_cert("client@agency.example").configure_cert(context)
        return context

    async def knock(self, issuer: trustme.CA | None) -> bytes:
        """Come as a client; return what was said inside."""
        try:
            reader, writer = await asyncio.open_connection(
                "127.0.0.1",
                self.port,
                ssl=self.client(issuer),
                server_hostname="localhost",
            )
        except OSError:
            return b""
        try:
            return await reader.readexactly(2)
        except (OSError, asyncio.IncompleteReadError):
            return b""
        finally:
            writer.close()

    async def say(self, data: bytes) -> asyncio.StreamWriter:
        """Connect and say something that is no TLS."""
        _, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(data)
        return writer

    async def until(self, outcome: str, count: int = 1) -> None:
        """Wait until so many handshakes ended in a way."""
        async with asyncio.timeout(20):
            while self.counted[outcome, HERE] < count:  # noqa: ASYNC110 - sets no event
                await asyncio.sleep(0.005)


@pytest.fixture
def street(tmp_path: Path) -> Street:
    """A door of the test's own."""
    return Street(tmp_path)


async def test_how_each_handshake_ends_is_counted(street: Street) -> None:
    """Done, a wrong certificate, none, no TLS, and whoever left: each by its word."""
    async with street.open():
        assert await street.knock(street.ours) == b"in"
        for issuer, outcome in (
            (street.other, "certificate"),
            (None, "no-certificate"),
        ):
            assert await street.knock(issuer) == b""
            await street.until(outcome)
        for data, outcome in ((b"GET / HTTP/1.1\r\n\r\n", "malformed"), (b"", "left")):
            (await street.say(data)).close()
            await street.until(outcome)

    words = ("done", "certificate", "no-certificate", "malformed", "left")
    assert street.counted == Counter({(word, HERE): 1 for word in words})


async def test_whoever_says_nothing_is_let_go(street: Street) -> None:
    """A handshake that is not done in its time ends as late."""
    async with street.open(within_s=0.1):
        silent = await street.say(b"")
        await street.until("late")
        silent.close()


async def test_a_crowd_at_the_door_does_not_keep_others_out(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With all places taken by who stands still, a client that speaks gets in."""
    monkeypatch.setattr(door, "MOST", 8)
    async with street.open():
        still = [await street.say(b"") for _ in range(20)]
        said = [await street.knock(street.ours) for _ in range(3)]
        for writer in still:
            writer.close()

    assert said == [b"in"] * 3
    # Eight may stand there: each that comes after them takes one away.
    assert 13 <= street.counted["crowded", HERE] <= 15


async def test_whoever_came_last_is_not_the_one_to_go(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a crowd that keeps coming, a client that is slow to speak still gets in."""
    monkeypatch.setattr(door, "MOST", 8)
    async with street.open():
        still = [await street.say(b"") for _ in range(8)]
        slow = socket.create_connection(("127.0.0.1", street.port))
        still += [await street.say(b"") for _ in range(5)]
        await street.until("crowded", 6)
        reader, writer = await asyncio.open_connection(
            sock=slow, ssl=street.client(street.ours), server_hostname="localhost"
        )
        said = await reader.readexactly(2)
        for each in (writer, *still):
            each.close()

    assert said == b"in"


async def test_one_handshake_begins_in_a_turn_of_the_loop(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sixty that wait together are begun in sixty turns: others have theirs between."""
    loop = asyncio.get_running_loop()
    begun = Counter[int]()
    turn = 0
    plain = loop.connect_accepted_socket

    async def counted(*args: Any, **more: Any) -> object:  # noqa: ANN401  # passed on
        begun[turn] += 1
        return await plain(*args, **more)

    def turned() -> None:
        nonlocal turn
        turn += 1
        if sum(begun.values()) < len(waiting):
            loop.call_soon(turned)

    monkeypatch.setattr(loop, "connect_accepted_socket", counted)
    waiting = [socket.socket() for _ in range(60)]
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(street.open())
        for one in waiting:
            stack.callback(one.close)
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", street.port))
        turned()
        async with asyncio.timeout(20):
            while sum(begun.values()) < len(waiting):  # noqa: ASYNC110 - sets no event
                await asyncio.sleep(0.01)

    assert max(begun.values()) <= 2
    assert len(begun) >= 30


@pytest.mark.parametrize(
    ("number", "said"), [(errno.EMFILE, 1), (errno.ECONNABORTED, 0)]
)
async def test_a_system_without_room_is_waited_for(
    street: Street, monkeypatch: pytest.MonkeyPatch, number: int, said: int
) -> None:
    """Out of descriptors: it says so and goes on; one broken connection: it goes on."""
    loop = asyncio.get_running_loop()
    plain, failures = loop.sock_accept, [number]

    async def failing(listening: socket.socket) -> tuple[socket.socket, object]:
        if failures:
            raise OSError(failures.pop(), "as the test wants it")
        return await plain(listening)

    monkeypatch.setattr(loop, "sock_accept", failing)
    async with street.open():
        assert await street.knock(street.ours) == b"in"

    assert street.counted["no-room", ""] == said


async def test_a_port_that_is_taken_is_an_error(street: Street) -> None:
    """Somebody else listens there: nothing is left open."""
    async with street.open():
        again = Door(
            protocol=Greeter, context=street.context, within_s=1, told=lambda *_: None
        )
        with pytest.raises(OSError, match="in use"):
            async with again.open("127.0.0.1", street.port):
                pytest.fail("it opened")


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1::/48"),
        ("fe80::1%eth0", "fe80::/48"),
    ],
)
def test_an_address_is_counted_as_its_network(address: str, network: str) -> None:
    """Who has many addresses is one source."""
    assert network_of(address) == network


def test_the_metric_knows_every_end() -> None:
    """No end of a handshake is counted as something else."""
    (metric,) = [m for m in METRICS if m.name == "sallyport_handshakes_total"]

    assert metric.labels["outcome"] == OUTCOMES
