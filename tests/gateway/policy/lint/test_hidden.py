"""What never decides, seen by form; and that nothing is said which is not so."""

# ruff: noqa: ANN401 - documents made by hand hold values of any type

from __future__ import annotations

from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import pytest

from gateway.policy.law import Rule
from gateway.policy.lint.hidden import hidden
from gateway.policy.plain import Plain
from gateway.policy.plainfold import Answer
from tests.gateway.policy.small import REVEALS, library, rule, vocabulary

TRUE: dict[str, Any] = {"fact": "convicted", "is": True}
FALSE: dict[str, Any] = {"fact": "convicted", "is": False}
WARRANT: dict[str, Any] = {"paper": ["warrant"], "state": "confirmed"}
ANY_WARRANT: dict[str, Any] = {"paper": ["warrant"], "state": "presented"}


def case(name: str, effect: str, *when: Any, **members: Any) -> dict[str, Any]:
    """Return an exception."""
    return {"id": name, "when": list(when), "effect": effect, **members}


def rules_of(tmp_path: Path, *rules: dict[str, Any]) -> list[Rule]:
    """Return rules with their words looked up."""
    found = library(tmp_path, rules={"st": rules})
    return found.rules(found.chosen(["st"], None))


def said(tmp_path: Path, *rules: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return what is found: code, path inside the file, problem."""
    return [
        (mistake.code, mistake.path.partition("yaml:")[2], mistake.problem)
        for mistake in hidden(rules_of(tmp_path, *rules), vocabulary())
    ]


def test_nothing(tmp_path: Path) -> None:
    """Ordinary exceptions are not found wanting."""
    law = rule("st.a", unless=[case("c", "permit", TRUE, WARRANT)])
    assert said(tmp_path, law, rule("st.b")) == []


def test_a_purpose_that_is_not_reached(tmp_path: Path) -> None:
    """Neither by the rule's conditions nor by an exception's."""
    crime = {"fact": "purpose", "is": "crime"}
    laws = [
        rule("st.a", reach={"purposes": ["civil"]}, when=[crime]),
        rule(
            "st.b", reach={"purposes": ["civil"]}, unless=[case("c", "permit", crime)]
        ),
        rule("st.c", reach={"purposes": ["civil", "crime"]}, when=[crime]),
        rule("st.d", unless=[case("c", "permit", crime)]),
    ]
    assert [(code, where) for code, where, _ in said(tmp_path, *laws)] == [
        ("never_holds", "0(st.a).when"),
        ("never_holds", "1(st.b).unless.c.when"),
    ]


def test_a_reach_that_no_kind_has(tmp_path: Path) -> None:
    """A hold is asked for no date: such a rule would reach nothing."""
    odd = rule("st.a", reach={"kinds": ["hold"], "categories": ["date"]})
    assert said(tmp_path, odd) == [("unreachable", "0(st.a).reach", "reaches nothing")]


def test_never_holds(tmp_path: Path) -> None:
    """Two tests of one fact, the rule's own condition, its dates, and no value left."""
    dates = {"from": "2026-01-01"}
    laws = [
        rule("st.a", unless=[case("c", "permit", TRUE, FALSE)]),
        rule("st.b", when=[TRUE], unless=[case("c", "permit", FALSE)]),
        rule("st.c", effective=dates, when=[{"day": {"until": "2025-01-01"}}]),
        rule("st.d", when=[{"fact": "agreement", "not_in": ["none", "in_force"]}]),
    ]
    assert said(tmp_path, *laws) == [
        (
            "never_holds",
            "0(st.a).unless.c.when",
            '"convicted" is true and "convicted" is false: both can never be so',
        ),
        (
            "never_holds",
            "1(st.b).unless.c.when",
            '"convicted" is false and "convicted" is true: both can never be so',
        ),
        (
            "never_holds",
            "2(st.c).when",
            (
                "the day is before 1 January 2025 and the day is from 1 January"
                " 2026 on:"
                " both can never be so"
            ),
        ),
        (
            "never_holds",
            "3(st.d).when.0",
            "no value is left: agreement can be nothing else",
        ),
    ]


def test_always_holds(tmp_path: Path) -> None:
    """A test of nothing is named with its words."""
    law = rule("st.a", when=[{"fact": "agreement", "in": ["none", "in_force"]}])
    assert said(tmp_path, law) == [
        (
            "always_holds",
            "0(st.a).when.0",
            '"agreement" is anything known: it always is',
        )
    ]


def test_exception_behind_another(tmp_path: Path) -> None:
    """An exception is hidden by one that holds wherever it does."""
    law = rule(
        "st.a",
        unless=[
            case("first", "permit", ANY_WARRANT),
            case("later", "require", WARRANT, TRUE),
        ],
    )
    assert said(tmp_path, law) == [
        (
            "unreachable",
            "0(st.a).unless.later",
            "exception later never decides: wherever it holds, first does",
        )
    ]


def test_own_effect_never_stands(tmp_path: Path) -> None:
    """An exception that holds whenever the rule speaks leaves it nothing to say."""
    law = rule("st.a", when=[WARRANT], unless=[case("c", "permit", ANY_WARRANT)])
    assert said(tmp_path, law) == [
        (
            "unreachable",
            "0(st.a)",
            "the rule's own effect never decides: wherever it holds, c does",
        )
    ]


def test_unknown_keeps_a_closing_case_alive(tmp_path: Path) -> None:
    """A prohibition that holds by what is unknown is not behind a permit."""
    alive = rule(
        "st.a",
        effect="permit",
        unless=[case("open", "permit", TRUE), case("shut", "prohibit", TRUE)],
    )
    dead = rule(
        "st.b",
        effect="permit",
        unless=[case("shut", "prohibit", TRUE), case("look", "review", TRUE)],
    )
    looked = rule(
        "st.c",
        effect="permit",
        unless=[
            case("look", "prohibit", TRUE, on_unknown="review"),
            case("shut", "prohibit", TRUE),
        ],
    )
    by_purpose = rule(
        "st.d",
        effect="permit",
        reach={"purposes": ["civil"]},
        unless=[case("open", "permit", WARRANT), case("shut", "prohibit", WARRANT)],
    )
    by_paper = rule(
        "st.e",
        effect="permit",
        unless=[case("open", "permit", WARRANT), case("shut", "prohibit", WARRANT)],
    )
    assert [where for _, where, _ in said(tmp_path, alive, looked, by_purpose)] == []
    assert [where for _, where, _ in said(tmp_path, dead, by_paper)] == [
        "0(st.b).unless.look",
        "1(st.e).unless.shut",
    ]


WIDE = rule("st.wide", effect="prohibit")
NARROW = rule("st.narrow", effect="permit", reach={"categories": ["home"]})


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        ({"when": [TRUE]}, {}),
        ({"unless": [case("c", "permit", TRUE)]}, {}),
        ({"effective": {"from": "2020-01-01"}}, {}),
        ({"effective": {"until": "2020-01-01"}}, {}),
        ({"reach": {"requesters": ["ice"]}}, {}),
        ({"reach": {"purposes": ["civil"]}}, {}),
        ({"reach": {"categories": ["date"]}}, {}),
        ({"reach": {"categories": ["home", "date"]}}, {"reach": {"use": ["match"]}}),
        ({"reach": {"not_categories": ["home"]}}, {}),
        ({"reach": {"categories": ["home"]}}, {"reach": {"kinds": ["read"]}}),
        ({}, {"reach": {"categories": ["home", "record_exists"]}}),
        ({}, {"reach": {"kinds": ["hold"]}}),
        ({"layer": "federal_permission"}, {}),
        ({}, {"effect": "prohibit"}),
        ({}, {"unless": [case("c", "require", TRUE)]}),
        (
            {"layer": "record_bar", "overridable_by": ["warrant"]},
            {"layer": "record_bar"},
        ),
    ],
)
def test_not_shadowed(
    tmp_path: Path, wide: dict[str, Any], narrow: dict[str, Any]
) -> None:
    """Whatever leaves a question to the other rule, it is not overruled."""
    assert said(tmp_path, {**WIDE, **wide}, {**NARROW, **narrow}) == []


