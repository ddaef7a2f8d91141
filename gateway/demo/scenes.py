"""The story's questions: who asks for what, word for word as it is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from gateway.demo.layout import MAIN
from gateway.demo.papers import paper

__all__ = ["CHAPTERS", "Chapter", "Deed", "Scene", "scenes"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    """One exchange of the story."""

    name: str
    """Also the request's file: ``requests/NAME.json``."""
    requester: str
    says: str
    """What is asked, in a plain sentence that follows the requester's title."""
    body: Mapping[str, Any]
    expects: str
    """The word the packs give; another one is a fault, and the demo says so."""
    county: str = MAIN
    stolen_from: str = ""
    """Whose token is shown, where it is not the requester's own."""
    note: str = ""
    """What is worth knowing about this outcome."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Deed:
    """Something the county's own people do: a command to a running gateway."""

    says: str
    command: Mapping[str, Any]
    """As it goes over the gateway's control socket."""
    county: str = MAIN


@dataclass(frozen=True, kw_only=True, slots=True)
class Chapter:
    """A few scenes and deeds under one heading."""

    title: str
    text: str
    parts: tuple[Scene | Deed, ...]


_KNOWLEDGE: Final = {"need_to_know": True, "right_to_know": True}
"""What 28 CFR 23.20(d) has whoever asks for intelligence state."""


