"""A retry is one disclosure: which exchange this is, and whether it ran before.

The log's own dedup is the only commit point; this module derives its keys and holds
the exchanges that are still running in this process. Answers are never stored.
"""

from __future__ import annotations

import hmac
import os
import secrets
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from audit import Dedup
from gateway.identity import Requester

__all__ = ["Busy", "Ticket", "Tickets"]


class Busy(Exception):
    """The same key is still running, or was used with another body: 409."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ticket:
    """One exchange's identity: its public id and the secrets its dedup is made of."""

    exchange: str
    key: bytes
    request: bytes
    retryable: bool

    def page(self, secret: bytes, number: int, content: bytes) -> Dedup:
        """Return the dedup of one page: which page, of what request, showing what."""
        return Dedup(
            key=_mac(secret, b"page", self.key, str(number).encode()),
            request=self.request,
            content=_mac(secret, b"content", content),
        )

    def anew(self) -> Ticket:
        """Return the ticket of a new exchange for the same request."""
        return _fresh(self.request)


class Tickets:
    """Derives tickets under one key and keeps which of them are running."""

    def __init__(self, *, secret: bytes) -> None:
        """Keep the 32-byte key that the state key yields for dedup."""
        self.secret = secret
        self._running: set[bytes] = set()

    def issue(self, requester: Requester, key: str | None, body: bytes) -> Ticket:
        """Return the ticket of a request; without a key it is new each time."""
        request = _mac(self.secret, b"request", body)
        if key is None:
            return _fresh(request)
        derived = _mac(
            self.secret,
            b"key",
            requester.issuer.encode(),
            requester.client_id.encode(),
            requester.person.encode(),
            requester.certificate_sha256.encode(),
            key.encode(),
        )
        exchange = _mac(self.secret, b"exchange", derived).hex()[:32]
        return Ticket(exchange=exchange, key=derived, request=request, retryable=True)

    def derived(self, *words: str) -> bytes:
        """Return a 32-byte key for something that happens once, named by words."""
        return _mac(self.secret, b"once", *(word.encode() for word in words))

    def page_digest(self, exchange: str, number: int, content: str) -> str:
        """Return the digest of a page under the gateway's key, lower-case hex.

        Without the key nobody can confirm a guess of what was released, an auditor
        included; with it, the gateway can show that a page is the one it sent.
        """
        words = (word.encode() for word in (exchange, str(number), content))
        return _mac(self.secret, b"shown", *words).hex()

    @contextmanager
    def running(self, ticket: Ticket) -> Iterator[None]:
        """Hold a ticket while its exchange runs.

        Raises:
            Busy: when the same key is running already.
        """
        if ticket.key in self._running:
            raise Busy
        self._running.add(ticket.key)
        try:
            yield
        finally:
            self._running.discard(ticket.key)


_RANDOM: deque[bytes] = deque()
"""Random bytes not used yet, in pieces of one ticket; a child process has its own."""

os.register_at_fork(after_in_child=_RANDOM.clear)

_TICKETS = 256


def _fresh(request: bytes) -> Ticket:
    """Return a ticket nobody had before: 16 random bytes seen, 32 kept."""
    # Asked of the system for many tickets at once: each call gives up the
    # interpreter's lock and has to win it back.
    if not _RANDOM:
        block = secrets.token_bytes(48 * _TICKETS)
        _RANDOM.extend(block[i : i + 48] for i in range(0, len(block), 48))
    random = _RANDOM.popleft()
    return Ticket(
        exchange=random[:16].hex(), key=random[16:], request=request, retryable=False
    )


def _mac(secret: bytes, *parts: bytes) -> bytes:
    """Return HMAC-SHA-256 over length-prefixed parts, so that no two lists collide."""
    message = b"".join([len(part).to_bytes(8, "big") + part for part in parts])
    return hmac.digest(secret, message, "sha256")
