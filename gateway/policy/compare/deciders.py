"""Who answers many questions: the embedded engine here, or OPA's own as a program."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import orjson

from audit.rows import with_rows
from gateway.errors import Cause, Unavailable
from gateway.policy.bundle import SIGNATURES, Bundle
from gateway.policy.embedded import EmbeddedEngine
from gateway.policy.parties import sent_on
from gateway.policy.screen import OUTCOMES
from gateway.policy.table import Table
from gateway.policy.vocabulary import Vocabulary

__all__ = ["Decider", "EmbeddedDecider", "OpaDecider", "Verdict"]

Verdict: TypeAlias = tuple[str, int, bool]
"""Outcome, the number of the clause that decides, and whether a record may change it.

Where it depends on a record that is pending, the outcome is the most open that is
possible.
"""
Said: TypeAlias = list[list[Verdict]] | None
"""The verdicts of each record, in the order of the asks.

None without an answer; no verdicts for a question whose words the bundle does not have.
"""

MOST_OPEN = ("release", "wait", "withhold")
QUERY = (
    "[{i: a | some i, q in input.questions; q.records == `pending`;"
    " a := data.sallyport.screen.answer with input as q},"
    " {i: a | some i, q in input.questions; q.records != `pending`;"
    " a := data.sallyport.decide.answer with input as q}]"
)


class Decider(Protocol):
    """Answers questions by one bundle, many at a time."""

    def decide(self, questions: Sequence[bytes]) -> list[Said]:
        """Return the verdicts of each question's records, in order.

        Raises:
            Unavailable: when nothing is answered at all.
        """


class _Read:
    """Reads answers by a bundle's own table of clauses."""

    def __init__(self, bundle: Bundle) -> None:
        self._table = Table(bundle.document("table/data.json"))

    def said(self, answer: Mapping[str, Any]) -> Said:
        if "records" in answer:
            return [self._rows(record["asks"]) for record in answer["records"]]
        return [self._rows(answer["asks"])]

    def _rows(self, rows: Sequence[Mapping[str, Any]]) -> list[Verdict]:
        return [
            (row["outcome"], row["by"], False) if "by" in row else self._may(row["may"])
            for row in rows
        ]

    def _may(self, numbers: Sequence[int]) -> Verdict:
        ways = [(OUTCOMES[self._table.line(n).effect], n) for n in numbers]
        outcome, number = min(ways, key=lambda way: (MOST_OPEN.index(way[0]), way[1]))
        return (outcome, number, True)


def _in_its_words(question: bytes, vocabulary: Vocabulary) -> bytes:
    """Return a past question as a bundle's own words would have it asked.

    What a recipient does not have of the requester is for them to say.
    """
    if _SENT_ON not in question:
        return question
    document = orjson.loads(question)
    asked = sent_on(document, document["recipient"], vocabulary)
    return orjson.dumps(asked, option=orjson.OPT_SORT_KEYS)


_SENT_ON = b'"recipient_facts":'


class EmbeddedDecider:
    """Asks the embedded engine, one call after the other."""

    def __init__(self, bundle: Bundle) -> None:
        """Load the bundle.

        Raises:
            Unavailable: when the engine is not there or does not take the bundle.
        """
        self._engine = EmbeddedEngine(bundle)
        self._vocabulary = bundle.vocabulary
        self._read = _Read(bundle)

    def decide(self, questions: Sequence[bytes]) -> list[Said]:
        """Return the verdicts of each question."""
        return [*map(self._one, questions)]

    def _one(self, question: bytes) -> Said:
        asked = _in_its_words(question, self._vocabulary)
        try:
            return self._read.said(orjson.loads(self._engine.answer(asked)))
        except Unavailable:
            return None


class OpaDecider:
    """Asks OPA's own engine: one run of the program ``opa`` for many questions."""

    def __init__(self, bundle: Bundle, program: Path) -> None:
        """Take the bundle and the program."""
        files = {p: data for p, data in bundle.files.items() if p != SIGNATURES}
        self._bundle = Bundle(files=files)
        self._program = program
        self._read = _Read(bundle)

    def decide(self, questions: Sequence[bytes]) -> list[Said]:
        """Return the verdicts of each question.

        Raises:
            Unavailable: when the program does not run, or says what is no answer.
        """
        with tempfile.TemporaryDirectory() as folder:
            bundle, asked = Path(folder) / "b.tar.gz", Path(folder) / "in.json"
            bundle.write_bytes(self._bundle.archive())
            words = self._bundle.vocabulary
            each = [_in_its_words(question, words) for question in questions]
            asked.write_bytes(b'{"questions":[%s]}' % b",".join(each))
            answers = self._run(bundle, asked)
        return [self._one(answers.get(str(i)), each[i]) for i in range(len(each))]

    def _run(self, bundle: Path, asked: Path) -> Mapping[str, Any]:
        command = [
            *(str(self._program), "eval", "--format", "raw"),
            *("--bundle", str(bundle), "--input", str(asked)),
            QUERY,
        ]
        try:
            done = subprocess.run(command, check=True, capture_output=True)  # noqa: S603  # a program that the officer names
            screened, decided = orjson.loads(done.stdout)
        except (OSError, subprocess.CalledProcessError, ValueError) as error:
            detail = f"opa eval: {type(error).__name__}"
            raise Unavailable(Cause.POLICY_UNAVAILABLE, detail) from error
        return {**screened, **decided}

    def _one(self, answer: Mapping[str, Any] | None, question: bytes) -> Said:
        if answer is None:
            return None
        asks, words = orjson.loads(question)["asks"], self._bundle.vocabulary
        try:
            return self._read.said(with_rows(answer, asks, words.asked))
        except (AttributeError, KeyError, TypeError, ValueError):
            return None
