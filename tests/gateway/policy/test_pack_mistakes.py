"""What is wrong in a pack: every mistake at once, with its place and what is right."""

# ruff: noqa: ANN401 - documents made by hand hold values of any type

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import InvalidFile
from gateway.policy.build import assemble
from tests.gateway.policy.small import library, rule


def mistakes(root: Path, *rules: dict[str, Any], **written: Any) -> str:
    """Return the mistakes of a stack, one a line."""
    overlay = "county" if "overlay" in written else None
    with pytest.raises(InvalidFile) as caught:
        assemble(library(root, rules={"st": rules}, **written), ["st"], overlay)
    return str(caught.value)


def test_days_are_of_the_calendar(tmp_path: Path) -> None:
    """The thirtieth of February is no day, and that is said at its place."""
    found = mistakes(tmp_path, rule("st.a", effective={"from": "2026-02-30"}))
    assert "effective.from: " in found
    assert "2026-02-30 is no day of the calendar" in found


CONVICTED = {"fact": "convicted", "is": True}
WRONG_WORDS: list[tuple[dict[str, Any], str]] = [
    ({"reach": {"custodians": ["sherif"]}}, "reach.custodians: sherif .* sheriff"),
    ({"reach": {"not_purposes": ["crimes"]}}, "not_purposes: crimes .* crime"),
    ({"reach": {"kinds": ["group:mine"]}}, "reach.kinds: mine is not a known word"),
    ({"reach": {"categories": ["group:bad"]}}, "reach.categories: nowhere"),
    ({"when": [{"fact": "bulck", "is": True}]}, "when.0.fact: bulck .* bulk"),
    ({"when": [{"fact": "bulk", "is": "yes"}]}, "when.0: yes .* true or false"),
    ({"when": [{"fact": "bulk", "at_least": 1}]}, "a boolean cannot be tested so"),
    ({"when": [{"fact": "level", "is": 9}]}, "when.0: 9 .* whole number from 0 to 3"),
    ({"when": [{"fact": "agreement", "is": "unknown"}]}, "unknown is not a value"),
    ({"when": [{"fact": "agreement", "in": ["inforce"]}]}, "did you mean in_force"),
    ({"when": [{"paper": ["warant"], "state": "confirmed"}]}, "warant .* warrant"),
    ({"when": [{"paper": ["warrant"], "state": "sure"}]}, "when.0.state: sure"),
    ({"when": [{"no_paper": ["warrant"], "state": "absent"}]}, "ask for no_paper"),
    (
        {"when": [{"paper": ["warrant"], "by": ["officer"], "state": "confirmed"}]},
        "none of these papers has such a signer",
    ),
    (
        {"when": [{"paper": ["warrant"], "by": ["jugde"], "state": "confirmed"}]},
        "when.0.by: jugde .* judge",
    ),
    ({"obligations": ["logg"]}, "obligations.0: logg .* log"),
    ({"obligations": [{"do": "logg", "days": 3}]}, "obligations.0: logg .* log"),
    ({"obligations": [{"do": "tell", "dayz": 3}]}, "dayz .* days"),
    ({"obligations": [{"do": "tell", "days": "soon"}]}, "days must be a whole number"),
    ({"obligations": [{"do": "tell", "form": "writting"}]}, "writting .* writing"),
    ({"obligations_on": {"permit": ["logg"]}}, "obligations_on.permit.0: logg"),
    ({"reason": "BECAUSE"}, "reason: BECAUSE"),
    ({"reviewer": "councel"}, "reviewer: councel .* counsel"),
    ({"change": ["agrement"]}, "change.0: agrement .* agreement"),
    ({"reveals": {"categories": ["stat"], "citation": "Law 1"}}, "reveals: stat"),
]


@pytest.mark.parametrize(
    ("members", "says"), WRONG_WORDS, ids=[str(i) for i in range(len(WRONG_WORDS))]
)
def test_wrong_words(tmp_path: Path, members: dict[str, Any], says: str) -> None:
    """A word that is not in its list is named with its place and the nearest."""
    found = mistakes(
        tmp_path, rule("st.a", **members), header={"groups": {"bad": ["nowhere"]}}
    )
    pattern = says.replace(" .* ", ".*")
    assert any(re.search(pattern, line) for line in found.splitlines())
    assert "st.a" in found


