"""Who asks: the requesters of the story, each with a system of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

__all__ = ["AUTHORITIES", "REQUESTERS", "Player"]

AUTHORITIES: Final = ("ice", "neighbour", "broker", "unknown")
"""The agencies' certificate authorities, by the name the configuration has."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Player:
    """One requester: how the story calls them and what their token says."""

    title: str
    authority: str
    client_id: str
    person: str
    claims: Mapping[str, object] = field(default_factory=dict)
    holds: frozenset[str] = frozenset()
    """What would change other requesters' answers and this one has already."""


REQUESTERS: Final[Mapping[str, Player]] = MappingProxyType(
    {
        "ice-ero": Player(
            title="ICE's deportation branch (ERO)",
            authority="ice",
            client_id="ice-ero-system",
            person="ero-officer-1",
            claims={"employer_ori": "DEMOERO00"},
            holds=frozenset({"agreement"}),
        ),
        "ice-hsi": Player(
            title="ICE's investigations branch (HSI)",
            authority="ice",
            client_id="ice-hsi-system",
            person="hsi-agent-1",
            claims={"employer_ori": "DEMOHSI00"},
            holds=frozenset({"agreement"}),
        ),
        "deputy-287g": Player(
            title="A neighbouring deputy on loan to ICE",
            authority="neighbour",
            client_id="neighbour-system",
            person="deputy-2",
            claims={"employer_ori": "DEMOSHF00", "assignment_ori": "DEMOERO00"},
            holds=frozenset({"agreement", "certification"}),
        ),
        "neighbour-sheriff": Player(
            title="The neighbouring sheriff",
            authority="neighbour",
            client_id="neighbour-system",
            person="deputy-1",
            claims={"employer_ori": "DEMOSHF00"},
            holds=frozenset({"agreement", "certification"}),
        ),
        "broker": Player(
            title="A data broker",
            authority="broker",
            client_id="broker-system",
            person="broker-agent-1",
        ),
        "unknown": Player(
            title="Somebody the county has never registered",
            authority="unknown",
            client_id="unknown-system",
            person="nobody-1",
        ),
    }
)
"""The requesters by the name of their folder."""
