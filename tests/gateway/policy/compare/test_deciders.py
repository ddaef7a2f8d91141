"""Engines that are asked many questions: the same verdicts from each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from gateway.errors import Cause, Unavailable
from gateway.policy.compare.deciders import EmbeddedDecider, OpaDecider, Said
from gateway.policy.sign import signed
from tests.gateway.policy.compare.two import asked, law, side
from tests.gateway.policy.small import REVEALS, rule, vocabulary

YES, NO = {"convicted": True}, {"convicted": False}
RULES = (
    law(reach={"categories": ["date"]}),
    rule(
        "st.review",
        effect="review",
        reach={"categories": ["home"]},
        reveals=REVEALS,
        unless=[
            {"id": "s", "when": [{"fact": "sealed", "is": True}], "effect": "prohibit"}
        ],
    ),
)


def outcomes(said: list[Said]) -> list[object]:
    """Return outcomes and whether they depend on the record, without numbers."""
    return [
        None if rows is None else [[(v[0], v[2]) for v in row] for row in rows]
        for rows in said
    ]


def questions() -> list[bytes]:
    """Return questions: known, unknown, pending, of two fields, and of no words."""
    both = (("read", "release", "date"), ("read", "release", "home"))
    made = [past.question for past in asked(YES, NO, {}, None)]
    made += [past.question for past in asked(None, requester="fbi")]
    two = orjson.loads(asked(NO)[0].question)
    two["asks"][0]["categories"] = [category for _, _, category in both]
    strange = orjson.loads(made[0])
    strange["requester"] = "nobody"
    two["records"] = "pending"
    return [*made, orjson.dumps(two), orjson.dumps(strange)]


EXPECTED = [
    [[("release", False)]],
    [[("withhold", False)]],
    [[("withhold", False)]],
    [[("release", True)]],
    [[("release", True)]],
    [[("release", True), ("wait", True)]],
    [[]],
]


def test_embedded(tmp_path: Path) -> None:
    """What a record opens is open; what depends on it is as open as it may come."""
    made = side(tmp_path, *RULES)
    assert outcomes(EmbeddedDecider(made.deciding).decide(questions())) == EXPECTED


def test_no_answer_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A question to which the engine has no answer is told from one that is refused."""

    def gone(*_: object) -> bytes:
        raise Unavailable(Cause.POLICY_UNAVAILABLE, "no answer")

    decider = EmbeddedDecider(side(tmp_path, law()).deciding)
    monkeypatch.setattr("gateway.policy.embedded.EmbeddedEngine.answer", gone)
    assert decider.decide(questions()[:1]) == [None]


def test_an_answer_of_no_form_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a program answers that cannot be written out in rows is no answer."""
    answers = {"0": {"schema": "sallyport.decision/2"}}
    monkeypatch.setattr(OpaDecider, "_run", lambda *_: answers)
    decider = OpaDecider(side(tmp_path, law()).deciding, tmp_path / "opa")

    assert decider.decide(questions()[:1]) == [None]


def test_opa_says_the_same(
    tmp_path: Path, require_tool: Callable[[str], Path], pem: bytes
) -> None:
    """OPA's own engine gives the same verdicts, number by number; signed or not."""
    bundle = side(tmp_path, *RULES).deciding
    embedded = EmbeddedDecider(bundle).decide(questions())
    opa = OpaDecider(signed(bundle, pem=pem, key_id="k"), require_tool("opa"))
    assert opa.decide(questions()) == embedded
    assert vocabulary().kinds


def test_a_program_that_does_not_answer(tmp_path: Path) -> None:
    """Without an answer there is no report; the program's failure is said."""
    bundle = side(tmp_path, law()).deciding
    with pytest.raises(Unavailable, match="opa eval: FileNotFoundError"):
        OpaDecider(bundle, tmp_path / "gone").decide(questions())
    silent = tmp_path / "silent"
    silent.write_text("#!/bin/sh\necho '[{}, {}]'\n")
    silent.chmod(0o700)
    assert OpaDecider(bundle, silent).decide(questions()[:2]) == [None, None]
