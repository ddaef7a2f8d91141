"""What a pack comes to: papers by purpose and requester, decided by the plain reading.

Decided on the pack's own day, over the federal pack; a lawyer can read and correct it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gateway.policy.pack import Library, Pack
from gateway.policy.plain import Plain
from gateway.policy.rules import ShownText
from scripts.reference.markdown import table

__all__ = ["matrix"]

LEAD = (
    "Decided as of {day} over `us-federal`, for a person who is named and asks about "
    "one other person, by purpose and requester. Papers are confirmed by their issuer "
    "and name what is asked. The record is not sealed, not a minor's, not public; no "
    "listed conviction, finding or other fact is known. Nobody has an agreement or a "
    "certification. A request for driver records states the use of 18 U.S.C. "
    "2721(b)(1), one for criminal history the purpose code C. Rules that are off do "
    "not count, nor do rules that begin after that day. "
    "**R** required · **P** permitted · **D** permitted, and a person or the county's "
    "policy decides · **W** waits for a person · **-** prohibited."
)

AGENCIES = ("ice_ero", "ice_hsi", "fbi", "local_le")
PURPOSES = (
    "immigration_civil",
    "immigration_criminal_entry",
    "criminal_investigation",
)
OTHERS = (("commercial_broker", "resale_marketing"), ("public", "public_records"))
PAPERS: Mapping[str, Mapping[str, str]] = {
    "none": {},
    "I-247A": {"i247a": "immigration_officer"},
    "I-247A with I-200": {
        "i247a": "immigration_officer",
        "i200": "immigration_officer",
    },
    "I-205": {"i205": "immigration_officer"},
    "I-138": {"i138": "dhs_official"},
    "arrest warrant (AO 442)": {"ao442": "magistrate"},
    "search warrant, district judge": {"ao93": "article_iii"},
    "search warrant, magistrate": {"ao93": "magistrate"},
    "order, magistrate": {"fed_ct_order": "magistrate"},
    "subpoena, clerk (AO 89B)": {"ao89b": "court_clerk"},
    "subpoena, attorney": {"ao88b": "attorney"},
    "order of the state's court": {"state_ct_order": "state_judge"},
    "warrant of another state": {"state_ct_warrant": "other_state_judge"},
    "consent": {"consent": "subject"},
}
SIGNS = {"require": "R", "permit": "P", "review": "W", "prohibit": "-"}
KNOWN = {"sealed": False, "juvenile": False, "protected_1367": False}
FACTS = {
    "person_named": True,
    "subjects_given": True,
    "attention_given": True,
    "accessor_contact_recorded": True,
}
FACTS_OF: Mapping[str, Mapping[str, str]] = {
    "dmv": {"dppa_use": "b1"},
    "criminal_history": {"purpose_code": "c"},
}


def matrix(library: Library, pack: Pack) -> Iterator[str]:
    """Yield the tables that a pack's header asks for, under a heading."""
    if not pack.text.shown:
        return
    stack = sorted({"us-federal", pack.id} - {"agency-default"})
    plain = Plain(library.vocabulary, library.rules(library.chosen(stack, None)))
    lead = LEAD.format(day=pack.text.as_of)
    yield f"## What it comes to\n\n{lead}"
    for shown in pack.text.shown:
        rows = [
            (name, *(_cell(plain, pack, shown, papers, asked) for asked in _columns()))
            for name, papers in PAPERS.items()
        ]
        what = (
            shown.kind
            if shown.kind == shown.category
            else f"{shown.kind}, {shown.category}"
        )
        title = f"### {what} ({shown.custodian}, {shown.dataset})".replace("_", " ")
        yield f"{title}\n\n{table(('paper', *map(_column, _columns())), rows)}"


def _columns() -> list[tuple[str, str]]:
    agencies = [(requester, purpose) for requester in AGENCIES for purpose in PURPOSES]
    return [*agencies, *OTHERS]


def _column(one: tuple[str, str]) -> str:
    return f"{one[0]}: {one[1]}".replace("_", " ")


def _cell(
    plain: Plain,
    pack: Pack,
    shown: ShownText,
    papers: Mapping[str, str],
    asked: tuple[str, str],
) -> str:
    requester, purpose = asked
    question: dict[str, Any] = {
        "day": int(pack.text.as_of.replace("-", "")),
        "custodian": shown.custodian,
        "dataset": shown.dataset,
        "requester": requester,
        "facts": {**FACTS, **FACTS_OF.get(shown.dataset, {}), "purpose": purpose},
        "asks": [
            {
                "kind": shown.kind,
                "use": "release",
                "facts": {
                    f"paper.{form}.{signer}": "issuer_confirmed"
                    for form, signer in papers.items()
                },
                "categories": [shown.category],
            }
        ],
    }
    public = {shown.category: {"publicly_available": False}}
    (answer,) = plain.answers(question, {"facts": KNOWN, "categories": public})
    waits = answer.effect == "permit" and answer.outcome == "wait"
    return "D" if waits else SIGNS[answer.effect]
