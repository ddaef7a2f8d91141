"""A chapter: the emergency brake."""

from __future__ import annotations

from typing import Final

from gateway.demo.requests import SUBPOENAED, booking, request
from gateway.demo.scenes import Chapter, Deed, Scene

__all__ = ["BRAKE"]

BRAKE: Final = Chapter(
    title="The emergency brake",
    text="The county stops one family of agencies at once, and nobody else.",
    parts=(
        Deed(
            says="A commander cuts off everybody who does immigration enforcement.",
            command={
                "command": "cutoff-add",
                "scope": "family",
                "name": "dhs_immigration",
                "by": "commander of the demo",
            },
        ),
        Scene(
            name="hsi-asks-while-cut-off",
            expects="refused",
            requester="ice-hsi",
            says="asks for the address once more, subpoena and all.",
            body=SUBPOENAED,
        ),
        Scene(
            name="neighbour-asks-meanwhile",
            expects="released",
            requester="neighbour-sheriff",
            says="asks the jail whether Sample Person 017 is in custody.",
            body=request(
                "county-jail",
                "criminal_investigation",
                who=[booking(17)],
                fields=("custody_status",),
            ),
        ),
        Deed(
            says="Anybody may pull the brake; letting it go takes two.",
            command={"command": "draft-lift", "number": 0},
            by="commander of the demo",
        ),
    ),
)
