"""A rule's sentence: what it says, and that two rules never read the same.

``meaning`` is what a rule decides, taken from the record without any words. The texts
of rules whose meaning differs must differ: tried on every shipped rule, and on rules
that differ from one another in a single member.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from gateway.policy.clauses import BASES
from gateway.policy.law import Case, Rule
from gateway.policy.pack import Library
from gateway.policy.reached import reached
from gateway.policy.sentence.rule import parts_of, sentence_of, text_of
from gateway.policy.vocabulary import Vocabulary
from tests.gateway.policy.sentence.differing import variants
from tests.gateway.policy.small import REVEALS, library, rule, vocabulary

TRUE: dict[str, Any] = {"fact": "convicted", "is": True}
RICH = rule(
    "st.rich",
    citation="Law 1",
    effective={"from": "2020-01-01", "until": "2030-01-01"},
    reach={
        "custodians": ["sheriff"],
        "requesters": ["ice", "police"],
        "purposes": ["civil"],
        "kinds": ["read", "notify"],
        "datasets": ["jail"],
        "categories": ["date", "home", "record_exists"],
        "use": ["release", "match"],
    },
    when=[{"fact": "agreement", "is": "in_force"}],
    effect="prohibit",
    on_unknown="review",
    reviewer="command",
    reason="SEALED",
    overridable_by=None,
    obligations=["log", {"do": "tell", "days": 3, "soon": True, "to": ["a", "b"]}],
    obligations_on={"permit": ["tell"]},
    reveals={"categories": ["status", "number"], "citation": "Law 2"},
    change=["agreement", "warrant"],
    resists_saving=True,
    unless=[
        {
            "id": "one",
            "when": [TRUE, {"paper": ["warrant"], "state": "confirmed"}],
            "effect": "permit",
            "discretion": True,
            "citation": "Law 3",
        },
        {
            "id": "two",
            "when": [
                {"fact": "level", "at_least": 2},
                {"fact": "validated_on", "within_years": 5},
                {"fact": "sealed", "known": True},
                {"day": {"from": "2021-01-01"}},
                {"no_paper": ["detainer"], "state": "any"},
            ],
            "effect": "review",
            "obligations": [],
            "reason": "RULE_PERMITS",
        },
        {"id": "three", "when": [TRUE], "effect": "require", "reveals": REVEALS},
    ],
)


def one(tmp_path: Path, text: dict[str, Any]) -> Rule:
    """Return a rule of the small law with its words looked up."""
    found = library(tmp_path, rules={"st": [text]})
    (law,) = found.rules(found.chosen(["st"], None))
    return law


def test_sentence(tmp_path: Path) -> None:
    """Law, question, answer and exceptions, in that order, in one sentence."""
    assert sentence_of(one(tmp_path, RICH), vocabulary()) == (
        "Under Law 1 (state law, in force from 1 January 2020 and before"
        " 1 January 2030), when any requester but FBI asks sheriff for date; or"
        " home, and"
        " whether there is a record (the request: Read; or Notify), or to find a record"
        " by date; or home (the request: Read; or Notify), from jail, for this purpose:"
        ' civil, and "agreement" is in force, the answer is no (where nobody knows'
        " if it"
        ' is so, command decides), unless (1) "convicted" is true, and one of these'
        " papers is confirmed: Warrant (W): then the answer is yes if the local"
        ' government so chooses, and else command decides (Law 3); or (2) "level" is at'
        ' least 2, and "validated on" is at most 5 years before the day of the'
        " question,"
        ' and "sealed" is known, and the day is from 1 January 2021 on, and none of'
        " these papers is any: Detainer (D): then the answer is that command decides"
        ' (Law 1); or (3) "convicted" is true: then the answer is yes, because the law'
        " commands it (Law 1)."
    )


def test_beside(tmp_path: Path) -> None:
    """Reasons, local policy, duties and what an answer tells stand after it."""
    parts = parts_of(one(tmp_path, RICH), vocabulary())
    assert [part.text for part in parts if part.role == "beside"] == [
        (
            "The reason: SEALED. Local policy may not open it. Always due: Log;"
            " and Tell"
            " (days: 3, soon: yes, to: a + b). Due where the answer comes to be"
            " 'yes': Tell."
            " The answer itself may reveal: number; and status (Law 2)."
        ),
        "In exception 1: The reason: RULE_PERMITS. Local policy may not narrow it.",
        (
            "In exception 2: The reason: RULE_PERMITS. Local policy may not narrow it."
            " Always due: nothing."
        ),
        (
            "In exception 3: The reason: RULE_REQUIRES. Local policy may not change it."
            " The answer itself may reveal: status (Law that allows it)."
        ),
        "Who asks is told what would change it: agreement; or Warrant.",
        "No federal saving lifts it.",
    ]
    assert {p.case for p in parts if p.role == "unless"} == {"one", "two", "three"}


def test_an_exception_with_nothing_else_beside(tmp_path: Path) -> None:
    """What is as the rule has it is not said again."""
    same = {"id": "c", "when": [TRUE], "effect": "prohibit", "citation": "Law 9"}
    made = one(tmp_path, rule("st.a", reveals=REVEALS, unless=[same]))
    said = [p.text for p in parts_of(made, vocabulary()) if p.role == "beside"]
    assert len(said) == 1


def test_short(tmp_path: Path) -> None:
    """What a rule does not say is not in its sentence."""
    acts = rule("st.a", citation="Law 1", reach={"kinds": ["hold"]}, effect="permit")
    law = one(tmp_path, acts)
    assert text_of(law, vocabulary()) == (
        "Under Law 1 (state law), when any requester asks any custodian for this: Hold,"
        " the answer is yes. Nothing that this rule looks at can be unknown."
        " The reason: RULE_PERMITS. Local policy may not narrow it."
    )
    chosen = replace(law.cases[0], discretion=True, exercised=True)
    assert "yes, as the local government has chosen" in text_of(
        replace(law, cases=(chosen,), layer="overlay", reason="SEALED"), vocabulary()
    )
    nothing = replace(law.reach, kinds=frozenset())
    assert "asks any custodian for nothing," in text_of(
        replace(law, reach=nothing), vocabulary()
    )
    both = replace(law.reach, named_categories=frozenset({"hold", "record_exists"}))
    assert "for whether there is a record, and the act itself (" in text_of(
        replace(law, reach=both), vocabulary()
    )
    told = replace(law, reason="SEALED")
    assert "Who asks is told: SEALED." in text_of(told, vocabulary())


def test_lifted(tmp_path: Path) -> None:
    """A bar says which papers make it silent."""
    bar = rule("st.bar", layer="record_bar", overridable_by=["warrant"])
    assert sentence_of(one(tmp_path, bar), vocabulary()).endswith(
        "the answer is no, unless (1) one of these papers is confirmed: Warrant (W):"
        " then this rule is silent."
    )
    known = {"id": "c", "when": [TRUE], "effect": "permit"}
    bar = rule("st.bar", layer="record_bar", unless=[known])
    assert sentence_of(one(tmp_path / "b", bar), vocabulary()).endswith(
        'unless (1) "convicted" is true: then this rule is silent (Law st.bar).'
    )


def meaning(law: Rule, words: Vocabulary) -> object:
    """Return all that a rule decides, without a word of it."""
    reach = law.reach
    return (
        *(law.citation, law.layer, law.start, law.end, law.reason, law.change),
        *(law.resists_saving, law.lifted_by, frozenset(law.when)),
        *(reach.custodians, reach.requesters, reach.datasets),
        None if reach.any_purpose else reach.purposes,
        frozenset(reached(reach, words)),
        tuple(case_meaning(law, case) for case in law.cases),
    )


def case_meaning(law: Rule, case: Case) -> object:
    """Return all that a case decides."""
    waits = case.effect == "permit" and case.discretion and not case.exercised
    looked = case.effect == "prohibit" and case.on_unknown == "review"
    below = law.layer in BASES
    closes, opens = case.effect == "prohibit", case.effect in {"permit", "review"}
    return (
        *(frozenset(case.when), case.citation if case.id else "", case.effect),
        case.effect == "permit"
        and (case.discretion, case.discretion and case.exercised),
        case.reviewer if waits or looked or case.effect == "review" else "",
        *(looked, case.reason, case.obligations, case.reveals),
        tuple(sorted((e, d) for e, d in case.obligations_on.items() if d)),
        below and closes and case.may_expand,
        below and opens and case.may_restrict,
    )


def told_apart(rules: Sequence[Rule], words: Vocabulary) -> int:
    """Assert that rules which differ read differently; return how many there are."""
    meanings: dict[str, object] = {}
    for law in rules:
        text, meant = text_of(law, words), meaning(law, words)
        assert meanings.setdefault(text, meant) == meant, text
    return len(meanings)


def test_no_two_rules_read_the_same(tmp_path: Path) -> None:
    """A rule with a member of every kind, and all that differ from it in one."""
    law = one(tmp_path, RICH)
    bar = one(
        tmp_path / "b", rule("st.bar", layer="record_bar", overridable_by=["warrant"])
    )
    words = vocabulary()
    every = [law, *variants(law, words), bar, *variants(bar, words)]
    assert told_apart(every, words) > 150


def test_no_two_shipped_rules_read_the_same(library: Library) -> None:
    """Every rule of every pack, and one with all that differ from it in a member."""
    every = [law for rules in library.every_rule([]).values() for law in rules]
    words = library.vocabulary
    long = sorted(every, key=lambda law: -len(law.cases))[:1]
    near = [made for law in long for made in variants(law, words)]
    assert told_apart([*every, *near], words) >= len(every)