WRONG_SHAPES: list[tuple[dict[str, Any], str]] = [
    ({"effect": "allow"}, "effect"),
    ({"on_unknown": "permit"}, "on_unknown"),
    ({"verification": None}, "verification"),
    ({"colour": "red"}, "colour"),
    ({"when": [{"fact": "bulk"}]}, "exactly one test"),
    ({"when": [{"fact": "bulk", "is": True, "is_not": False}]}, "exactly one test"),
    ({"when": [{"paper": ["warrant"]}]}, "papers, and only papers"),
    ({"when": [{"fact": "bulk", "is": True, "by": ["judge"]}]}, "papers, and only"),
    ({"when": [{"is": True}]}, "names one of"),
    (
        {"when": [{"paper": ["warrant"], "no_paper": ["detainer"], "state": "any"}]},
        "names one of",
    ),
    ({"id": "other.a"}, "must begin with st."),
    ({"public_id": "us.a"}, "public_id: us.a is told to requesters as another pack's"),
    (
        {
            "unless": [
                {
                    "id": "a",
                    "when": [{"fact": "bulk", "is": True}],
                    "effect": "review",
                    "overridable_by": ["warrant"],
                }
            ]
        },
        "unless.0.overridable_by: no such key",
    ),
    ({"layer": "overlay"}, "a pack of kind state has no overlay rules"),
]


@pytest.mark.parametrize(
    ("members", "says"), WRONG_SHAPES, ids=[str(i) for i in range(len(WRONG_SHAPES))]
)
def test_wrong_shapes(tmp_path: Path, members: dict[str, Any], says: str) -> None:
    """A rule of another shape is refused with the place in its file."""
    assert says in mistakes(tmp_path, {**rule("st.a"), **members})


CONTRADICTIONS: list[tuple[dict[str, Any], str]] = [
    ({"effective": {"from": "2026-01-01", "until": "2026-01-01"}}, "on no day"),
    ({"reach": {"datasets": ["jail"], "not_datasets": ["jail"]}}, "reaches nothing"),
    ({"overridable_by": ["warrant"]}, "only a record_bar is lifted"),
    ({"layer": "process", "effect": "permit"}, "layer process cannot permit"),
    ({"layer": "saving"}, "layer saving cannot prohibit"),
    ({"layer": "record_bar", "effect": "require"}, "cannot require"),
    ({"layer": "saving", "effect": "permit", "resists_saving": True}, "only a state"),
    ({"when": [CONVICTED]}, "depends on convicted of the record"),
    (
        {"unless": [{"id": "a", "when": [CONVICTED], "effect": "permit"}]},
        r"declare reveals",
    ),
    (
        {
            "unless": [
                {"id": "a", "when": [{"fact": "bulk", "is": True}], "effect": "permit"},
                {"id": "a", "when": [{"fact": "bulk", "is": True}], "effect": "review"},
            ]
        },
        "a is named twice",
    ),
]


@pytest.mark.parametrize(
    ("members", "says"),
    CONTRADICTIONS,
    ids=[str(i) for i in range(len(CONTRADICTIONS))],
)
def test_contradictions(tmp_path: Path, members: dict[str, Any], says: str) -> None:
    """What a rule says against itself is refused."""
    assert says in mistakes(tmp_path, rule("st.a", **members))


def test_every_mistake_at_once(tmp_path: Path) -> None:
    """Mistakes of several rules and places come together."""
    found = mistakes(
        tmp_path,
        rule("st.a", reason="WHY", reach={"kinds": ["reed"]}),
        rule("st.b", change=["nothing_known"]),
    )
    assert len(found.splitlines()) == 3


def test_a_rule_named_twice(tmp_path: Path) -> None:
    """Two rules of one id are refused."""
    assert "is named twice" in mistakes(tmp_path, rule("st.a"), rule("st.a"))


