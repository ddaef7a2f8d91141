"""A chapter: immigration enforcement asks, under Illinois law."""

from __future__ import annotations

from typing import Final

from gateway.demo.requests import (
    SUBPOENAED,
    booking,
    confirmation,
    detainers,
    licence,
    release,
    request,
)
from gateway.demo.scenes import Chapter, Deed, Scene

__all__ = ["IMMIGRATION"]

IMMIGRATION: Final = Chapter(
    title="Immigration enforcement asks, under Illinois law",
    text="The same rules for everybody who does this work, whatever their badge.",
    parts=(
        Scene(
            name="ero-asks-hold",
            expects="refused",
            requester="ice-ero",
            says="asks the jail to keep Sample Person 018 longer, and shows a detainer "
            "(form I-247A), which no judge has signed.",
            body=request(
                "county-jail",
                "hold_request",
                who=[booking(18)],
                kinds=("hold",),
                instruments=detainers(18),
            ),
        ),
        Scene(
            name="ero-asks-status",
            expects="waiting",
            requester="ice-ero",
            says="asks for the immigration status of Sample Person 018, and nothing "
            "else.",
            body=request(
                "county-jail",
                "immigration_civil",
                who=[booking(18)],
                fields=("immigration_status",),
            ),
        ),
        Scene(
            name="hsi-asks-driver",
            expects="refused",
            requester="ice-hsi",
            says="asks the driver records for a home address and a photograph, "
            "with no paper at all.",
            body=request(
                "county-dmv",
                "immigration_civil",
                who=[licence(31)],
                fields=("home_address", "photo"),
                statements={"dppa_use": "b1"},
            ),
        ),
        Scene(
            name="hsi-asks-driver-unchecked",
            expects="waiting",
            requester="ice-hsi",
            says="asks for the address alone, with a court's subpoena for this one "
            "record. Nobody has checked the subpoena yet.",
            body=SUBPOENAED,
        ),
        Deed(
            says="A records clerk calls the court, which says that the subpoena is "
            "its own.",
            command=confirmation("subpoena-31"),
            by="records clerk of the demo",
        ),
        Scene(
            name="hsi-asks-driver-court",
            expects="released",
            requester="ice-hsi",
            says="asks again, with the same request.",
            body=SUBPOENAED,
        ),
        Scene(
            name="deputy-asks-release",
            expects="refused",
            requester="deputy-287g",
            says="asks when Sample Person 018 goes free. The deputy is paid by the "
            "neighbouring sheriff, but works for ICE today.",
            body=release(18),
        ),
    ),
)
