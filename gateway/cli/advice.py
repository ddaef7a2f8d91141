"""What to do about a fault of something the gateway depends on: ``doctor``'s words.

Each closed list of faults has a sentence for every word of it, so that a new fault
cannot be found without an answer to "and now?".
"""

from __future__ import annotations

from collections.abc import Mapping

from audit import (
    AuditError,
    KeyFileRefused,
    LogBehind,
    LogDamaged,
    LogForked,
    LogFull,
    LogLocked,
    LogUnavailable,
)
from connectors import ConnectorError, Fault, SourceUnavailable
from gateway.acts import ActMalformed, ActOutOfOrder, NotActivated
from gateway.errors import EngineFault, GatewayError, Unavailable
from gateway.state import StateRefused

__all__ = [
    "AN_ENGINE",
    "A_PART",
    "A_SOURCE",
    "BEGIN",
    "BROKEN_LOG",
    "LOOK_AT_LINES",
    "of_ledger",
    "of_part",
    "of_source",
]

BEGIN = (
    "it begins with the people who decide: sallyport act new genesis; if it was begun"
    " already, look whether log.directory in sallyport.yaml is right and its disk there"
)
"""What to do where there is no log."""

BROKEN_LOG = (
    "stop the gateway, keep the folder as it is, and tell the auditors: whoever has"
    " receipts or a copy can show what stood there"
)

LOOK_AT_LINES = "look at the gateway's lines: journalctl -u sallyport"

_TELL_IT = "this is a fault of the program: tell its authors"

A_SOURCE: Mapping[Fault, str] = {
    Fault.GONE: "start it; look whether its address or path in sallyport.yaml is right,"
    " and whether this user may reach it",
    Fault.UNTRUSTED: "look whether host is the name that its certificate carries, and"
    " ca_file the authority that signed it",
    Fault.REFUSED: "look whether role, database and password_file are right; its own"
    " log says more",
    Fault.LOCKED: "find out who holds it for so long",
    Fault.CORRUPT: "look whether the path is of the database; if it is, have its owners"
    " restore it",
    Fault.SCHEMA: "give the dataset file the names that the database has, or the role"
    " the right to see them",
    Fault.AMBIGUOUS: "choose a key in the dataset file that names one record",
    Fault.TOO_LARGE: "raise max_rows of the source, or narrow the dataset",
    Fault.TIMEOUT: "look at its load and the index of its key; else raise timeout_ms",
    Fault.BUSY: "raise connections of the source",
    Fault.BREAKER: "it is asked again by itself; look why it failed",
    Fault.CLOSED: "look again: it was being closed",
}
"""What to do about each fault of a source, or of the state's server."""

AN_ENGINE: Mapping[EngineFault, str] = {
    EngineFault.GONE: "start it as sallyport opa config says; look whether opa.url is"
    " where it listens",
    EngineFault.DROPPED: "look at its own log: it may have been killed for its memory",
    EngineFault.LATE: "look at its load; else raise opa.deadline_ms",
    EngineFault.DENIED: "the token has changed: write its files again (sallyport opa"
    " config), and restart it",
    EngineFault.STATUS: "look at its own log, and whether opa.url is an OPA server's",
    EngineFault.REDIRECT: "name in opa.url the server itself",
    EngineFault.GARBAGE: "something else listens at opa.url: name the OPA server",
    EngineFault.TOO_LARGE: "something else listens at opa.url: name the OPA server",
    EngineFault.UNDEFINED: "look whether it can poll the gateway's admin port: its own"
    " log says why it has no bundle",
    EngineFault.ODD: "look whether another bundle or policy was loaded into it",
    EngineFault.REVISION: "wait for its next poll; if it stays, look at its own log",
    EngineFault.BREAKER: "it is asked again by itself; look why it failed",
    EngineFault.UNTRIED: "look again in some seconds",
    EngineFault.FAILED: "look at its own log; then install another version of it",
}
"""What to do about each fault of the OPA server."""

A_PART: Mapping[str, str] = {
    "admin port": "look whether the gateway is overloaded, and whether admin.listen was"
    " changed since it started: then restart it",
    "policy": "look at the engine that is named; it is asked again by itself",
    "log": "look at the disk and its cables, then restart the gateway: a failed write"
    " is not tried again",
    "state": "look at the state database; it is asked again by itself",
    "identity": "look at the issuer's key server; it is asked again by itself",
    "standing": "what it names has to be put right; a clock that was set is believed"
    " after 60 quiet seconds",
    "source": "look at that source below; it is asked again by itself",
}
"""What to do about each part that a running gateway says is not ready."""


def of_part(part: str) -> str:
    """Return what to do about a part of a running gateway; sources by their kind."""
    return A_PART.get(part, A_PART["source"])


def of_source(error: ConnectorError) -> str:
    """Return what to do about what a connector raised."""
    if isinstance(error, SourceUnavailable):
        return A_SOURCE[error.fault]
    return "install what the sentence names, then look again"


_ERRORS: tuple[tuple[type[Exception], str, str], ...] = (
    (LogLocked, "log", "look again in a moment"),
    (LogFull, "disk", "make room where the log lies"),
    (
        LogBehind,
        "log",
        (
            "put the newest copy of its folder back; if there is none, tell the"
            " auditors, and change nothing"
        ),
    ),
    (
        LogForked,
        "log",
        "find out which of the two is the log, put its newest copy back, tell auditors",
    ),
    (LogUnavailable, "log", "look at the store; it heals when that answers"),
    (LogDamaged, "log", BROKEN_LOG),
    (
        KeyFileRefused,
        "log",
        "name the log's own keys under log.keys, and its own place as log.directory",
    ),
    (AuditError, "log", BROKEN_LOG),
    (
        NotActivated,
        "activation",
        (
            "put the activated files here, or look at what changed (sallyport check)"
            " and have two people sign it: sallyport activate"
        ),
    ),
    (
        StateRefused,
        "state",
        (
            "put back the copy of log and state that belong together, or the version of"
            " the gateway that wrote them"
        ),
    ),
    (ActOutOfOrder, "log", BROKEN_LOG),
    (ActMalformed, "log", BROKEN_LOG),
    (
        Unavailable,
        "state",
        "look whether its folder can be written, or its server answers",
    ),
)


def of_ledger(error: GatewayError | AuditError) -> tuple[str, str]:
    """Return the part that log, state or activation are wrong in, and what to do."""
    for kind, part, advice in _ERRORS:
        if isinstance(error, kind):
            return part, advice
    return "activation", _TELL_IT
