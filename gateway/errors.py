"""The error tree of the gateway, drawn.

::

    GatewayError
    ├── Unavailable          we could not decide or record: 503 with a cause
    ├── MalformedRequest     what was asked cannot be read: 400, 413, 415 or 422
    ├── Unauthenticated      we do not know who asks: 401
    ├── TooMany              more was asked than the limits allow: 429
    └── InvalidFile          a file the operator wrote has mistakes

A refusal is a value, never an exception: see :mod:`gateway.exchange`.
Nothing here knows about HTTP except the closed list of causes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

__all__ = [
    "INTERNAL",
    "Cause",
    "EngineFault",
    "GatewayError",
    "InvalidFile",
    "Limit",
    "MalformedRequest",
    "Mistake",
    "TooMany",
    "Unauthenticated",
    "Unavailable",
]


class GatewayError(Exception):
    """Base of what the gateway raises on purpose."""


class Cause(StrEnum):
    """Why the gateway cannot answer now; the closed list of causes of a 503."""

    POLICY_UNAVAILABLE = "policy-unavailable"
    POLICY_DISAGREEMENT = "policy-disagreement"
    LOG_UNAVAILABLE = "log-unavailable"
    SOURCE_UNAVAILABLE = "source-unavailable"
    IDENTITY_UNAVAILABLE = "identity-unavailable"
    STATE_UNAVAILABLE = "state-unavailable"
    CLOCK = "clock"
    OVERLOADED = "overloaded"
    STOPPING = "stopping"


INTERNAL = "internal"
"""What ended an exchange where the gateway itself failed: the word of a 500."""


class EngineFault(StrEnum):
    """Why a policy engine gave no answer to believe; a closed list, fit for metrics."""

    GONE = "gone"
    """Nobody can be reached at its address."""
    DROPPED = "dropped"
    """The connection ended before the answer had."""
    LATE = "late"
    """No answer came before the deadline."""
    DENIED = "denied"
    """It does not accept our token, or does not allow the question."""
    STATUS = "status"
    """It answered with an HTTP status that is no answer."""
    REDIRECT = "redirect"
    """It sent us elsewhere; nobody goes there."""
    GARBAGE = "garbage"
    """What came is not HTTP, not JSON by its type, or not JSON."""
    TOO_LARGE = "too-large"
    """The answer is larger than an answer can be."""
    UNDEFINED = "undefined"
    """It has no answer to the question: no bundle, or another one."""
    ODD = "odd"
    """The answer is JSON, and not of the form that answers have."""
    REVISION = "revision"
    """The answer was made under another bundle than the one in force."""
    BREAKER = "breaker"
    """It failed repeatedly and rests; nothing was sent to it."""
    UNTRIED = "untried"
    """It has not yet answered the questions whose answers are known."""
    FAILED = "failed"
    """The evaluation itself failed."""


class Unavailable(GatewayError):
    """Something the answer depends on is missing; the requester may try again.

    Raised wherever a dependency is gone, late or odd. The catcher refuses with
    status 503 and the cause; it never releases.
    """

    def __init__(self, cause: Cause, detail: str = "") -> None:
        """Keep the cause for the requester and the detail for the operator."""
        super().__init__(f"{cause}: {detail}" if detail else str(cause))
        self.cause = cause
        self.detail = detail


@dataclass(frozen=True, kw_only=True, slots=True)
class Mistake:
    """One mistake in something that was written: where, what, what would be right.

    ``path`` is a JSON pointer (requests) or ``file:dotted.path`` (files). It never
    carries a value from a request. ``code`` says what kind it is, for lint, and
    ``citation`` the law that makes it one, where a law does.
    """

    path: str
    problem: str
    advice: str = ""
    code: str = ""
    citation: str = ""

    def __str__(self) -> str:
        """Render as one line."""
        where = f"{self.path}: " if self.path else ""
        return f"{where}{self.problem}" + (f"; {self.advice}" if self.advice else "")


class MalformedRequest(GatewayError):
    """The request cannot be read; carries every mistake found.

    ``status`` is 400 (not one request), 413 (too large), 415 (wrong media or
    content coding) or 422 (well-formed, but not a request we know).
    """

    def __init__(self, status: int, mistakes: Sequence[Mistake]) -> None:
        """Keep the status and every mistake."""
        super().__init__("; ".join(map(str, mistakes)))
        self.status = status
        self.mistakes = tuple(mistakes)


class Unauthenticated(GatewayError):
    """The requester is not known; ``reason`` is a closed word for the operator.

    The requester sees only 401; the reason goes to the count of failures.
    """

    def __init__(self, reason: str) -> None:
        """Keep the closed word."""
        super().__init__(reason)
        self.reason = reason


class Limit(StrEnum):
    """What was exceeded; the closed list of reasons of a 429."""

    CLIENT = "client"
    AGENCY = "agency"
    FAMILY = "family"
    PEOPLE = "people"
    GUESSES = "guesses"


class TooMany(GatewayError):
    """More was asked than the limits allow; nothing was looked at.

    ``limit`` is for the operator's count; the requester sees 429 and how long to
    wait, in seconds.
    """

    def __init__(self, limit: Limit, *, wait_s: float) -> None:
        """Keep the closed word and the time."""
        super().__init__(limit)
        self.limit = limit
        self.wait_s = wait_s


class InvalidFile(GatewayError):
    """Files the operator wrote have mistakes; carries all of them."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        """Keep every mistake."""
        super().__init__("\n".join(map(str, mistakes)))
        self.mistakes = tuple(mistakes)
