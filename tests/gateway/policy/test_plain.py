"""The plain evaluator beside the engine, where drawn questions come only by luck."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from gateway.policy import Policy, Vector
from gateway.policy.build import assemble
from tests.gateway.policy.reference import Reference
from tests.gateway.policy.small import REVEALS, decided, library, question, rule

LOOK_TWICE = rule(
    "st.twice",
    effect="permit",
    reveals=REVEALS,
    unless=[
        {"id": "a", "when": [{"fact": "sealed", "is": True}], "effect": "review"},
        {"id": "b", "when": [{"fact": "convicted", "is": True}], "effect": "review"},
    ],
)
NAMES_A_PURPOSE = [
    rule("st.no", reach={"purposes": ["civil"]}),
    rule("st.yes", effect="permit", reach={"not_purposes": ["civil"]}),
]


@pytest.mark.parametrize(
    ("laws", "facts", "record", "effect", "case"),
    [
        ([LOOK_TWICE], {}, {}, "review", "a"),
        ([LOOK_TWICE], {}, {"sealed": False}, "review", "b"),
        ([LOOK_TWICE], {}, {"sealed": False, "convicted": False}, "permit", ""),
        (NAMES_A_PURPOSE, {"purpose": "unknown"}, {}, "prohibit", ""),
        (NAMES_A_PURPOSE, {"purpose": "crime"}, {}, "permit", ""),
    ],
    ids=["two doubts", "one doubt", "no doubt", "no purpose", "another purpose"],
)
def test_plain_and_engine_agree(  # noqa: PLR0917 - one column of the table each
    tmp_path: Path,
    laws: Sequence[Mapping[str, Any]],
    facts: Mapping[str, str],
    record: Mapping[str, bool],
    effect: str,
    case: str,
) -> None:
    """Of several doubts the first is named; a purpose not stated opens nothing."""
    found = library(tmp_path, rules={"st": laws})
    policy = Policy(bundle=assemble(found, ["st"], None))
    plain = Reference(policy.vocabulary, found.rules(found.chosen(["st"], None)))
    purpose = facts.get("purpose", "civil")
    asked = question(policy.vocabulary, purpose=purpose)
    (decision,) = decided(policy, asked, Vector(facts=record))
    (ask,) = decision.asks.values()
    (answer,) = plain.answers(dict(asked.document), {"facts": record, "categories": {}})

    assert (ask.effect, ask.case) == (effect, case)
    assert (answer.effect, answer.case) == (effect, case)
