"""What PostgreSQL's and libpq's errors mean for us; messages never leave.

A server's message may quote values, and is in the server's language. What it means is
its SQLSTATE (appendix A of PostgreSQL's manual). Only libpq's own words about a
connection that did not come about have no code; those are English in this process.
"""

from __future__ import annotations

import re

from psycopg.errors import lookup
from psycopg.pq import DiagnosticField
from psycopg.pq.abc import PGresult

from connectors.errors import (
    ConnectorError,
    Fault,
    SourceTimeout,
    SourceUnavailable,
)

__all__ = ["fault_of_opening", "fault_of_result", "fault_of_state", "state_of"]

_TIMEOUTS = frozenset({"57014", "25P03", "25P04"})
"""Cancelled (by us or by ``statement_timeout``), or a session ended as too slow."""

_FAULTS: tuple[tuple[str, Fault], ...] = (
    ("55P03", Fault.LOCKED),
    ("40P01", Fault.LOCKED),
    ("3D", Fault.REFUSED),
    ("28", Fault.REFUSED),
    ("XX001", Fault.CORRUPT),
    ("XX002", Fault.CORRUPT),
    ("54", Fault.TOO_LARGE),
    ("42", Fault.SCHEMA),
    ("3F", Fault.SCHEMA),
    ("22", Fault.SCHEMA),
    ("25006", Fault.SCHEMA),
)
"""Beginnings of SQLSTATE; every other one means that the server cannot be used."""

_OPENING: tuple[tuple[str, Fault, str], ...] = (
    (r"server does not support SSL", Fault.UNTRUSTED, "it offers no TLS"),
    (r"does not match host name", Fault.UNTRUSTED, "its certificate is another's"),
    (
        r"host name must be specified|could not get server's host name",
        *(
            Fault.UNTRUSTED,
            "its certificate names nobody",
        ),
    ),
    (r"certificate verify failed", Fault.UNTRUSTED, "its certificate is not verified"),
    (
        r"root certificate file|sslrootcert",
        Fault.UNTRUSTED,
        "no authority to verify by",
    ),
    (
        r"could not load private key|certificate file",
        *(
            Fault.REFUSED,
            "our own certificate or key cannot be used",
        ),
    ),
    (
        r"authentication method requirement",
        Fault.UNTRUSTED,
        "it asks otherwise than SCRAM",
    ),
    (
        r"SSL error|SSL SYSCALL|server sent an error response during SSL",
        *(
            Fault.UNTRUSTED,
            "TLS failed",
        ),
    ),
    (
        r"authentication failed|pg_hba\.conf|no password supplied",
        *(
            Fault.REFUSED,
            "authentication failed",
        ),
    ),
    (
        r'(database|role) ".*" does not exist|permission denied for database',
        *(
            Fault.REFUSED,
            "no such database or role",
        ),
    ),
    (
        r"too many clients|too many connections|remaining connection slots",
        *(
            Fault.GONE,
            "it has no connection left",
        ),
    ),
    (r"starting up|shutting down|recovery mode", Fault.GONE, "it starts or stops"),
    (
        r"could not translate host name|Name or service not known|No address",
        *(
            Fault.GONE,
            "no such host",
        ),
    ),
    (r"Connection refused|No such file", Fault.GONE, "nobody listens there"),
    (r"timeout expired|timed out", Fault.GONE, "it does not answer"),
)
"""What libpq says of a connection that did not come about, the first that fits."""


def fault_of_result(source: str, result: PGresult) -> ConnectorError:
    """Return the contract's error for a statement that failed."""
    return fault_of_state(source, state_of(result))


def state_of(result: PGresult) -> str:
    """Return a failed result's SQLSTATE; empty where the connection broke."""
    return (result.error_field(DiagnosticField.SQLSTATE) or b"").decode("ascii")


def fault_of_state(source: str, state: str) -> ConnectorError:
    """Return the contract's error for a SQLSTATE."""
    if state in _TIMEOUTS:
        return SourceTimeout(source)
    if not state:
        return SourceUnavailable(source, Fault.GONE, "the connection broke")
    fault = next((f for start, f in _FAULTS if state.startswith(start)), Fault.GONE)
    return SourceUnavailable(source, fault, _named(state))


def fault_of_opening(source: str, said: str) -> SourceUnavailable:
    """Return the contract's error for a connection that did not come about."""
    for pattern, fault, detail in _OPENING:
        if re.search(pattern, said):
            return SourceUnavailable(source, fault, detail)
    return SourceUnavailable(source, Fault.GONE, "no connection came about")


def _named(state: str) -> str:
    """Return a SQLSTATE with the name the manual gives it."""
    try:
        return f"{state} {lookup(state).__name__}"
    except KeyError:
        return state
