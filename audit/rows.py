"""The rows of an answer, one for each ask, from what is said of each signature.

Rules say what they say once for all categories that the same clauses reach, and name
clauses by their digits. Older rules (``.../1``) have written the rows out themselves.
What is recorded is of the rows, so who asks a bundle again writes them out too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

__all__ = [
    "COMES_TO",
    "DECISION",
    "SCREEN",
    "Answer",
    "MayBeAsked",
    "has_schema",
    "with_rows",
]

SCREEN = "sallyport.screen/1"
DECISION = "sallyport.decision/1"
_OF_SIGNATURES = {"sallyport.screen/2": SCREEN, "sallyport.decision/2": DECISION}

Document: TypeAlias = Mapping[str, Any]
Answer: TypeAlias = dict[str, Any]
MayBeAsked: TypeAlias = Mapping[tuple[str, str], frozenset[str]]

_STAR = "*"
_CLAUSES = re.compile("(?:[1-9][0-9]{6}(?:,[1-9][0-9]{6})*)?")
COMES_TO: Mapping[str, tuple[str, str]] = {
    **dict.fromkeys(("10", "11", "12", "13", "14"), ("prohibit", "withhold")),
    **dict.fromkeys(("20", "21"), ("review", "wait")),
    "30": ("require", "release"),
    **dict.fromkeys(("40", "41"), ("permit", "wait")),
    **dict.fromkeys(("42", "43"), ("permit", "release")),
}
"""What a clause comes to, and what happens, by its digits of effect and flags.

A permit waits for a person unless the law leaves no discretion or a local government
has used it.
"""


def has_schema(answer: Document, schema: str) -> bool:
    """Tell whether an answer is of a schema, or of the one that rows are made of."""
    found = answer.get("schema")
    return isinstance(found, str) and _OF_SIGNATURES.get(found, found) == schema


def with_rows(
    answer: Document, asks: Sequence[Document], may_be_asked: MayBeAsked | None
) -> Answer:
    """Return an answer with a row for each category of the question's asks.

    A category that may not be asked has no row: rules say of it what they say of most.

    Args:
        answer: an engine's, of a schema that :func:`has_schema` knows.
        asks: the question's groups of asks.
        may_be_asked: the vocabulary's categories by kind and use; None where nothing
            was asked but by them.

    Raises:
        AttributeError, KeyError, TypeError, ValueError: it is not of the form that
            answers have.
    """
    schema = _OF_SIGNATURES.get(answer["schema"])
    if schema is None:
        return dict(answer)
    if schema == SCREEN:
        return {
            **answer,
            "schema": schema,
            "asks": _rows(answer["asks"], asks, may_be_asked),
        }
    decided = [
        {**record, "asks": _rows(record["asks"], asks, may_be_asked)}
        for record in answer["records"]
    ]
    return {**answer, "schema": schema, "records": decided}


def _rows(
    groups: Sequence[Document],
    asks: Sequence[Document],
    may_be_asked: MayBeAsked | None,
) -> list[Answer]:
    """Return the rows of all groups of asks, in the question's order."""
    if len(groups) != len(asks):
        return []
    rows: list[Answer] = []
    for group, ask in zip(groups, asks, strict=True):
        signatures, asked = group["signatures"], ask["categories"]
        if may_be_asked is not None:
            known = may_be_asked[ask["kind"], ask["use"]]
            asked = [category for category in asked if category in known]
        said = {signature: _row(each) for signature, each in group["said"].items()}
        own = {category: _row(each) for category, each in group["own"].items()}
        rows += [
            own[category]
            if category in own
            else said[signatures.get(category, signatures.get(_STAR))]
            for category in asked
        ]
    return rows


def _row(said: Document) -> Answer:
    """Return what is said of a signature as a row says it."""
    spoke = _numbers(said["said"])
    if "by" not in said:
        needs = [*map(_word, _listed(said["needs"]))]
        return {"may": _numbers(said["may"]), "said": spoke, "needs": needs}
    by = said["by"]
    (number,) = _numbers([by])
    effect, outcome = COMES_TO[by[1:3]]
    return {"by": number, "effect": effect, "outcome": outcome, "said": spoke}


def _numbers(clauses: object) -> list[int]:
    """Return the numbers that clauses' digits are; nothing else is one."""
    listed = _listed(clauses)
    if _CLAUSES.fullmatch(",".join(listed)) is None:  # TypeError for what is no text
        raise ValueError("a clause is seven digits")
    return [*map(int, listed)]


def _listed(found: object) -> list[Any]:
    if not isinstance(found, list):
        raise TypeError("what spoke is a list")
    return found


def _word(found: object) -> str:
    if not isinstance(found, str):
        raise TypeError("a clause or a fact is text")
    return found
