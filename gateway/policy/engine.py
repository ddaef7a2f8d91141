"""What evaluates questions: bytes in, bytes out, or policy-unavailable."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

import orjson

from audit.rows import DECISION, SCREEN
from gateway.canonical import Json, canonical
from gateway.errors import Cause, EngineFault, Unavailable

__all__ = [
    "DECISION",
    "SCREEN",
    "Engine",
    "NoAnswer",
    "Overtaken",
    "joined",
    "portions",
    "read_decision",
    "read_screen",
]

RECORDS_A_CALL = 32
"""Most records one call of an engine takes: it bounds time and size of the answer."""


class NoAnswer(Unavailable):
    """An engine gave no answer to believe; ``fault`` is the closed word for it."""

    def __init__(self, engine: str, fault: EngineFault, detail: str) -> None:
        """Keep the engine's name, the word, and a sentence free of values."""
        super().__init__(Cause.POLICY_UNAVAILABLE, f"{engine}: {detail}")
        self.engine = engine
        self.fault = fault


class Overtaken(NoAnswer):
    """The engine answers by the bundle that comes next: decide again under that."""

    def __init__(self, engine: str) -> None:
        """Keep the engine's name."""
        detail = "answers by the bundle that was activated meanwhile"
        super().__init__(engine, EngineFault.REVISION, detail)


class Engine(Protocol):
    """One evaluator with one bundle.

    Both methods take a canonical question and return the canonical answer, and raise
    :class:`NoAnswer` (policy-unavailable) when there is no answer to believe.
    """

    @property
    def name(self) -> str:
        """The engine's name, as entries name those that agreed."""

    @property
    def remote(self) -> bool:
        """Whether it is another process, which may lack the bundle or be gone."""

    @property
    def revision(self) -> str:
        """The revision of the bundle it answers by."""

    async def screen(self, question: bytes) -> bytes:
        """Answer a question whose records are pending."""

    async def decide(self, question: bytes) -> bytes:
        """Answer a question that has records, each at most once."""


def portions(question: bytes, rows: int | None = None) -> Iterator[bytes]:
    """Yield a question that has records in portions that an engine takes at once.

    Args:
        question: the canonical question.
        rows: how many rows of the answer a portion is to have at most, if it can: one
            record is the least.
    """
    document = orjson.loads(question)
    records = document["records"]
    most = RECORDS_A_CALL
    if rows is not None:
        asked = sum(len(group["categories"]) for group in document["asks"])
        most = min(most, max(1, rows // max(1, asked)))
    if len(records) <= most:
        yield question
        return
    for start in range(0, len(records), most):
        part = records[start : start + most]
        yield canonical({**document, "records": part})


def joined(answers: Sequence[Mapping[str, Json]]) -> bytes:
    """Return the canonical answer that the answers to the portions are together."""
    if len(answers) == 1:
        return canonical(answers[0])
    decided: list[Json] = []
    for answer in answers:
        found = answer.get("records")
        decided += found if isinstance(found, list) else []
    return canonical({**answers[-1], "records": decided})


def read_screen(answer: bytes, revision: str, asks: int) -> list[Mapping[str, Json]]:
    """Return the rows of a screen's answer, one for each ask.

    Raises:
        Unavailable: for anything but an answer of this revision to this question.
    """
    return _rows(_document(answer, SCREEN, revision).get("asks"), asks)


def read_decision(
    answer: bytes, revision: str, asks: int, records: int
) -> list[list[Mapping[str, Json]]]:
    """Return the rows of a decision's answer, for each record one for each ask.

    Raises:
        Unavailable: for anything but an answer of this revision to this question.
    """
    document = _document(answer, DECISION, revision)
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
