"""What the tests of whole exchanges ask: each request that several of them make."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gateway.demo.papers import paper

__all__ = [
    "INVESTIGATION",
    "SHERIFF",
    "asking",
    "booking",
    "custody",
    "gang",
    "immigration_status",
    "licence",
    "release_date",
    "subpoenaed",
]

SHERIFF = "neighbour-sheriff"
"""Who asks, where nothing else is said."""
INVESTIGATION = "criminal_investigation"


def asking(asked_of: str, why: str, **more: object) -> dict[str, Any]:
    """Return a request document."""
    return {
        "schema": "sallyport.request/1",
        "dataset": asked_of,
        "kinds": ["read_fields"],
        "purpose": why,
        "case_number": "TEST-1",
        **more,
    }


def booking(number: int) -> list[dict[str, str]]:
    """Return the one subject with this booking."""
    return [{"booking_number": f"B-{number:06d}"}]


def licence(number: int) -> list[dict[str, str]]:
    """Return the one subject with this licence."""
    return [{"driver_licence_no": f"X000-0000-{number:04d}"}]


def custody(
    number: int = 17,
    why: str = INVESTIGATION,
    *,
    fields: Sequence[str] = ("custody_status",),
    **more: object,
) -> dict[str, Any]:
    """Return what a sheriff asks of one booking; as it is here, it is released."""
    return asking(
        "county-jail", why, subjects=booking(number), fields=[*fields], **more
    )


def immigration_status(number: int = 18, **more: object) -> dict[str, Any]:
    """Return what ICE asks of one booking, and a person has to decide."""
    return asking(
        "county-jail",
        "immigration_civil",
        subjects=booking(number),
        fields=["immigration_status"],
        **more,
    )


def release_date(number: int = 18) -> dict[str, Any]:
    """Return ICE's request to be told of a release, by the number of the booking."""
    return asking(
        "county-jail",
        "release_notification",
        kinds=["notify"],
        subjects=booking(number),
        fields=["release_date"],
    )


def gang(*numbers: int) -> dict[str, Any]:
    """Return a request for gang records by the numbers of their cases."""
    return asking(
        "county-gang",
        INVESTIGATION,
        subjects=[{"case_number": f"G-{number:06d}"} for number in numbers],
        fields=["gang_affiliation"],
        statements={"need_to_know": True, "right_to_know": True},
    )


def subpoenaed() -> dict[str, Any]:
    """Return a request that opens only with a court's subpoena, once confirmed."""
    return asking(
        "county-dmv",
        "immigration_civil",
        subjects=licence(31),
        fields=["home_address"],
        statements={"dppa_use": "b1"},
        instruments=[paper("subpoena-31")],
    )
