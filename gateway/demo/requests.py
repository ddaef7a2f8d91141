"""The requests of the story, word for word as they are sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from gateway.demo.papers import paper

__all__ = [
    "KNOWLEDGE",
    "SUBPOENAED",
    "booking",
    "confirmation",
    "detainers",
    "gang_entry",
    "licence",
    "release",
    "request",
]

KNOWLEDGE: Final = {"need_to_know": True, "right_to_know": True}
"""What 28 CFR 23.20(d) has whoever asks for intelligence state."""


def request(
    dataset: str,
    purpose: str,
    *,
    who: Sequence[Mapping[str, str]] = (),
    kinds: Sequence[str] = ("read_fields",),
    fields: Sequence[str] = (),
    **more: object,
) -> dict[str, Any]:
    """Return a request document (``sallyport.request/1``)."""
    body: dict[str, Any] = {
        "schema": "sallyport.request/1",
        "dataset": dataset,
        "kinds": list(kinds),
        "purpose": purpose,
        "case_number": "DEMO-2026-0001",
    }
    if fields:
        body["fields"] = list(fields)
    if who:
        body["subjects"] = [dict(one) for one in who]
    return body | more


def booking(number: int) -> dict[str, str]:
    """Return the selector of a jail booking."""
    return {"booking_number": f"B-{number:06d}"}


def licence(number: int) -> dict[str, str]:
    """Return the selector of a driver record."""
    return {"driver_licence_no": f"X000-0000-{number:04d}"}


def gang_entry(number: int) -> dict[str, str]:
    """Return the selector of a gang entry."""
    return {"case_number": f"G-{number:06d}"}


def detainers(number: int) -> list[dict[str, str]]:
    """Return the papers of a request that shows a detainer for this person."""
    return [paper(f"detainer-{number}")]


def release(number: int, *others: int) -> dict[str, Any]:
    """Return the request that is made in three states: the same bytes each time.

    It shows a detainer for the one person; a paper is held against one person, so
    a request for several shows none.
    """
    papers = {} if others else {"instruments": detainers(number)}
    return request(
        "county-jail",
        "release_notification",
        who=[booking(one) for one in (number, *others)],
        kinds=("notify",),
        fields=("release_date", "home_address"),
        **papers,
    )


def confirmation(name: str) -> dict[str, str]:
    """Return the command that drafts the act by which a paper is confirmed."""
    return {"command": "draft-paper", "document": paper(name)["document_sha256"]}


SUBPOENAED: Final = request(
    "county-dmv",
    "immigration_civil",
    who=[licence(31)],
    fields=("home_address",),
    statements={"dppa_use": "b1"},
    instruments=[paper("subpoena-31")],
)
