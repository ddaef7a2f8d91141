"""What evaluates questions: bytes in, bytes out, or policy-unavailable."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import orjson

from gateway.canonical import Json
from gateway.errors import Cause, Unavailable

__all__ = ["Engine", "read_decision", "read_screen"]


class Engine(Protocol):
    """One evaluator with one bundle.

    Both methods take a canonical question and return the canonical answer, and raise
    :class:`Unavailable` (policy-unavailable) when there is no answer to believe.
    """

    @property
    def name(self) -> str:
        """The engine's name, as entries name those that agreed."""

    @property
    def revision(self) -> str:
        """The revision of the bundle it answers by."""

    async def screen(self, question: bytes) -> bytes:
        """Answer a question whose records are pending."""

    async def decide(self, question: bytes) -> bytes:
        """Answer a question that has records, each at most once."""


def read_screen(answer: bytes, revision: str, asks: int) -> list[Mapping[str, Json]]:
    """Return the rows of a screen's answer, one for each ask.

    Raises:
        Unavailable: for anything but an answer of this revision to this question.
    """
    return _rows(_document(answer, "sallyport.screen/1", revision).get("asks"), asks)


def read_decision(
    answer: bytes, revision: str, asks: int, records: int
) -> list[list[Mapping[str, Json]]]:
    """Return the rows of a decision's answer, for each record one for each ask.

    Raises:
        Unavailable: for anything but an answer of this revision to this question.
    """
    document = _document(answer, "sallyport.decision/1", revision)
    found = document.get("records")
    if not isinstance(found, list) or len(found) != records:
        raise _odd("the answer does not have one decision for each record")
    return [
        _rows(record.get("asks") if isinstance(record, dict) else None, asks)
        for record in found
    ]


def _document(answer: bytes, schema: str, revision: str) -> Mapping[str, Json]:
    try:
        document = orjson.loads(answer)
    except orjson.JSONDecodeError as error:
        raise _odd("the answer is not JSON") from error
    if not isinstance(document, dict) or document.get("schema") != schema:
        raise _odd(f"the answer is not a {schema}")
    if document.get("revision") != revision:
        raise _odd("the answer is of another revision")
    return document


def _rows(found: Json | None, asks: int) -> list[Mapping[str, Json]]:
    if not isinstance(found, list) or len(found) != asks:
        raise _odd("the answer does not have one row for each ask")
    return [_row(row) for row in found]


def _row(row: Json) -> Mapping[str, Json]:
    if not isinstance(row, dict):
        raise _odd("a row of the answer is not an object")
    return row


def _odd(detail: str) -> Unavailable:
    return Unavailable(Cause.POLICY_UNAVAILABLE, detail)
