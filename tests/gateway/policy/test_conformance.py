"""Conformance questions: one that each rule reaches, made from the rule itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from gateway.policy.conformance import conformance_questions, question_for
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
        asked, vector = question_for(words, one)
        (answer,) = reference.answers(
            dict(asked.document),
            {"facts": vector.facts, "categories": vector.categories},
        )
        spoke += one.id in {name for name, _, _ in answer.spoke}
    assert spoke > len(stack.rules) * 0.7
    assert len(conformance_questions(words, stack.rules)) <= 32


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
    keys = [question_for(found.vocabulary, one)[0].ask_keys[0] for one in rules]
    assert keys[0] == ("hold", "release", "record_exists")
    assert keys[1] == ("hold", "release", "hold")
