"""A question in pieces that one call can answer, and their answers as one.

What is said of one record and one category depends on no other; so a question may be
asked for some records, and for some categories, and the rows put side by side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.canonical import Json

__all__ = ["halves", "together"]

Document = Mapping[str, Any]


def halves(question: Document) -> tuple[Document, Document] | None:
    """Return a question's two halves: of its records, else asks, else categories.

    None where it has one of each, or nothing at all.
    """
    records, asks = question["records"], question["asks"]
    if records != "pending" and len(records) > 1:
        one, other = _cut(records)
        return {**question, "records": one}, {**question, "records": other}
    if len(asks) > 1:
        one, other = _cut(asks)
        return {**question, "asks": one}, {**question, "asks": other}
    if asks and len(asks[0]["categories"]) > 1:
        one, other = _cut(asks[0]["categories"])
        ask = asks[0]
        return (
            {**question, "asks": [{**ask, "categories": one}]},
            {**question, "asks": [{**ask, "categories": other}]},
        )
    return None


def together(
    question: Document, one: Mapping[str, Json], other: Mapping[str, Json]
) -> dict[str, Json]:
    """Return the answer to a question from the answers to its halves.

    Raises:
        TypeError, KeyError, ValueError: an answer is not of the form that it should be.
    """
    if question["records"] == "pending":
        return {**one, "asks": _list(one["asks"]) + _list(other["asks"])}
    if len(question["records"]) > 1:
        return {**one, "records": _list(one["records"]) + _list(other["records"])}
    pairs = zip(_list(one["records"]), _list(other["records"]), strict=True)
    records: list[Json] = [{"asks": _asks(a) + _asks(b)} for a, b in pairs]
    return {**one, "records": records}


def _asks(record: Json) -> list[Json]:
    if not isinstance(record, dict):
        raise TypeError("a record of an answer is not an object")
    return _list(record["asks"])


def _list(found: Json) -> list[Json]:
    if not isinstance(found, list):
        raise TypeError("rows of an answer are not a list")
    return found


def _cut(items: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    middle = (len(items) + 1) // 2
    return [*items[:middle]], [*items[middle:]]
