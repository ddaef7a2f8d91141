"""Questions that were asked before, from whoever kept them.

Each has at most one record. A line of a JSONL file is one of: a canonical question;
``{"question": ..., "vectors": [...], "count": n}``; or an entry that an auditor opened,
which holds the same under ``replay``. Texts of canonical JSON are read like objects.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from gateway.canonical import canonical
from gateway.errors import InvalidFile, Mistake
from gateway.policy.question import Question, Vector

__all__ = ["PENDING", "Past", "past_of", "read_jsonl"]

PENDING = "pending"
SCHEMA = "sallyport.question/1"
PLACES = ("custodian", "dataset", "requester")
MANY = 2**53
"""More than a line may say that it was asked: what JSON keeps exactly."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Past:
    """One question with one record, or with its record pending; and how often."""

    question: bytes
    count: int = 1


def past_of(question: Question, vector: Vector | None) -> Past:
    """Return a question with its record."""
    if vector is None:
        return Past(question=question.canonical)
    return Past(question=question.with_records([vector]))


def read_jsonl(path: Path) -> list[Past]:
    """Read a file of questions, one a line.

    Raises:
        InvalidFile: naming each line that is no question.
    """
    found: list[Past] = []
    mistakes: list[Mistake] = []
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        problem = f"cannot be read ({error.strerror})"
        raise InvalidFile([Mistake(path=str(path), problem=problem)]) from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            found += _line(orjson.loads(line))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            problem = f"line {number} is no question: {_why(error)}"
            mistakes.append(Mistake(path=str(path), problem=problem))
    if mistakes:
        raise InvalidFile(mistakes)
    return found


def _why(error: Exception) -> str:
    """Return what is wrong with a line."""
    match error:
        case orjson.JSONDecodeError():
            return "it is no JSON"
        case KeyError():
            return f"it has no {error.args[0]}"
        case ValueError():
            return str(error)
        case _:
            return "it is of another form"


def _line(document: Any) -> Iterator[Past]:  # noqa: ANN401  # any JSON
    """Yield the questions of one line, one for each record."""
    parts = document.get("parts")
    row = parts["replay"] if isinstance(parts, dict) else document.get("replay")
    row = row if isinstance(row, dict) else document
    asked = row if row.get("schema") == SCHEMA else _object(row["question"])
    if asked["schema"] != SCHEMA or not _is_question(asked):
        raise ValueError(f"it is not of the form {SCHEMA}")
    count = row.get("count", 1)
    if not _is_number(count) or not 0 < count < MANY:
        raise ValueError("its count is no whole number from 1 on")
    records = asked["records"]
    if isinstance(row.get("vectors"), list) and row is not asked:
        records = [_object(vector) for vector in row["vectors"]] or PENDING
    if records == PENDING:
        yield Past(question=canonical({**asked, "records": PENDING}), count=count)
        return
    for record in records:
        whole = {"facts": {**record["facts"]}, "categories": {**record["categories"]}}
        yield Past(question=canonical({**asked, "records": [whole]}), count=count)


def _is_question(asked: Mapping[str, Any]) -> bool:
    """Tell whether a document has a question's form; its words are not looked at."""
    asks = asked["asks"]
    return (
        _is_number(asked["day"])
        and all(isinstance(asked[name], str) for name in PLACES)
        and isinstance(asked["facts"], dict)
        and isinstance(asks, list)
        and all(
            isinstance(ask["kind"], str)
            and isinstance(ask["use"], str)
            and isinstance(ask["facts"], dict)
            and isinstance(ask["categories"], list)
            for ask in asks
        )
    )


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _object(value: Any) -> Mapping[str, Any]:  # noqa: ANN401  # any JSON
    found: Mapping[str, Any] = orjson.loads(value) if isinstance(value, str) else value
    return found
