"""Makes docs/reference/scenario-words.md from the table of words.

``python -m tests.policies.words_page`` writes it; a test says when it is stale.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.policies.casebook import cases, words

__all__ = ["PAGE", "page"]

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "scenario-words.md"

INTRODUCTION = """\
# Words of the worked scenarios

Lawyers and officers write a scenario in prose: who asks, for what, on which paper.
A case file writes it in the words of `policies/vocabulary.yaml`. This page says which
word of the prose is read as which word of the vocabulary; it is made from
`policies/scenario-words.yaml`, and tests hold the case files to it.

An effect is the effect of the law before a local government uses its discretion.
Facts that the law needs and the prose leaves out are in the case file: when a record
was validated, that an agreement is in force. That a record is sealed, or a minor's, or
of a victim, a case file says where it is so.
"""

PARTS = {
    "effects": "What the scenario comes to",
    "requesters": "Who asks",
    "purposes": "Why",
    "instruments": "On which paper",
    "datasets": "Of which dataset",
    "data": "For what",
    "obligations": "What must be done",
}


def page() -> str:
    """Return the page as it should be."""
    return "\n".join([INTRODUCTION, *_tables(), *_unmapped(), *_facts(), *_rows()])


def _tables() -> Iterator[str]:
    for part, title in PARTS.items():
        yield f"## {title}\n"
        yield "| prose | vocabulary |\n| --- | --- |"
        for prose, read in words()[part].items():
            yield f"| {_cell(prose)} | {_read(read)} |"
        yield ""


def _unmapped() -> Iterator[str]:
    for prose, why in words()["unmapped"].items():
        yield f"*{prose}*: {why}\n"


def _facts() -> Iterator[str]:
    for row, papers in words()["papers"].items():
        listed = papers if isinstance(papers, list) else []
        yield f"*{row}*: the consent is a paper, {', '.join(map(_code, listed))}.\n"
    yield "## What the prose says of the record or the request\n"
    yield "| scenario | facts |\n| --- | --- |"
    for row, facts in words()["facts"].items():
        if isinstance(facts, dict) and facts:
            said = ", ".join(f"`{name}: {_value(v)}`" for name, v in facts.items())
            yield f"| {row} | {said} |"
    yield ""


def _rows() -> Iterator[str]:
    yield "## Case files\n"
    yield "| scenario | what it is about | effect | file |\n| --- | --- | --- | --- |"
    for name, case in sorted(cases().items()):
        if case.source is not None:
            effect = case.expect.effect
            yield f"| {case.id} | {case.title} | {effect} | `policies/{name}` |"
    yield ""


def _code(word: object) -> str:
    return f"`{word}`"


def _cell(prose: str) -> str:
    return prose.replace("|", "\\|") if prose != "-" else "(nothing)"


def _read(read: object) -> str:
    listed = read if isinstance(read, list) else []
    return ", ".join(f"`{word}`" for word in listed) or "(nothing)"


def _value(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
