"""A chapter: others at the door."""

from __future__ import annotations

from typing import Final

from gateway.demo.requests import booking, request
from gateway.demo.scenes import Chapter, Scene

__all__ = ["OTHERS"]

OTHERS: Final = Chapter(
    title="Others at the door",
    text="A company, a stranger, and a thief.",
    parts=(
        Scene(
            name="broker-asks-everybody",
            expects="refused",
            requester="broker",
            says="wants the names and addresses of all drivers, to sell them on.",
            body=request(
                "county-dmv",
                "resale_marketing",
                kinds=("bulk_export",),
                fields=("name", "home_address"),
                statements={"dppa_use": "b3"},
                limit=100,
            ),
        ),
        Scene(
            name="stranger-asks-custody",
            expects="refused",
            requester="unknown",
            says="asks whether Sample Person 017 is in custody. Certificate and "
            "token are genuine; the county just does not know the agency.",
            body=request(
                "county-jail",
                "criminal_investigation",
                who=[booking(17)],
                fields=("custody_status",),
            ),
        ),
        Scene(
            name="thief-shows-token",
            expects="not_authenticated",
            requester="broker",
            stolen_from="neighbour-sheriff",
            says="shows a token that was issued to the neighbouring sheriff.",
            body=request(
                "county-jail",
                "criminal_investigation",
                who=[booking(17)],
                fields=("custody_status",),
            ),
        ),
    ),
)
