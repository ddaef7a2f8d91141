"""A small law that has every kind of test, and stacks made of small laws."""

# ruff: noqa: ANN401 - documents made by hand hold values of any type

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gateway.policy import Bundle
from gateway.policy.build import assemble
from gateway.policy.prove.stack import Stack
from tests.gateway.policy.small import REVEALS, library, rule

__all__ = [
    "CONVICTED",
    "EVERY_TEST",
    "OPEN",
    "OVERLAY",
    "bundle_of",
    "never",
    "stack_of",
]

SEALED = {"fact": "sealed", "is": True}
WARRANT = {"paper": ["warrant"], "state": "confirmed"}
CONVICTED = {"fact": "convicted", "is": True}
OPEN = rule("st.open", effect="permit", reach={"requesters": ["police"]})

EVERY_TEST: tuple[dict[str, Any], ...] = (
    rule(
        "st.bar",
        layer="record_bar",
        when=[SEALED],
        reveals=REVEALS,
        overridable_by=["warrant"],
    ),
    rule(
        "st.old",
        layer="record_bar",
        effect="review",
        reveals=REVEALS,
        when=[{"fact": "validated_on", "before_years": 5}],
        unless=[
            {
                "id": "ancient",
                "when": [{"fact": "validated_on", "before": "2000-01-01"}],
                "effect": "permit",
            }
        ],
    ),
    rule("st.process", layer="process", effect="require", when=[WARRANT]),
    rule(
        "st.saving",
        layer="saving",
        effect="permit",
        reach={"categories": ["status"], "purposes": ["civil"]},
    ),
    rule(
        "st.civil",
        reach={"purposes": ["civil"], "requesters": ["ice", "fbi"]},
        local_may_expand=True,
        on_unknown="review",
        unless=[
            {
                "id": "public",
                "when": [{"fact": "public", "is": True}],
                "effect": "permit",
                "reveals": REVEALS,
            },
            {
                "id": "convicted",
                "when": [{"fact": "convicted", "is": True}],
                "effect": "permit",
                "discretion": True,
                "reveals": REVEALS,
            },
        ],
    ),
    rule(
        "st.duty",
        effect="require",
        reach={"purposes": ["crime"], "datasets": ["jail"]},
        when=[{"fact": "level", "at_least": 2}, {"fact": "need", "known": True}],
    ),
    rule(
        "st.levels",
        effect="permit",
        reach={"datasets": ["cars"], "kinds": ["notify", "read"]},
        when=[
            {"fact": "level", "at_most": 2},
            {"fact": "level", "is_not": 1},
            {"no_paper": ["detainer"], "state": "confirmed"},
        ],
    ),
    rule(
        "st.era",
        effect="review",
        effective={"from": "2020-01-01", "until": "2026-07-01"},
        reach={"kinds": ["hold"]},
        unless=[
            {
                "id": "from",
                "when": [
                    {"day": {"from": "2026-01-01"}},
                    {"no_paper": ["detainer"], "state": "any"},
                ],
                "effect": "prohibit",
            }
        ],
    ),
    rule(
        "st.match",
        effect="permit",
        reach={"use": ["match", "release"], "categories": ["number"]},
        when=[
            {"fact": "agreement", "is": "in_force"},
            {"fact": "recipient", "not_in": ["fbi", "police"]},
        ],
    ),
    rule(
        "st.purpose",
        effect="review",
        reach={"kinds": ["notify"], "datasets": ["jail"]},
        effective={"from": "2020-01-01", "until": "2026-07-01"},
        when=[{"fact": "purpose", "is": "crime"}],
    ),
    rule(
        "st.validated",
        effect="permit",
        reach={"categories": ["home"]},
        reveals=REVEALS,
        when=[
            {"fact": "validated_on", "known": True},
            {"fact": "validated_on", "after": "2019-12-31"},
            {"fact": "validated_on", "before": "2026-01-10"},
        ],
    ),
)
"""Rules of every layer below an overlay, with every kind of condition."""

OVERLAY: tuple[dict[str, Any], ...] = (
    rule(
        "county.closes",
        layer="overlay",
        effect="review",
        reach={"kinds": ["notify"], "datasets": ["cars"]},
    ),
    rule(
        "county.opens",
        layer="overlay",
        effect="permit",
        reach={"categories": ["date"], "purposes": ["civil"], "kinds": ["read"]},
        when=[{"fact": "bulk", "is": False}],
    ),
)


def never(**members: Any) -> dict[str, Any]:
    """Return an invariant as it is written."""
    return {
        "id": "one",
        "says": "It never comes out.",
        "citation": "Law that says so",
        **members,
    }


def bundle_of(
    root: Path,
    *rules: Mapping[str, Any],
    invariants: Sequence[Mapping[str, Any]] = (),
    **written: Any,
) -> Bundle:
    """Return the bundle of a pack ``st`` with these rules and invariants."""
    header = {"local_may_restrict": True, **written.pop("header", {})}
    text = {"schema": "sallyport.must_never/1", "invariants": list(invariants)}
    root.mkdir(parents=True, exist_ok=True)
    (root / "must_never.yaml").write_text(json.dumps(text))
    found = library(root, rules={"st": rules}, header=header, **written)
    return assemble(found, ["st"], "county" if "overlay" in written else None)


def stack_of(root: Path, *rules: Mapping[str, Any], **written: Any) -> Stack:
    """Return the stack of a pack ``st``, ready for proofs."""
    return Stack(bundle_of(root, *rules, **written))