def test_shadowed(tmp_path: Path) -> None:
    """A permit below a prohibition of its layer that takes in all of it."""
    assert said(tmp_path, WIDE, NARROW) == [
        (
            "shadowed",
            "1(st.narrow)",
            "never decides: st.wide prohibits all that it reaches",
        )
    ]


def test_shadowed_by_a_named_reach(tmp_path: Path) -> None:
    """Named categories take in fewer of them."""
    wide = {**WIDE, "reach": {"categories": ["home", "date"]}}
    assert len(said(tmp_path, wide, NARROW)) == 1


CONDITIONS: tuple[dict[str, Any], ...] = (
    TRUE,
    FALSE,
    {"fact": "convicted", "known": True},
    {"fact": "level", "at_least": 1},
    {"fact": "level", "at_least": 2},
    {"fact": "level", "at_most": 1},
    {"fact": "level", "is": 2},
    {"fact": "level", "is_not": 2},
    {"fact": "validated_on", "before": "2021-01-20"},
    {"fact": "validated_on", "before_years": 5},
    {"fact": "validated_on", "before_years": 3},
    {"fact": "validated_on", "within_years": 5},
    WARRANT,
    ANY_WARRANT,
    {"paper": ["warrant"], "by": ["judge"], "state": "confirmed"},
    {"no_paper": ["warrant"], "state": "presented"},
    {"no_paper": ["warrant"], "by": ["judge"], "state": "confirmed"},
    {"day": {"from": "2026-01-01"}},
    {"day": {"until": "2026-01-01"}},
)


