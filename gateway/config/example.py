"""The smallest configuration that means something: the rest is defaults."""

from __future__ import annotations

import copy
from collections.abc import Sequence

__all__ = ["SMALLEST", "example_at"]

SMALLEST: dict[str, object] = {
    "schema": "sallyport.config/1",
    "jurisdiction": {
        "name": "Example County",
        "time_zone": "America/Chicago",
        "packs": ["us-federal"],
    },
    "server": {
        "listen": "127.0.0.1:8443",
        "certificate": "tls/server.pem",
        "key": "tls/server.key",
        "client_cas": {"agencies": "tls/agencies.pem"},
    },
    "issuers": [
        {
            "issuer": "https://login.example",
            "audience": "https://sallyport.example",
            "discovery": "https://login.example/.well-known/openid-configuration",
        }
    ],
    "sources": {"jail": {"kind": "sqlite", "path": "databases/jail.db"}},
    "log": {
        "directory": "log",
        "origin": "sallyport.example/log",
        "keys": {"log": "keys/log", "receipt": "keys/receipt", "time": "keys/time"},
        "auditors": [{"name": "board", "key": "keys/board.pub"}],
        "witness": "none",
    },
    "state": {"key": "keys/state"},
}
"""Every required setting once; also what a mistake is replaced by, see ``repair``."""

_BUCKETS = {
    name: {"per_minute": 1, "burst": 1} for name in ("client", "agency", "family")
}

_OPA = {"token": "keys/opa.token", "signing_key": "keys/bundle.key"}

_SERVER = {"host": "db.county.example", "database": "jail", "user": "sallyport"}
"""What a source on a server needs besides, for one that lacks it."""

_NAMED = frozenset({"client_cas", "sources"})
"""Settings whose keys are names of the operator's choosing."""


def example_at(loc: Sequence[str | int]) -> object:
    """Return the example's value at a place, or None where it has none.

    Any name of the operator's stands for the example's, any item for its first.
    """
    value: object = SMALLEST | {"limits": _BUCKETS, "opa": _OPA}
    above: str | int = ""
    for part in loc:
        if isinstance(value, list):
            value = value[0]
        elif isinstance(value, dict) and above in _NAMED:
            value = next(iter(value.values()))
        elif isinstance(value, dict) and part in value:
            value = value[part]
        elif loc[0] == "sources" and part in _SERVER:
            value = _SERVER[str(part)]
        else:
            return None
        above = part
    return copy.deepcopy(value)
