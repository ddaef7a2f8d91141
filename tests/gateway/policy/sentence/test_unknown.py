"""What is not known, in words; and that the plain reading of the rule says the same."""

# ruff: noqa: ANN401 - documents made by hand hold values of any type

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.policy.law import Rule
from gateway.policy.plain import Plain
from gateway.policy.sentence.unknown import NOTHING, unknown_texts
from tests.gateway.policy.small import REVEALS, library, rule, vocabulary

CONVICTED = {"fact": "convicted", "is": True}
SEALED = {"fact": "sealed", "is": True}
PAPER = {"paper": ["warrant"], "state": "confirmed"}
OPENS_NOTHING = (
    "this rule opens nothing: the answer is what other rules say, and no if none speaks"
)


def law(root: Path, **members: Any) -> Rule:
    """Return a rule that says of every answer what it reveals."""
    found = library(root, rules={"st": [rule("st.a", reveals=REVEALS, **members)]})
    (made,) = found.rules(found.chosen(["st"], None))
    return made


def exception(effect: str, *when: dict[str, Any], **members: Any) -> dict[str, Any]:
    """Return an exception, called by its effect."""
    return {"id": effect, "when": [*when], "effect": effect, **members}


def says(made: Rule, **facts: Any) -> str:
    """Return what a rule says by the plain reading: effect and case, or nothing."""
    question = {"day": 20260120, "facts": {"purpose": "civil"}}
    ask = {"kind": "read", "use": "release"}
    plain = Plain(vocabulary(), [made])
    voice = plain.says(made, question, ask, "date", facts)
    return f"{voice.effect} {voice.case.id}".strip() if voice else ""


@pytest.mark.parametrize(
    ("effect", "members", "said", "comes"),
    [
        ("prohibit", {}, "the answer is no all the same", "prohibit"),
        (
            "prohibit",
            {"unless": [exception("permit", SEALED)]},
            "the answer is no all the same, and no exception opens it",
            "prohibit",
        ),
        (
            "prohibit",
            {"on_unknown": "review", "reviewer": "command"},
            "the answer is that command decides",
            "review",
        ),
        (
            "review",
            {
                "reviewer": "counsel",
                "unless": [exception("permit", SEALED), exception("prohibit", PAPER)],
            },
            (
                "the answer is that counsel decides, and no exception opens it;"
                " exception 2 counts all the same"
            ),
            "review",
        ),
        ("permit", {}, OPENS_NOTHING, ""),
        (
            "require",
            {
                "unless": [
                    exception("review", SEALED, reviewer="command"),
                    exception("prohibit", PAPER),
                ]
            },
            f"{OPENS_NOTHING}; exceptions 1 and 2 count all the same",
            "review review",
        ),
    ],
)
def test_where_it_is_not_known_if_a_rule_speaks(
    tmp_path: Path, effect: str, members: dict[str, Any], said: str, comes: str
) -> None:
    """What closes does so all the same, what opens does not."""
    made = law(tmp_path, effect=effect, when=[CONVICTED], **members)
    first, *_ = unknown_texts(made, vocabulary())
    assert first == f'Where it is not known whether "convicted" is true, {said}.'
    assert says(made, sealed=True) == comes
    assert not says(made, sealed=True, convicted=False)


def test_an_exception_that_opens(tmp_path: Path) -> None:
    """It does not count; the answer is the rule's, or another exception's."""
    made = law(tmp_path, unless=[exception("permit", CONVICTED, PAPER)])
    where = 'Where it is not known whether "convicted" is true (exception 1)'
    assert unknown_texts(made, vocabulary()) == [
        f"{where}, that exception does not count, and the answer is no."
    ]
    confirmed = {"paper.warrant.judge": "issuer_confirmed"}
    assert says(made, **confirmed) == "prohibit"
    assert says(made, **confirmed, convicted=True) == "permit permit"
    two = [exception("permit", CONVICTED), exception("require", SEALED)]
    looked = {"on_unknown": "review", "reviewer": "command"}
    made = law(tmp_path / "b", unless=two, **looked)
    assert unknown_texts(made, vocabulary()) == [
        (
            f'{where}; or whether "sealed" is true (exception 2), that exception does'
            " not count, and the answer is no, unless another exception holds."
        ),
    ]
    assert says(made) == "prohibit"
    assert says(made, sealed=True) == "require require"


def test_an_exception_that_prohibits(tmp_path: Path) -> None:
    """It is taken to hold."""
    made = law(tmp_path, effect="permit", unless=[exception("prohibit", CONVICTED)])
    assert unknown_texts(made, vocabulary()) == [
        (
            'Where it is not known whether "convicted" is true (exception 1), it is'
            " taken to be so, and that exception's answer, no, stands."
        ),
    ]
    assert says(made) == "prohibit prohibit"
    assert says(made, convicted=False) == "permit"


def test_an_exception_for_a_person(tmp_path: Path) -> None:
    """The person decides, unless the answer is no without the exception."""
    looks = exception("review", CONVICTED, reviewer="command")
    paper = exception("review", PAPER)
    made = law(
        tmp_path, effect="permit", unless=[looks, paper, exception("prohibit", SEALED)]
    )
    where = 'Where it is not known whether "convicted" is true (exception 1)'
    assert unknown_texts(made, vocabulary())[-1] == (
        f"{where}, the answer is no where it would be no without that exception, and"
        " else that command decides."
    )
    assert says(made, sealed=True) == "prohibit prohibit"
    assert says(made, sealed=False) == "review review"
    made = law(tmp_path / "b", effect="require", unless=[looks])
    assert unknown_texts(made, vocabulary()) == [
        f"{where}, the answer is that command decides."
    ]
    assert says(made) == "review review"


def test_what_the_rule_asks_for_is_not_said_again(tmp_path: Path) -> None:
    """An exception on the rule's own condition is known where the rule's is."""
    made = law(
        tmp_path,
        effect="review",
        when=[CONVICTED],
        unless=[exception("permit", CONVICTED)],
    )
    assert len(unknown_texts(made, vocabulary())) == 1
    assert (says(made), says(made, convicted=True)) == ("review", "permit permit")


def test_what_nobody_states(tmp_path: Path) -> None:
    """A fact with a default is never unknown; the default is told."""
    tests = [
        {"fact": "agreement", "is": "in_force"},
        {"fact": "level", "at_least": 2},
        {"fact": "agreement", "is_not": "none"},
    ]
    made = law(tmp_path, effect="permit", when=tests)
    assert unknown_texts(made, vocabulary()) == [
        'Where nothing is stated, "agreement" counts as none; and "level" counts as 0.'
    ]


def test_what_has_to_be_known(tmp_path: Path) -> None:
    """A condition that something is known reads as it not being known."""
    known = {"fact": "sealed", "known": True}
    made = law(tmp_path, effect="permit", when=[known])
    assert unknown_texts(made, vocabulary()) == [
        f'Where it is not known what "sealed" is, {OPENS_NOTHING}.'
    ]


def test_nothing_can_be_unknown(tmp_path: Path) -> None:
    """Papers, days and the purpose are always known; the rule says so."""
    tests = [PAPER, {"day": {"from": "2026-01-01"}}, {"fact": "purpose", "is": "civil"}]
    made = law(tmp_path, when=tests, unless=[exception("permit", PAPER)])
    assert unknown_texts(made, vocabulary()) == [NOTHING]
