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


@pytest.mark.parametrize(
    ("day", "effect"),
    [(20260120, "permit"), (20260121, "prohibit"), (20210119, "prohibit")],
)
def test_a_day_to_come_is_unknown_to_both(
    tmp_path: Path, day: int, effect: str
) -> None:
    """A conviction dated after the question's day is a slip and opens nothing."""
    when = [{"fact": "validated_on", "within_years": 5}]
    law = rule("st.a", effect="permit", reveals=REVEALS, when=when)
    found = library(tmp_path, rules={"st": [law]})
    policy = Policy(bundle=assemble(found, ["st"], None))
    plain = Reference(policy.vocabulary, found.rules(found.chosen(["st"], None)))
    record = {"validated_on": day}
    asked = question(policy.vocabulary)
    (decision,) = decided(policy, asked, Vector(facts=record))
    (ask,) = decision.asks.values()
    (answer,) = plain.answers(dict(asked.document), {"facts": record, "categories": {}})
    assert (ask.effect, answer.effect) == (effect, effect)


@pytest.mark.parametrize(
    ("kinds", "effect"), [(None, "prohibit"), (["hold"], "permit")]
)
def test_what_a_kind_without_fields_is_found_by(
    tmp_path: Path, kinds: list[str] | None, effect: str
) -> None:
    """A rule reaches the selectors of a hold only if it names the hold."""
    reach = {"categories": ["number"], "use": ["match"]} | (
        {"kinds": kinds} if kinds else {}
    )
    found = library(
        tmp_path, rules={"st": [rule("st.a", effect="permit", reach=reach)]}
    )
    policy = Policy(bundle=assemble(found, ["st"], None))
    plain = Reference(policy.vocabulary, found.rules(found.chosen(["st"], None)))
    asked = question(policy.vocabulary, ("hold", "match", "number"))
    (decision,) = decided(policy, asked)
    (ask,) = decision.asks.values()
    nothing: dict[str, Any] = {"facts": {}, "categories": {}}
    (answer,) = plain.answers(dict(asked.document), nothing)
    assert (ask.effect, answer.effect) == (effect, effect)
