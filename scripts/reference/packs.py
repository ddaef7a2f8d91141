"""A page for each pack: its header, its rules as sentences, and what it comes to.

The table of papers, purposes and requesters is decided by the plain reading of the
rules, on the pack's own day, over the federal pack; a lawyer can read and correct it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

from gateway.policy.law import Due, Rule
from gateway.policy.pack import Library, Pack, load_library
from gateway.policy.plain import Plain
from gateway.policy.rules import RuleText, ShownText
from gateway.policy.sentence.rule import Part, parts_of
from scripts.reference.markdown import code, page, table

__all__ = ["PACK_PAGES", "counsel_page"]

POLICIES = Path(__file__).resolve().parents[2] / "policies"

LEAD = (
    "What this pack says, as it is written in `policies/packs/{pack}`. It is a draft, "
    "not legal advice: the column *read* says how each text was checked, and no lawyer "
    "has signed. A rule known from a digest is off until an overlay's counsel turns it "
    "on. Words are those of [the vocabulary](../vocabulary.md); "
    "[case files](../case.md) try them."
)
MATRIX_LEAD = (
    "Decided as of {day} over `us-federal`, for a person who is named and asks about "
    "one other person, by purpose and requester. Papers are confirmed by their issuer "
    "and name what is asked. The record is not sealed, not a minor's, not public; no "
    "listed conviction, finding or other fact is known. Nobody has an agreement or a "
    "certification. Driver records state use b1, criminal history code c. "
    "**R** required · **P** permitted · **D** permitted, and a person or the county's "
    "policy decides · **W** waits for a person · **-** prohibited."
)
COUNSEL_LEAD = (
    "Every rule whose text was not read in full: from memory, read in part, or known "
    "from a digest (those are off). Whoever signs a pack begins here."
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


@cache
def _library() -> Library:
    return load_library(POLICIES)


def _rules(pack: str, overlay: str | None = None) -> list[Rule]:
    library = _library()
    return library.rules(library.chosen([pack], overlay))


@cache
def _every_rule(pack: str) -> dict[str, Rule]:
    """Return a pack's rules, those that are off included."""
    found = _rules(pack, "example-counsel")
    return {rule.id: rule for rule in found if rule.pack == pack}


def _page(name: str) -> str:
    pack = _library().packs[name]
    parts = [
        _header(pack),
        _rule_table(pack),
        *_clocks(pack),
        *_beside(pack),
        *_matrix(pack),
        _sentences(pack),
    ]
    title = f"{pack.text.title} ({name})"
    return page(title, LEAD.format(pack=name), *parts)


def _header(pack: Pack) -> str:
    text = pack.text
    rows = [
        ("version", text.version),
        ("as of", text.as_of),
        ("zone of its days", text.time_zone),
        ("who or why is tested", text.trigger or "local"),
        ("counts as immigration enforcement", _scope(pack)),
        ("an overlay may close more", _yes(text.local_may_restrict)),
        ("an overlay may open more", _yes(text.local_may_expand)),
        ("not beside", "; ".join(f"{b.pack} ({b.citation})" for b in text.excludes)),
        ("litigation", "; ".join(f"{c.status}: {c.case}" for c in text.litigation)),
        ("lawyer", text.verification.lawyer or "none yet"),
    ]
    shown = table(("about the pack", ""), [row for row in rows if row[1]])
    return f"{shown}\n\n{text.notes}"


def _scope(pack: Pack) -> str:
    words = _library().vocabulary.immigration_scopes
    scope = pack.text.immigration_scope
    return ", ".join(map(code, words[scope])) if scope else ""


def _yes(value: bool) -> str:  # noqa: FBT001 - one flag, as a word
    return "yes" if value else "no"


def _rule_table(pack: Pack) -> str:
    texts = {text.id: text for _, _, text in pack.rules}
    rows = [_rule_row(texts[name], rule) for name, rule in _every_rule(pack.id).items()]
    head = ("rule", "says, and rests on", "in force", "layer", "effect", "read")
    return f"## Rules\n\n{table(head, rows)}"


