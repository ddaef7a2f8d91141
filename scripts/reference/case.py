"""The page of case files, and their JSON Schema."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gateway.policy.case import case_schema
from scripts.reference import markdown
from scripts.reference.markdown import code, table

__all__ = ["page", "schema"]

LEAD = (
    "A case is one question with what it should come to: the packs, a day, who asks, "
    "what for, on what papers, and what is known about the record. "
    "`sallyport policy decide` decides one and prints both renderings; "
    "`sallyport policy test` compares cases with what they expect. No server is "
    "needed. [The JSON Schema](case.schema.json) is for editors. Words are those of "
    "[the vocabulary](vocabulary.md). [How to try a rule](../how-to/try-a-rule.md) "
    "writes one."
)
MEANINGS: Mapping[str, str] = {
    "schema": "The format of this file.",
    "id": "A name that is unique among the cases.",
    "title": "What it is about, in a few words.",
    "packs": "The packs in force; the agency's default always lies below.",
    "overlay": "The overlay on top, if there is one.",
    "day": "The law's day in the jurisdiction's zone, YYYY-MM-DD.",
    "custodian": "The type of custodian asked.",
    "dataset": "The kind of dataset asked.",
    "request": "What is asked.",
    "requester": "Who asks, as the registry would say.",
    "papers": "The papers at hand.",
    "facts": "Facts about the record, by name, or `pending` for the screen only.",
    "category_facts": "Facts about one category of the record, by category:"
    " `{release_date: {publicly_available: true}}`.",
    "expect": "What it should come to; all that is written must hold.",
    "source": "Where the case is from: words by name, `{law: section 4}`.",
    "disputed": "Why the expectation may be wrong, with its source.",
    "notes": "Anything worth saying to who reads it.",
    "effect": "The law's word, for every category or by category.",
    "outcome": "What happens after the county's choice; likewise.",
    "obligations": "Obligations that must be among those due, by code.",
    "reasons": "Reasons that must be among those given, by code.",
    "reviewer": "Who has to look.",
}


def schema() -> str:
    """Return the JSON Schema of a case file."""
    return json.dumps(case_schema(), indent=2, sort_keys=True)


def page() -> str:
    """Return the members of a case file and of its parts."""
    document: dict[str, Any] = case_schema()
    head = ("member", "needed", "means")
    parts = [("A case", document), *sorted(document["$defs"].items())]
    written = []
    for name, part in parts:
        title = name.removesuffix("Text")
        lead = "" if name == "A case" else f"{part.get('description', '')}\n\n"
        written.append(f"## {title}\n\n{lead}{table(head, _rows(part))}")
    return markdown.page("Case files", LEAD, *written)


def _rows(part: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    needed = part.get("required", [])
    for name, member in part["properties"].items():
        meaning = member.get("description") or MEANINGS[name]
        words = ", ".join(map(code, _closed(member)))
        yield (
            code(name),
            "yes" if name in needed else "",
            f"{meaning} One of {words}." if words else meaning,
        )


def _closed(member: Mapping[str, Any]) -> Sequence[str]:
    """Return the words that a member may be, where the format itself lists them."""
    found = (part.get("enum", []) for part in (member, *member.get("anyOf", [])))
    return next((words for words in found if words), [])
