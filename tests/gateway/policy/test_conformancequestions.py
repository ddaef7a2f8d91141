"""Conformance questions: one that each rule reaches, made from the rule itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from gateway.policy.conformancequestions import (
    _needed,
    conformance_questions,
    every_question,
    question_for,
)
from tests.gateway.policy.conftest import Built
from tests.gateway.policy.reference import Reference
from tests.gateway.policy.small import library, rule


def test_each_rule_is_asked(built: Callable[..., Built]) -> None:
    """Every shipped rule has a question of its own, reached by it or nearly."""
    stack = built(("us-federal", "us-il"), "example-county")
    words = stack.bundle.vocabulary
    reference = Reference(words, stack.rules)
    spoke = 0
    for one in stack.rules:
        asked, vector = question_for(words, one, one.cases[0])
        (answer,) = reference.answers(
            dict(asked.document),
            {"facts": vector.facts, "categories": vector.categories},
        )
        spoke += one.id in {name for name, _, _ in answer.spoke}
    assert spoke > len(stack.rules) * 0.7
    every = every_question(words, stack.rules)
    assert len(conformance_questions(reference, stack.rules, every)) <= 80


def test_what_later_questions_show_too_is_not_asked() -> None:
    """Each way that a question ends is still shown by one that stays."""
    asked: list[tuple[set[object], list[dict[str, object]]]] = [
        ({"a"}, [{"n": 1}]),
        ({"a", "b"}, [{"n": 2}]),
        ({"c"}, [{"n": 3}]),
        ({"b", "c", "d"}, [{"n": 4}]),
    ]
    assert [*_needed(asked)] == [[{"n": 2}], [{"n": 4}]]


def test_rules_that_nothing_reaches(tmp_path: Path) -> None:
    """A rule that no question reaches is asked about existence."""
    laws = [
        rule(
            "st.a",
            reach={"categories": ["record_exists"], "use": ["match"]},
            when=[{"no_paper": ["warrant"], "state": "confirmed"}],
        ),
        rule("st.b", reach={"kinds": ["hold"], "categories": ["hold"]}),
        rule("st.c", reach={"categories": ["hold"], "not_categories": ["date"]}),
        rule("st.d", reach={"kinds": ["hold"], "not_categories": ["hold"]}),
    ]
    found = library(tmp_path, rules={"st": laws})
    rules = found.rules(found.chosen(["st"], None))
    keys = [
        question_for(found.vocabulary, one, one.cases[0])[0].ask_keys[0]
        for one in rules
    ]
    assert keys[0] == ("hold", "release", "record_exists")
    assert keys[1] == ("hold", "release", "hold")