def _rule_row(text: RuleText, rule: Rule) -> tuple[str, ...]:
    dates = text.effective
    parts = [
        f"from {dates.from_}" if dates.from_ else "",
        f"until {dates.until}" if dates.until else "",
    ]
    effect = text.effect + (" (discretion)" if text.discretion else "")
    others = [case.effect for case in rule.cases[:-1]]
    effect += f", or {', '.join(dict.fromkeys(others))}" if others else ""
    said = f"{text.title} ({text.citation})"
    if text.succeeds:
        said += f"; until then {text.succeeds}"
    read = text.verification.status.replace("_", " ")
    if text.verification.status == "digest_only":
        read += ", off"
    if text.verification.note:
        read += f" ({text.verification.note})"
    when = " ".join(part for part in parts if part)
    return code(text.id), said, when, rule.layer.replace("_", " "), effect, read


def _clocks(pack: Pack) -> Iterator[str]:
    """Yield the duties that have a clock, a recipient or another parameter."""
    found: dict[str, list[str]] = {}
    for rule in _every_rule(pack.id).values():
        for case in rule.cases:
            dues = [
                *case.obligations,
                *(d for s in case.obligations_on.values() for d in s),
            ]
            for due in dues:
                if due.parameters:
                    rules = found.setdefault(_due(due), [])
                    rules += [rule.id] if rule.id not in rules else []
    if found:
        rows = [(duty, ", ".join(map(code, rules))) for duty, rules in found.items()]
        yield f"## Duties with clocks and reports\n\n{table(('duty', 'rules'), rows)}"


def _due(due: Due) -> str:
    told = [f"{k.replace('_', ' ')} {_value(v)}" for k, v in due.parameters]
    return f"{due.code.replace('_', ' ')}: {'; '.join(told)}"


def _value(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value)).replace("_", " ")
    return str(value).lower().replace("_", " ")


def _beside(pack: Pack) -> Iterator[str]:
    if pack.text.beside:
        rows = [(b.about, b.citation, b.why) for b in pack.text.beside]
        shown = table(("what the law also says", "citation", "why no rule"), rows)
        yield f"## Beside the rules\n\n{shown}"


def _matrix(pack: Pack) -> Iterator[str]:
    if not pack.text.shown:
        return
    stack = sorted({"us-federal", pack.id} - {"agency-default"})
    library = _library()
    plain = Plain(library.vocabulary, library.rules(library.chosen(stack, None)))
    lead = MATRIX_LEAD.format(day=pack.text.as_of)
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


def _sentences(pack: Pack) -> str:
    vocabulary = _library().vocabulary
    told = [
        f"### {rule.id}\n\n" + "\n".join(_said(parts_of(rule, vocabulary)))
        for rule in _every_rule(pack.id).values()
    ]
    return "## Each rule in sentences\n\n" + "\n\n".join(told)


def _said(parts: list[Part]) -> Iterator[str]:
    """Yield a rule's sentence, each exception below it, and what it says beside."""
    main = " ".join(p.text for p in parts if p.role in {"under", "when", "answer"})
    yield f"- {main}"
    yield from (f"    - {part.text}" for part in parts if part.role == "unless")
    yield from (f"- {part.text}" for part in parts if part.role == "beside")


def counsel_page() -> str:
    """Return the table of rules whose text was not read in full."""
    rows = [
        (code(text.id), text.citation, _status(text))
        for pack in _library().packs.values()
        for _, _, text in sorted(pack.rules, key=lambda rule: rule[2].id)
        if text.verification.status not in {"source_read", "local"}
    ]
    return page("For counsel", COUNSEL_LEAD, table(("rule", "citation", "read"), rows))


def _status(text: RuleText) -> str:
    note = f": {text.verification.note}" if text.verification.note else ""
    return text.verification.status.replace("_", " ") + note


PACK_PAGES = {
    f"packs/{path.parent.name}.md": partial(_page, path.parent.name)
    for path in sorted((POLICIES / "packs").glob("*/pack.yaml"))
}
"""The page of each pack, by its name below docs/reference."""
