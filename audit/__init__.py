"""An append-only log that nobody, its operators included, can quietly change.

A Merkle tree (RFC 6962) in C2SP tiles, signed checkpoints, a public leaf without
personal data and a sealed record for auditors for each entry. Who holds the signing
keys can still write a false entry, or a second history for somebody who compares with
nobody; witnesses outside the custodian are what shows that.

This package knows nothing of the gateway and needs only ``cryptography``.
"""

from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING

from audit.errors import (
    ActRefused,
    ActUnsigned,
    AuditError,
    CannotTell,
    DedupConflict,
    InvalidEntry,
    KeyFileRefused,
    LogBehind,
    LogClosed,
    LogDamaged,
    LogError,
    LogExists,
    LogFailed,
    LogForked,
    LogFull,
    LogLate,
    LogLocked,
    LogMissing,
    LogOverloaded,
    LogUnavailable,
    Malformed,
    ProofInvalid,
)

if TYPE_CHECKING:
    from audit.entry import Dedup, Entry, Known
    from audit.keyfiles import Auditor, AuditorKey, LogKeys
    from audit.log import Log
    from audit.receipt import Receipt

__all__ = [
    "ActRefused",
    "ActUnsigned",
    "AuditError",
    "Auditor",
    "AuditorKey",
    "CannotTell",
    "Dedup",
    "DedupConflict",
    "Entry",
    "InvalidEntry",
    "KeyFileRefused",
    "Known",
    "Log",
    "LogBehind",
    "LogClosed",
    "LogDamaged",
    "LogError",
    "LogExists",
    "LogFailed",
    "LogForked",
    "LogFull",
    "LogKeys",
    "LogLate",
    "LogLocked",
    "LogMissing",
    "LogOverloaded",
    "LogUnavailable",
    "Malformed",
    "ProofInvalid",
    "Receipt",
]


_MODULES = MappingProxyType(
    {
        "Auditor": "audit.keyfiles",
        "AuditorKey": "audit.keyfiles",
        "Dedup": "audit.entry",
        "Entry": "audit.entry",
        "Known": "audit.entry",
        "Log": "audit.log",
        "LogKeys": "audit.keyfiles",
        "Receipt": "audit.receipt",
    }
)


def __getattr__(name: str) -> object:
    """Import what a writer needs where one is wanted: a verifier starts without it.

    Raises:
        AttributeError: nothing here has that name.
    """
    if name not in _MODULES:
        raise AttributeError(name)
    found: object = getattr(import_module(_MODULES[name]), name)
    globals()[name] = found
    return found
