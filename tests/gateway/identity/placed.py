"""Who asks, by the registry: a listed deputy, and what claims come to at a time."""

from __future__ import annotations

import datetime as dt

from gateway.identity import AgencyRegistry, Requester, person_digest
from gateway.identity.claims import Claims
from tests.gateway.identity.world import CHICAGO, ISSUER, NOW_MS

__all__ = ["LISTED", "SHERIFF", "at", "claims", "resolved"]

DEPUTY = person_digest(ISSUER, "deputy-9")
LISTED = f"""
  - id: jail-model
    agency: sheriff
    to: ice
    ori: DCICE00E0
    class: local_le_287g_jem
    acting_under: federal_287g
    from: 2026-01-01
    until: 2027-01-01
    people: [{DEPUTY}]
"""
SHERIFF = {"client_id": "sheriff-system", "employer_ori": "IL0990000"}


def claims(**changes: object) -> Claims:
    """Claims of a system."""
    base: dict[str, object] = {
        "issuer": ISSUER,
        "client_id": "ice-ero-system",
        "subject": "person-17",
        "token_id": "token-1",
        "issued_at": 0,
        "expires_at": 600,
        "thumbprint": "",
        **changes,
    }
    return Claims(**base)  # type: ignore[arg-type] # names and values by the tests


def resolved(
    registry: AgencyRegistry, now_ms: int = NOW_MS, /, **changes: object
) -> Requester:
    """Who these claims are."""
    return registry.resolve(claims(**changes), "ab" * 32, now_ms)


def at(text: str) -> int:
    """A wall time in Chicago, as Unix ms."""
    moment = dt.datetime.fromisoformat(text).replace(tzinfo=CHICAGO)
    return int(moment.timestamp()) * 1000
