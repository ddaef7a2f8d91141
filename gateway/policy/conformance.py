"""Questions whose answers are known: each engine must give them before it is used.

They are made from the law itself when a bundle is built (``conformancequestions``),
and travel in it with the digest of the answers, and with what the plain evaluator says
of them. The digest shows that an engine says what the builder's said; the plain
answers, which no evaluator computed, that the builder's was not broken already. One
question is the same in every bundle: who is not in the vocabulary gets no answer.

The revision is left out of what is digested: it is of all files, these included.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from gateway.canonical import Json, canonical, digest
from gateway.errors import EngineFault
from gateway.policy.bundle import Bundle
from gateway.policy.engine import Engine, NoAnswer
from gateway.policy.plain import Plain

__all__ = [
    "FILE",
    "UNKNOWN",
    "agrees",
    "conform",
    "digest_of",
    "plain_answer",
]

FILE = "conformance/data.json"
UNKNOWN = ""
"""The digest of answers in a bundle that was built where no engine could be asked."""

STRANGER = "nobody-we-know"
NOTHING_KNOWN: Mapping[str, Any] = {"facts": {}, "categories": {}}


async def conform(engine: Engine, bundle: Bundle) -> bool:
    """Tell whether an engine answers a bundle's conformance questions right.

    Raises:
        Unavailable: when it gives no answer; that is not a wrong one.
    """
    try:
        return await _right(engine, bundle)
    except (AttributeError, KeyError, TypeError):
        return False  # an answer of another shape is a wrong one


async def _right(engine: Engine, bundle: Bundle) -> bool:
    document = bundle.document(FILE)
    if not isinstance(document, dict) or engine.revision != bundle.revision:
        return False
    questions = document["questions"]
    if not isinstance(questions, list):
        return False
    answers: list[bytes] = []
    for question in questions:
        pending = isinstance(question, dict) and question["records"] == "pending"
        ask = engine.screen if pending else engine.decide
        answers.append(await ask(canonical(question)))
        await asyncio.sleep(0)  # others have their turn: an embedded engine never waits
    plain = document.get("plain")
    return (
        document["answers"] in {UNKNOWN, digest_of(answers)}
        and isinstance(plain, list)
        and len(plain) == len(answers)
        and all(map(agrees, answers, plain))
        and await _strangers_get_nothing(engine, questions[:2])
    )


async def _strangers_get_nothing(engine: Engine, questions: Sequence[Json]) -> bool:
    """Tell whether whoever the vocabulary doesn't have gets no answer.

    None at all, or one without rows, which is refused as it is not one for each ask.
    """
    for question in questions:
        asked: dict[str, Any] = orjson.loads(canonical(question))
        ask = engine.screen if asked["records"] == "pending" else engine.decide
        for stranger in (
            {"requester": STRANGER},
            {"recipient": STRANGER, "recipient_facts": asked["facts"]},
        ):
            try:
                if any(_rows(await ask(canonical({**asked, **stranger})))):
                    return False
            except NoAnswer as error:
                if error.fault is not EngineFault.UNDEFINED:
                    raise
    return True


def plain_answer(plain: Plain, question: Mapping[str, Any]) -> Json:
    """Return what the rules say, plainly: effects and outcomes for each record.

    For a screen, what they say of a record of which nothing is known.
    """
    pending = question["records"] == "pending"
    records = [NOTHING_KNOWN] if pending else question["records"]
    return [
        [f"{answer.effect} {answer.outcome}" for answer in plain.answers(question, one)]
        for one in records
    ]


def agrees(answer: bytes, plain: Json) -> bool:
    """Tell whether an engine's answer is what the plain evaluator says.

    A screen that leaves an ask undecided says nothing that could be compared.
    """
    rows = [[_says(row) for row in record] for record in _rows(answer)]
    if not isinstance(plain, list) or len(rows) != len(plain):
        return False
    return all(
        isinstance(said, list)
        and len(said) == len(row)
        and all(one in {"", other} for one, other in zip(row, said, strict=True))
        for row, said in zip(rows, plain, strict=True)
    )


def _rows(answer: bytes) -> list[list[Mapping[str, Json]]]:
    """Return the rows of each record, or of the one screen."""
    document = orjson.loads(answer)
    return [record["asks"] for record in document.get("records", [document])]


def _says(row: Mapping[str, Json]) -> str:
    return "" if "may" in row else f"{row['effect']} {row['outcome']}"


def digest_of(answers: Iterable[bytes]) -> str:
    """Return the digest of answers, their revision left out."""
    return digest(
        b"\n".join(canonical({**orjson.loads(a), "revision": ""}) for a in answers)
    )
