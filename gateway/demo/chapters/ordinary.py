"""A chapter: ordinary police work goes on."""

from __future__ import annotations

from typing import Final

from gateway.demo.requests import KNOWLEDGE, booking, gang_entry, request
from gateway.demo.scenes import Chapter, Scene

__all__ = ["ORDINARY"]

ORDINARY: Final = Chapter(
    title="Ordinary police work goes on",
    text="A neighbouring sheriff with an agreement asks for what sheriffs need.",
    parts=(
        Scene(
            name="neighbour-asks-custody",
            expects="partly_released",
            requester="neighbour-sheriff",
            says="asks the jail about Sample Person 017, for a burglary case: "
            "charges, custody, next court day, and the officers' notes.",
            body=request(
                "county-jail",
                "criminal_investigation",
                who=[booking(17)],
                fields=("booking_charges", "custody_status", "court_date", "notes"),
            ),
        ),
        Scene(
            name="neighbour-asks-gang-recent",
            expects="released",
            requester="neighbour-sheriff",
            says="asks the gang database about an entry last checked two years ago.",
            body=request(
                "county-gang",
                "criminal_investigation",
                who=[gang_entry(25)],
                fields=("gang_affiliation",),
                statements=KNOWLEDGE,
            ),
        ),
        Scene(
            name="neighbour-asks-gang-stale",
            expects="refused",
            requester="neighbour-sheriff",
            says="asks the same about an entry nobody has checked for over five years.",
            note="After five years 28 CFR 23.20(h) closes such an entry. The answer is "
            "the same as if there were none, so it does not even tell that.",
            body=request(
                "county-gang",
                "criminal_investigation",
                who=[gang_entry(26)],
                fields=("gang_affiliation",),
                statements=KNOWLEDGE,
            ),
        ),
        Scene(
            name="neighbour-asks-sealed",
            expects="refused",
            requester="neighbour-sheriff",
            says="asks whether Sample Person 022 is in custody. A court has sealed "
            "that record.",
            note="A sealed record is answered as if there were none. Nobody can tell "
            "this answer from the one for a number that was never given out.",
            body=request(
                "county-jail",
                "criminal_investigation",
                who=[booking(22)],
                fields=("custody_status",),
            ),
        ),
    ),
)