def drawn(rng: Random, number: int) -> dict[str, Any]:
    """Return a rule with a few exceptions."""
    effects = ("prohibit", "permit", "review", "require")
    return rule(
        f"st.r{number}",
        effect=rng.choice(effects),
        when=rng.sample(CONDITIONS, rng.randrange(2)),
        reveals=REVEALS,
        unless=[
            case(
                f"c{i}",
                rng.choice(effects),
                *rng.sample(CONDITIONS, rng.randrange(1, 3)),
                on_unknown=rng.choice(["prohibit", "review"]),
            )
            for i in range(rng.randrange(1, 4))
        ],
    )


def every_answer(law: Rule) -> list[Answer]:
    """Return the answers of one rule to every question it can tell apart."""
    plain = Plain(vocabulary(), [law])
    answers = []
    for convicted, level, validated, judge, clerk, day in product(
        (None, True, False),
        (None, 0, 1, 2, 3),
        (None, 20200101, 20210120, 20220101, 20240101),
        ("absent", "unverified", "issuer_confirmed"),
        ("absent", "issuer_confirmed"),
        (20250601, 20260120),
    ):
        facts = {"convicted": convicted, "level": level, "validated_on": validated}
        known = {name: value for name, value in facts.items() if value is not None}
        papers = {"paper.warrant.judge": judge, "paper.warrant.clerk": clerk}
        ask = {"kind": "read", "use": "release", "categories": ["date"]}
        question = {
            "custodian": "sheriff",
            "dataset": "jail",
            "requester": "ice",
            "day": day,
            "facts": {"purpose": "civil", "level": "unknown"},
            "asks": [{**ask, "facts": papers}],
        }
        answers += plain.answers(question, {"facts": known, "categories": {}})
    return answers


def test_what_is_said_is_so(tmp_path: Path) -> None:
    """Of rules drawn at random, what is called hidden decides no question there is."""
    rng = Random(7)  # noqa: S311 - the same rules each time
    laws = rules_of(tmp_path, *(drawn(rng, i) for i in range(40)))
    claims = list(hidden(laws, vocabulary()))
    checked = 0
    for law in laws:
        named = {
            case.id
            for case in law.cases
            for mistake in claims
            if mistake.code == "unreachable"
            and mistake.path
            == (f"{law.file}.unless.{case.id}" if case.id else law.file)
        }
        if named:
            spoke = {c for answer in every_answer(law) for _, c, _ in answer.spoke}
            assert not named & spoke, law.file
            checked += 1
    assert checked >= 5
