"""The door: connections come in one a turn of the loop, and stay with TLS agreed.

A handshake costs the gateway about as much as an answer. Left to itself the loop lets
in as many as the kernel has and works on all of them before it looks at a request; a
flood of handshakes that come to nothing would keep every requester waiting. Here each
turn of the loop begins one, so many are in progress at most, and past that the oldest
of the network that has most of them makes room. How each ends is counted: asyncio by
itself drops what fails without a word.
"""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

__all__ = ["OUTCOMES", "Door", "network_of", "not_listening", "outcome_of"]

MOST = 256
"""Handshakes in progress at once."""

WAITING = 1024
"""Connections that the kernel keeps until it is their turn."""

PAUSE_S = 0.1
"""How long nothing is let in when the system has no room for it, in seconds."""

OUTCOMES = (
    "done",
    "certificate",
    "no-certificate",
    "malformed",
    "late",
    "left",
    "crowded",
    "no-room",
)
"""How a handshake ends: done; no pinned authority vouches for the certificate, or it
is out of its time; none was shown; what came is no TLS that we speak; it took too long;
the other side left; it made room for others; the system had no room for it."""

_GONE = frozenset({errno.ECONNABORTED, errno.EPROTO, errno.EPERM, errno.ETIMEDOUT})
"""What accepting fails with when it is that one connection's own fault."""

Told = Callable[[str, str], None]
"""Takes one of :data:`OUTCOMES` and the network that it came from."""


class Door:
    """Lets connections in."""

    def __init__(
        self,
        *,
        protocol: Callable[[], asyncio.Protocol],
        context: ssl.SSLContext,
        within_s: float,
        told: Told,
    ) -> None:
        """Take what speaks on a connection, the TLS, and how long that may take."""
        self._protocol = protocol
        self._context = context
        self._within_s = within_s
        self._told = told
        self._count = 0
        self._inside: dict[str, dict[asyncio.Task[None], None]] = {}

    @asynccontextmanager
    async def open(self, host: str, port: int) -> AsyncIterator[tuple[str, int]]:
        """Let in what comes to an address until the block ends; yield the address.

        Raises:
            OSError: when the port is taken.
        """
        sockets = await _listening(host, port)
        async with asyncio.TaskGroup() as group:
            accepting = [group.create_task(self._accept(s, group)) for s in sockets]
            try:
                yield host, sockets[0].getsockname()[1]
            finally:
                for task in (*accepting, *self._in_progress()):
                    task.cancel()
                for one in sockets:
                    one.close()

    def _in_progress(self) -> list[asyncio.Task[None]]:
        return [task for tasks in self._inside.values() for task in tasks]

    async def _accept(self, listening: socket.socket, group: asyncio.TaskGroup) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, peer = await loop.sock_accept(listening)
            except OSError as error:
                # Out of descriptors or memory: the next try would fail as well.
                if error.errno not in _GONE:
                    self._told("no-room", "")
                    await asyncio.sleep(PAUSE_S)
                continue
            if self._count >= MOST:
                self._make_room()
            network = network_of(peer[0])
            self._begin(network, group.create_task(self._greet(connection, network)))
            await asyncio.sleep(0)  # whoever is inside has their turn first

    async def _greet(self, connection: socket.socket, network: str) -> None:
        """Agree on TLS; from then on the protocol has the connection."""
        loop = asyncio.get_running_loop()
        try:
            await loop.connect_accepted_socket(
                self._protocol,
                connection,
                ssl=self._context,
                ssl_handshake_timeout=self._within_s,
            )
        except OSError as error:
            self._told(outcome_of(error), network)
        else:
            self._told("done", network)

    def _begin(self, network: str, task: asyncio.Task[None]) -> None:
        self._count += 1
        self._inside.setdefault(network, {})[task] = None
        task.add_done_callback(lambda ended: self._end(network, ended))

    def _end(self, network: str, task: asyncio.Task[None]) -> None:
        inside = self._inside.get(network, {})
        if task in inside:
            del inside[task]
            self._count -= 1
            if not inside:
                del self._inside[network]

    def _make_room(self) -> None:
        """Drop the oldest handshake of the network that has most."""
        network, tasks = max(self._inside.items(), key=lambda item: len(item[1]))
        oldest = next(iter(tasks))
        oldest.cancel()
        self._end(network, oldest)
        self._told("crowded", network)


async def _listening(host: str, port: int) -> list[socket.socket]:
    """Return a socket for each address that a host has.

    Raises:
        OSError: when there is none, or the port is taken.
    """
    sockets: list[socket.socket] = []
    try:
        found = await asyncio.get_running_loop().getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        for family, where in dict.fromkeys((item[0], item[4]) for item in found):
            one = socket.create_server(where[:2], family=family, backlog=WAITING)
            one.setblocking(False)
            sockets.append(one)
    except OSError as error:
        for one in sockets:
            one.close()
        raise not_listening(error, f"{host}:{port}", "server.listen") from None
    return sockets


_TODO = {
    errno.EADDRINUSE: "address already in use; end the program that listens there (ss"
    " -ltnp names it), or change",
    errno.EADDRNOTAVAIL: "no address of this machine; correct",
    errno.EACCES: "a port below 1024 needs a right of its own; give it, or change",
}


def not_listening(error: OSError, listen: str, setting: str) -> OSError:
    """Return why there can't be listened, with the setting that says where."""
    said = _TODO.get(error.errno or 0, f"{error.strerror}; correct")
    return OSError(error.errno, f"{listen}: {said} {setting}")


def outcome_of(error: OSError) -> str:
    """Return how a handshake ended that ended so."""
    match error:
        case ssl.SSLCertVerificationError():
            return "certificate"
        case ssl.SSLError(reason="PEER_DID_NOT_RETURN_A_CERTIFICATE"):
            return "no-certificate"
        case ssl.SSLError():
            return "malformed"
        case ConnectionAbortedError():  # what asyncio says when it took too long
            return "late"
        case _:
            return "left"


def network_of(address: str) -> str:
    """Return the network of an address: 256 addresses of IPv4, a site of IPv6."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(parsed, "ipv4_mapped", None)
    if mapped is not None:
        parsed = mapped
    bits = 24 if parsed.version == 4 else 48  # noqa: PLR2004  # versions of IP
    return str(ipaddress.ip_network((parsed, bits), strict=False))
