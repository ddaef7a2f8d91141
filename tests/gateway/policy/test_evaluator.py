"""Regorus's machine says what its interpreter says, or stops and is asked for less."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import orjson
import pytest

from audit.rows import with_rows
from gateway.canonical import canonical
from gateway.policy import Bundle
from gateway.policy.conformance import FILE
from gateway.policy.embedded import EmbeddedEngine, have_embedded
from gateway.policy.engine import NoAnswer
from gateway.policy.evaluator import DECIDE, SCREEN, Evaluator, TooLong
from gateway.policy.facade import Policy
from tests.gateway.policy.conftest import STACKS, Built

MANY = 400
BIND = b"\tcompiled = data.compiled\n"


@pytest.fixture
def stack(built: Callable[..., Built]) -> Built:
    """The law of Illinois with a county's overlay: the largest."""
    return built(("us-federal", "us-il"), "example-county")


def questions(bundle: Bundle) -> list[dict[str, Any]]:
    """Return the bundle's conformance questions."""
    document = bundle.document(FILE)
    assert isinstance(document, dict)
    found: Any = document["questions"]
    return list(found)


def long(bundle: Bundle) -> dict[str, Any]:
    """Return a question that takes more instructions than one call has."""
    known = (q for q in questions(bundle) if q["records"] != "pending")
    most = max(known, key=lambda q: len(q["asks"][0]["categories"]))
    return {**most, "records": most["records"] * MANY}


def patiently(bundle: Bundle, question: dict[str, Any]) -> dict[str, Any]:
    """Return what the interpreter says."""
    rule = SCREEN if question["records"] == "pending" else DECIDE
    said = Evaluator(bundle).patient(rule, canonical(question).decode())
    asked = bundle.vocabulary.asked
    return dict(with_rows(orjson.loads(said), question["asks"], asked))


@pytest.mark.parametrize(("packs", "overlay"), STACKS, ids=str)
def test_the_machine_says_what_the_interpreter_says(
    built: Callable[..., Built], packs: tuple[str, ...], overlay: str | None
) -> None:
    """Every conformance question of a stack is answered alike by both."""
    bundle = built(packs, overlay).bundle
    evaluator = Evaluator(bundle)
    for question in questions(bundle):
        rule = SCREEN if question["records"] == "pending" else DECIDE
        asked = canonical(question).decode()
        brief = orjson.loads(evaluator.brief(rule, asked))
        assert brief == orjson.loads(evaluator.patient(rule, asked)), question


def test_a_module_without_the_machine_is_no_engine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Another distribution's ``regorus`` has an interpreter alone."""
    assert have_embedded()
    monkeypatch.setitem(sys.modules, "regorus", ModuleType("regorus"))

    assert not have_embedded()


def test_what_takes_too_long_is_asked_in_pieces(stack: Built) -> None:
    """The machine stops; at once and by turns the engine says what is right."""
    question = long(stack.bundle)
    asked = canonical(question)
    with pytest.raises(TooLong):
        Evaluator(stack.bundle).brief(DECIDE, asked.decode())

    expected = patiently(stack.bundle, question)

    assert orjson.loads(stack.engine.answer(asked)) == expected
    assert orjson.loads(asyncio.run(stack.engine.decide(asked))) == expected


def test_what_the_machine_does_not_know_is_no_question_of_length(stack: Built) -> None:
    """Only what takes too long is asked in pieces: any other failure is one."""
    with pytest.raises(RuntimeError, match="entry point"):
        Evaluator(stack.bundle).brief("data.sallyport.fold.decided", "{}")


def test_what_stops_the_machine_is_the_interpreters(
    stack: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One row that takes too long is not refused: the interpreter has no such limit."""

    def stopped(_self: Evaluator, _rule: str, _question: str) -> str:
        raise TooLong

    screen = next(q for q in questions(stack.bundle) if q["records"] == "pending")
    engine = EmbeddedEngine(stack.bundle)
    monkeypatch.setattr(Evaluator, "brief", stopped)

    answer = orjson.loads(asyncio.run(engine.screen(canonical(screen))))

    assert answer == patiently(stack.bundle, screen)


def test_after_it_stopped_the_machine_answers_as_before(stack: Built) -> None:
    """Nothing of a question that was given up is left for the next."""
    evaluator = Evaluator(stack.bundle)
    screen = next(q for q in questions(stack.bundle) if q["records"] == "pending")
    asked = canonical(screen).decode()
    before = evaluator.brief(SCREEN, asked)
    with pytest.raises(TooLong):
        evaluator.brief(DECIDE, canonical(long(stack.bundle)).decode())

    assert evaluator.brief(SCREEN, asked) == before


def older(bundle: Bundle) -> Bundle:
    """Return a bundle whose rules bind with ``:=``, as they did before."""
    rego = {
        path: data.replace(BIND, BIND.replace(b" = ", b" := "))
        for path, data in bundle.files.items()
        if path.endswith(".rego")
    }
    assert any(b"\tcompiled := " in data for data in rego.values())
    return Bundle(files={**bundle.files, **rego})


def test_older_rules_are_the_interpreters(stack: Built) -> None:
    """A bundle that was built before is answered, and nothing of it stops early."""
    bundle = older(stack.bundle)
    asked = canonical(long(bundle)).decode()

    assert Evaluator(bundle).brief(DECIDE, asked) == Evaluator(bundle).patient(
        DECIDE, asked
    )
    assert asyncio.run(Policy(bundle=bundle).problem()) == ""


def test_older_rules_that_are_none_are_not_taken(stack: Built) -> None:
    """What the interpreter does not take is told when the bundle is loaded."""
    bundle = older(stack.bundle)
    path = "sallyport/screen.rego"
    files = {**bundle.files, path: bundle.files[path] + b"\nnonsense {\n"}

    with pytest.raises(NoAnswer, match="bundle not taken"):
        EmbeddedEngine(Bundle(files=files))


def test_an_answer_with_something_undefined_in_it_is_none(stack: Built) -> None:
    """The machine prints what is undefined as a word, deep in an answer too."""
    path = "sallyport/screen.rego"
    right, wrong = b'"asks": asks,', b'"asks": [data.nothing],'
    text = stack.bundle.files[path].replace(right, wrong, 1)
    engine = EmbeddedEngine(Bundle(files={**stack.bundle.files, path: text}))
    screen = next(q for q in questions(stack.bundle) if q["records"] == "pending")

    with pytest.raises(NoAnswer, match="undefined"):
        engine.answer(canonical(screen))


def test_answers_of_pieces_that_do_not_join_are_none(
    stack: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is not of the form of an answer stays none where it came in pieces."""

    def odd(_self: Evaluator, _rule: str, question: str) -> str:
        if len(orjson.loads(question)["records"]) > 1:
            raise TooLong
        return '{"schema":"sallyport.decision/1"}'

    engine = EmbeddedEngine(stack.bundle)
    monkeypatch.setattr(Evaluator, "brief", odd)

    with pytest.raises(NoAnswer, match="do not join"):
        engine.answer(canonical(long(stack.bundle)))


def test_an_answer_of_another_form_is_none(
    stack: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be written out in rows is not believed."""
    monkeypatch.setattr(Evaluator, "brief", lambda *_: "{}")
    screen = next(q for q in questions(stack.bundle) if q["records"] == "pending")

    with pytest.raises(NoAnswer, match="not of its form"):
        EmbeddedEngine(stack.bundle).answer(canonical(screen))
