"""What may leave a connector: the whole error tree, drawn.

::

    ConnectorError
    ├── DriverMissing         a kind of source needs a package that is not installed
    ├── InvalidQuery          the caller asked what the contract does not allow
    └── SourceUnavailable     the source did not answer; ``fault`` says why
        └── SourceTimeout     it did not answer in time

No message carries a value from a query or from a record.
"""

from __future__ import annotations

from enum import StrEnum

__all__ = [
    "ConnectorError",
    "DriverMissing",
    "Fault",
    "InvalidQuery",
    "SourceTimeout",
    "SourceUnavailable",
]


class Fault(StrEnum):
    """Why a source did not answer; a closed list, fit for logs and metrics."""

    GONE = "gone"
    """It cannot be reached: no such file or host, no permission, an I/O error."""
    UNTRUSTED = "untrusted"
    """It does not prove to be the server that was configured, or offers no TLS."""
    REFUSED = "refused"
    """It does not let us in: wrong password, no such role or database."""
    LOCKED = "locked"
    """Somebody else holds it and did not let go before the deadline."""
    CORRUPT = "corrupt"
    """What is there is not a database, or a damaged one."""
    SCHEMA = "schema"
    """A table or column of the catalogue is not there, or not usable."""
    AMBIGUOUS = "ambiguous"
    """The key does not name exactly one record: facts could meet other values."""
    TOO_LARGE = "too-large"
    """The answer is larger than the bounds of the source."""
    TIMEOUT = "timeout"
    """The deadline passed."""
    BUSY = "busy"
    """Every connection the limits allow was in use until the deadline."""
    BREAKER = "breaker"
    """It failed repeatedly and rests; nothing was sent to it."""
    CLOSED = "closed"
    """The connector was closed."""


class ConnectorError(Exception):
    """Base of everything that leaves a connector."""


class DriverMissing(ConnectorError):
    """A kind of source needs a package of an extra; the sentence says which."""


class InvalidQuery(ConnectorError):
    """The query is outside the contract; a mistake of the caller, not the source."""


class SourceUnavailable(ConnectorError):
    """The source did not answer; nothing may be released from it now."""

    def __init__(self, source: str, fault: Fault, detail: str = "") -> None:
        """Keep the source's name, the closed word, and a detail free of data."""
        super().__init__(f"{source}: {fault}" + (f" ({detail})" if detail else ""))
        self.source = source
        self.fault = fault
        self.detail = detail


class SourceTimeout(SourceUnavailable):
    """The deadline passed; the statement was ended at the source."""

    def __init__(self, source: str) -> None:
        """Keep the source's name."""
        super().__init__(source, Fault.TIMEOUT)