def _request(
    dataset: str,
    purpose: str,
    *,
    who: Mapping[str, str] | None = None,
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
    if who is not None:
        body["subjects"] = [dict(who)]
    return body | more


def _booking(number: int) -> dict[str, str]:
    return {"booking_number": f"B-{number:06d}"}


def _licence(number: int) -> dict[str, str]:
    return {"driver_licence_no": f"X000-0000-{number:04d}"}


def _gang(number: int) -> dict[str, str]:
    return {"case_number": f"G-{number:06d}"}


def _detainer(number: int) -> list[dict[str, str]]:
    return [paper(f"detainer-{number}")]


def _release(number: int) -> dict[str, Any]:
    """Return the request that is made in three states: the same bytes each time."""
    return _request(
        "county-jail",
        "release_notification",
        who=_booking(number),
        kinds=("notify",),
        fields=("release_date", "home_address"),
        instruments=_detainer(number),
    )


def _confirmed(name: str) -> dict[str, str]:
    """Return the command that records a paper as confirmed by its issuer."""
    return {
        "command": "instrument-confirm",
        "document": paper(name)["document_sha256"],
        "by": "records clerk of the demo",
    }


_SUBPOENAED: Final = _request(
    "county-dmv",
    "immigration_civil",
    who=_licence(31),
    fields=("home_address",),
    statements={"dppa_use": "b1"},
    instruments=[paper("subpoena-31")],
)

_ORDINARY = Chapter(
    title="Ordinary police work goes on",
    text="A neighbouring sheriff with an agreement asks for what sheriffs need.",
    parts=(
        Scene(
            name="neighbour-asks-custody",
            expects="partly_released",
            requester="neighbour-sheriff",
            says="asks the jail about Sample Person 017, for a burglary case: "
            "charges, custody, next court day, and the officers' notes.",
            body=_request(
                "county-jail",
                "criminal_investigation",
                who=_booking(17),
                fields=("booking_charges", "custody_status", "court_date", "notes"),
            ),
        ),
        Scene(
            name="neighbour-asks-gang-recent",
            expects="released",
            requester="neighbour-sheriff",
            says="asks the gang database about an entry last checked two years ago.",
            body=_request(
                "county-gang",
                "criminal_investigation",
                who=_gang(25),
                fields=("gang_affiliation",),
                statements=_KNOWLEDGE,
            ),
        ),
        Scene(
            name="neighbour-asks-gang-stale",
            expects="refused",
            requester="neighbour-sheriff",
            says="asks the same about an entry nobody has checked for over five years.",
            note="The answer is the same as if there were no such entry.",
            body=_request(
                "county-gang",
                "criminal_investigation",
                who=_gang(26),
                fields=("gang_affiliation",),
                statements=_KNOWLEDGE,
            ),
        ),
    ),
)

_IMMIGRATION = Chapter(
    title="Immigration enforcement asks, under Illinois law",
    text="The same rules for everybody who does this work, whatever their badge.",
    parts=(
        Scene(
            name="ero-asks-release",
            expects="refused",
            requester="ice-ero",
            says="asks the jail when Sample Person 018 goes free and where they "
            "live, and shows a detainer (form I-247A), which no judge has signed.",
            body=_release(18),
        ),
        Scene(
            name="ero-asks-hold",
            expects="refused",
            requester="ice-ero",
            says="asks the jail to keep Sample Person 018 longer on that detainer.",
            body=_request(
                "county-jail",
                "hold_request",
                who=_booking(18),
                kinds=("hold",),
                instruments=_detainer(18),
            ),
        ),
        Scene(
            name="ero-asks-status",
            expects="waiting",
            requester="ice-ero",
            says="asks for the immigration status of Sample Person 018, and nothing "
            "else.",
            body=_request(
                "county-jail",
                "immigration_civil",
                who=_booking(18),
                fields=("immigration_status",),
            ),
        ),
        Scene(
            name="hsi-asks-driver",
            expects="refused",
            requester="ice-hsi",
            says="asks the driver records for a home address and a photograph, "
            "with no paper at all.",
            body=_request(
                "county-dmv",
                "immigration_civil",
                who=_licence(31),
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
            body=_SUBPOENAED,
        ),
        Deed(
            says="A records clerk of the county calls the court and confirms the "
            "subpoena.",
            command=_confirmed("subpoena-31"),
        ),
        Scene(
            name="hsi-asks-driver-court",
            expects="released",
            requester="ice-hsi",
            says="asks again, with the same request.",
            body=_SUBPOENAED,
        ),
        Scene(
            name="deputy-asks-release",
            expects="refused",
            requester="deputy-287g",
            says="asks when Sample Person 018 goes free. The deputy is paid by the "
            "neighbouring sheriff, but works for ICE today.",
            body=_release(18),
        ),
    ),
)

_OTHERS = Chapter(
    title="Others at the door",
    text="A company, a stranger, and a thief.",
    parts=(
        Scene(
            name="broker-asks-everybody",
            expects="refused",
            requester="broker",
            says="wants the names and addresses of all drivers, to sell them on.",
            body=_request(
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
            body=_request(
                "county-jail",
                "criminal_investigation",
                who=_booking(17),
                fields=("custody_status",),
            ),
        ),
        Scene(
            name="thief-shows-token",
            expects="not_authenticated",
            requester="broker",
            stolen_from="neighbour-sheriff",
            says="shows a token that was issued to the neighbouring sheriff.",
            body=_request(
                "county-jail",
                "criminal_investigation",
                who=_booking(17),
                fields=("custody_status",),
            ),
        ),
    ),
)

_STATES = Chapter(
    title="One question, three states",
    text="ICE sends the same request to three counties: when does this person go "
    "free, and where do they live? It shows the same detainer each time.",
    parts=(
        Scene(
            name="illinois-release",
            expects="refused",
            county="illinois",
            requester="ice-ero",
            says="asks in Illinois, about somebody convicted of a serious felony.",
            body=_release(18),
        ),
        Scene(
            name="california-release-convicted",
            expects="partly_released",
            county="california",
            requester="ice-ero",
            says="asks in California, about the same person.",
            body=_release(18),
        ),
        Scene(
            name="california-release-ordinary",
            expects="waiting",
            note="Whoever gets nothing waits, also where there is nobody of that "
            "number: refusing at once would tell who has no such conviction.",
            county="california",
            requester="ice-ero",
            says="asks in California, about somebody without such a conviction.",
            body=_release(17),
        ),
        Deed(
            says="In Texas a records clerk calls the ICE office that signed the "
            "detainer and confirms it.",
            command=_confirmed("detainer-18"),
            county="texas",
        ),
        Scene(
            name="texas-release",
            expects="partly_released",
            county="texas",
            requester="ice-ero",
            says="asks in Texas, about the same person.",
            body=_release(18),
        ),
    ),
)

_BRAKE = Chapter(
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
            body=_SUBPOENAED,
        ),
        Scene(
            name="neighbour-asks-meanwhile",
            expects="released",
            requester="neighbour-sheriff",
            says="asks the jail whether Sample Person 017 is in custody.",
            body=_request(
                "county-jail",
                "criminal_investigation",
                who=_booking(17),
                fields=("custody_status",),
            ),
        ),
        Deed(
            says="The commander lifts the cut-off.",
            command={
                "command": "cutoff-lift",
                "number": 0,
                "by": "commander of the demo",
            },
        ),
    ),
)

CHAPTERS: Final = (_ORDINARY, _IMMIGRATION, _OTHERS, _STATES, _BRAKE)
"""The story, in order."""


def scenes() -> tuple[Scene, ...]:
    """Return every scene of the story, in order."""
    parts = (part for chapter in CHAPTERS for part in chapter.parts)
    return tuple(part for part in parts if isinstance(part, Scene))
