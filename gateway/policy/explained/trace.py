"""The evaluator's view of a case: what it was asked, what it answered, by number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from gateway.policy.bundle import Bundle
from gateway.policy.clauses import SILENT
from gateway.policy.embedded import EmbeddedEngine
from gateway.policy.question import Question, Vector
from gateway.policy.table import Table

__all__ = ["Trace", "trace_of"]

Trace = dict[str, Any]
"""Plain data: the question's digest and text, and a row for each ask."""


def trace_of(bundle: Bundle, question: Question, vector: Vector | None) -> Trace:
    """Return what the embedded engine makes of a question, each number with its clause.

    Raises:
        Unavailable: when the engine does not answer.
    """
    asked = question.canonical if vector is None else question.with_records([vector])
    answer: dict[str, Any] = orjson.loads(EmbeddedEngine(bundle).answer(asked))
    table = Table(bundle.document("table/data.json"))
    rows = answer["asks"] if vector is None else answer["records"][0]["asks"]
    return {
        "revision": answer["revision"],
        "question": question.digest,
        "asked": orjson.loads(asked),
        "asks": [
            {"ask": list(key), **row, "clauses": [*_clauses(row, table)]}
            for key, row in zip(question.ask_keys, rows, strict=True)
        ],
    }


def _clauses(row: Mapping[str, Any], table: Table) -> Iterator[dict[str, Any]]:
    """Yield what each number of an answer stands for; the smallest counts."""
    numbers = {*row.get("said", ()), *row.get("may", ())}
    numbers |= {row["by"]} if "by" in row else set()
    for number in sorted(numbers):
        line = table.line(number)
        yield {
            "number": number,
            "layer": line.layer or "",
            "rule": line.rule.id,
            "case": line.case,
            "says": line.says,
            "by_unknown": line.by_unknown,
            "silence": number == SILENT,
        }