def test_exercise_names_rules(tmp_path: Path) -> None:
    """Discretion is used by an overlay, over a rule that exists."""
    use = {"rule": "st.b", "decision": "release", "citation": "Ord. 1"}
    found = mistakes(
        tmp_path / "1", rule("st.a"), overlay=[], overlay_header={"exercise": [use]}
    )
    assert "st.b is no rule" in found
    found = mistakes(tmp_path / "2", rule("st.b"), header={"exercise": [use]})
    assert "only an overlay" in found


FIRM = rule("st.a", effect="permit", when=[{"fact": "bulk", "is": True}])
OVERLAYS: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    (
        FIRM,
        rule("county.a", layer="overlay"),
        "narrows what local policy may not narrow",
    ),
    (
        rule("st.a"),
        rule("county.a", layer="overlay", effect="permit"),
        "opens what local policy",
    ),
    (
        rule("st.a"),
        rule("county.a", layer="overlay", effect="require"),
        "cannot require",
    ),
]


@pytest.mark.parametrize(
    ("law", "local", "says"), OVERLAYS, ids=["narrow", "open", "require"]
)
def test_what_an_overlay_may_not_do(
    tmp_path: Path, law: dict[str, Any], local: dict[str, Any], says: str
) -> None:
    """An overlay that the law does not allow is refused with that law's citation."""
    assert says in mistakes(tmp_path, law, overlay=[local])


@pytest.mark.parametrize(
    "members",
    [
        {"reach": {"requesters": ["fbi"]}},
        {"when": [{"fact": "bulk", "is": False}]},
        {"effective": {"until": "2017-01-01"}},
        {"reach": {"categories": ["record_exists"]}},
    ],
)
def test_an_overlay_beside_the_law(tmp_path: Path, members: dict[str, Any]) -> None:
    """An overlay that reaches nothing of the law's is none of its business."""
    law = {
        **FIRM,
        "reach": {"requesters": ["ice"], "categories": ["date"]},
        "effective": {"from": "2018-01-01"},
    }
    local = rule(
        "county.a", layer="overlay", **{"reach": {"categories": ["date"]}, **members}
    )
    found = library(tmp_path, rules={"st": [law]}, overlay=[local])
    assert assemble(found, ["st"], "county").revision


BROUGHT = {"paper": ["warrant"], "state": "any"}


@pytest.mark.parametrize("own", [{"when": [BROUGHT]}, {"unless": [BROUGHT]}])
def test_a_local_rule_about_a_paper_that_the_law_closes(
    tmp_path: Path, own: dict[str, Any]
) -> None:
    """What opens on a paper, in the rule or in a case of it, meets law about it."""
    law = rule("st.a", when=[BROUGHT])
    members = {"effect": "permit", **own}
    if "unless" in own:
        case = {"id": "brought", "when": [BROUGHT], "effect": "permit"}
        members = {"effect": "prohibit", "unless": [case]}
    local = rule("county.a", layer="overlay", **members)
    assert "opens what local policy" in mistakes(tmp_path, law, overlay=[local])


def test_a_local_rule_that_is_about_no_paper(tmp_path: Path) -> None:
    """Law that speaks where a paper is brought stands there, and opens nothing else."""
    local = rule("county.a", layer="overlay", effect="permit")
    laws = {"st": [rule("st.a", when=[BROUGHT])]}
    found = library(tmp_path, rules=laws, overlay=[local])
    assert assemble(found, ["st"], "county").revision


def test_a_local_rule_is_never_off(tmp_path: Path) -> None:
    """What is known from a digest is off, and what is one's own nobody turns on."""
    digest = {"status": "digest_only", "checked_on": "2026-01-01", "lawyer": None}
    local = rule("county.a", layer="overlay", verification=digest)
    found = mistakes(tmp_path, rule("st.a"), overlay=[local])
    assert "0.verification.status: county.a is off" in found


@pytest.mark.parametrize("layer", ["state", "process", "saving", "agency_default"])
def test_no_local_file_speaks_as_the_law(tmp_path: Path, layer: str) -> None:
    """A rule of an overlay stands in the overlay's layer and in no other."""
    local = rule("county.a", layer=layer, effect="permit")
    says = f"a pack of kind overlay has no {layer} rules"
    assert says in mistakes(tmp_path, rule("st.a"), overlay=[local])
