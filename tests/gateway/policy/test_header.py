"""What a pack says of itself, and what follows for its rules."""

# ruff: noqa: ANN401 - documents made by hand hold values of any type

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import InvalidFile
from gateway.policy.build import assemble
from gateway.policy.pack import load_library
from tests.gateway.policy.small import (
    decided,
    library,
    policy_of,
    question,
    rule,
    vocabulary_text,
    write,
)

DIGEST = {"status": "digest_only", "checked_on": "2026-01-01", "lawyer": None}
OPEN = rule("st.open", effect="permit", verification=DIGEST)
SIGNED = {
    "rule": "st.open",
    "counsel": "County counsel",
    "on": "2026-02-01",
    "citation": "Opinion 7",
}


def _effect(root: Path, **written: Any) -> str:
    """Return what the one rule of a stack comes to."""
    policy = policy_of(root, OPEN, **written)
    (decision,) = decided(policy, question(policy.vocabulary))
    (ask,) = decision.asks.values()
    return ask.effect


def _mistake(root: Path, *rules: dict[str, Any], **written: Any) -> str:
    """Return what is said of a stack that is not right."""
    with pytest.raises(InvalidFile) as caught:
        policy_of(root, *rules, **written)
    return str(caught.value)


def test_a_rule_known_from_a_digest_is_off(tmp_path: Path) -> None:
    """It is as if not written, until counsel of the jurisdiction turns it on."""
    assert _effect(tmp_path) == "prohibit"


def test_counsel_turns_it_on(tmp_path: Path) -> None:
    """An overlay names the rule, who decided, when and where it is written."""
    header = {"turned_on": [SIGNED]}
    assert _effect(tmp_path, overlay=[], overlay_header=header) == "permit"


def test_only_what_is_off_is_turned_on(tmp_path: Path) -> None:
    """A rule that speaks anyway, or is not there, is named with the nearest."""
    header = {"turned_on": [{**SIGNED, "rule": "st.opn"}]}
    found = _mistake(tmp_path, OPEN, overlay=[], overlay_header=header)
    assert "st.opn is no rule that is off" in found
    assert "did you mean st.open?" in found


def test_only_an_overlay_turns_on(tmp_path: Path) -> None:
    """A pack does not vouch for its own digests."""
    found = _mistake(tmp_path, OPEN, header={"turned_on": [SIGNED]})
    assert "only an overlay turns rules on" in found


def test_packs_that_exclude_each_other(tmp_path: Path) -> None:
    """A law that bars a local policy bars the pack that holds it, with its citation."""
    write(tmp_path, rules={"st": [OPEN], "model": []})
    header = tmp_path / "packs" / "st" / "pack.yaml"
    text = json.loads(header.read_text())
    text["excludes"] = [{"pack": "model", "citation": "Code 1"}]
    header.write_text(json.dumps(text))
    found = load_library(tmp_path)
    assert [pack.id for pack in found.chosen(["st"], None)] == ["agency-default", "st"]
    with pytest.raises(InvalidFile, match=r"model may not be in force beside st.*Code"):
        found.chosen(["st", "model"], None)


def test_a_renumbered_rule_begins_when_the_old_one_ends(tmp_path: Path) -> None:
    """No day between, none twice."""
    old = rule("st.old", effective={"until": "2025-01-01"})
    new = rule("st.new", succeeds="st.old", effective={"from": "2025-01-01"})
    found = library(tmp_path, rules={"st": [old, new]})
    assert len(found.rules(found.chosen(["st"], None))) == 2
    late = {**new, "effective": {"from": "2025-01-02"}}
    assert "does not end on the day" in _mistake(tmp_path, old, late)
    lost = {**new, "succeeds": "st.odl"}
    found_mistakes = _mistake(tmp_path, old, lost)
    assert "st.odl is no rule of this pack" in found_mistakes
    assert "did you mean st.old?" in found_mistakes
    own = rule("st.new", succeeds="st.new")
    assert "has no day on which it follows st.new" in _mistake(tmp_path, old, own)


def test_the_scope_of_a_law_is_a_group_of_its_rules(tmp_path: Path) -> None:
    """What counts as immigration enforcement is said once, in the header."""
    law = rule("st.a", effect="permit", reach={"purposes": ["group:immigration_scope"]})
    policy = policy_of(tmp_path, law, header={"immigration_scope": "narrow"})
    effects = []
    for purpose in ("civil", "crime"):
        asked = question(policy.vocabulary, purpose=purpose)
        (decision,) = decided(policy, asked)
        effects += [ask.effect for ask in decision.asks.values()]
    assert effects == ["permit", "prohibit"]


def test_a_scope_that_no_list_has(tmp_path: Path) -> None:
    """It is named with the nearest right word."""
    found = _mistake(tmp_path, OPEN, header={"immigration_scope": "narow"})
    assert "narow is not a known word" in found
    assert "did you mean narrow?" in found


@pytest.mark.parametrize(
    ("part", "value", "says"),
    [
        ("immigration_scopes", {"narrow": ["cvil"]}, "immigration_scopes.narrow: cvil"),
        ("parameter_words", {"frm": ["writing"]}, "parameter_words: frm"),
        ("face_boxes", {"left": {"title": "left"}}, "instruments.warrant.face: signed"),
    ],
)
def test_lists_that_do_not_fit(
    tmp_path: Path,
    part: str,
    value: dict[str, Any],
    says: str,
) -> None:
    """Purposes, parameters and boxes stand in their own lists too."""
    with pytest.raises(InvalidFile, match=says):
        library(tmp_path, rules={"st": []}, words={**vocabulary_text(), part: value})


BULK = {"fact": "bulk", "is": True}
CHOOSABLE = [
    rule("st.closed"),
    rule("st.firm", effect="permit"),
    rule(
        "st.open",
        effect="permit",
        discretion=True,
        unless=[
            {"id": "left", "when": [BULK], "effect": "permit"},
            {"id": "shut", "when": [BULK], "effect": "prohibit"},
        ],
    ),
]


def exercising(*choices: tuple[str, str]) -> dict[str, Any]:
    """Return an overlay that chooses so."""
    exercise = [
        {"rule": name, "decision": decision, "citation": "Ord. 1"}
        for name, decision in choices
    ]
    return {"overlay": [], "overlay_header": {"exercise": exercise}}


CHOICES: list[tuple[dict[str, str], str]] = [
    ({"st.closed": "release"}, "exercise.0.rule: st.closed leaves no choice"),
    (
        {"st.open#lef": "release"},
        "st.open#lef is no rule (or rule#case) of a pack here; did you mean st.open#le",
    ),
    (
        {"st.open": "release", "st.open#left": "review"},
        "exercise.1.rule: st.open#left would be released, for st.open is as a whole",
    ),
    ({"st.open": "release", "st.other": "release"}, "exercise.1.rule: st.other is no"),
    (
        {"st.firm": "release"},
        "st.firm leaves no choice to a local government",
    ),
]


@pytest.mark.parametrize(
    ("chosen", "says"), CHOICES, ids=[str(i) for i in range(len(CHOICES))]
)
def test_what_no_local_government_can_choose(
    tmp_path: Path, chosen: dict[str, str], says: str
) -> None:
    """A choice that would not count, or that another one outdoes, is no choice."""
    assert says in _mistake(tmp_path, *CHOOSABLE, **exercising(*chosen.items()))


def test_only_an_overlay_uses_discretion(tmp_path: Path) -> None:
    """A pack leaves a choice; it does not make it."""
    chosen = exercising(("st.open", "release"))["overlay_header"]
    found = _mistake(tmp_path, *CHOOSABLE, header=chosen)
    assert "exercise: only an overlay uses discretion" in found


def test_the_case_that_leaves_a_choice_is_named(tmp_path: Path) -> None:
    """Where a rule as a whole leaves none, nearest of its cases that do."""
    half = rule(
        "st.half",
        unless=[
            {"id": "hal", "when": [BULK], "effect": "prohibit"},
            {"id": "free", "when": [BULK], "effect": "permit", "discretion": True},
        ],
    )
    found = _mistake(tmp_path, half, **exercising(("st.half#hal", "release")))
    assert "st.half#hal leaves no choice" in found
    assert "did you mean st.half#free?" in found


def test_a_choice_is_made_once(tmp_path: Path) -> None:
    """Of two that differ, the more open one counted without a word."""
    twice = exercising(("st.open", "release"), ("st.open", "review"))
    assert "st.open is chosen twice" in _mistake(tmp_path, *CHOOSABLE, **twice)


@pytest.mark.parametrize("decision", ["release", "review"])
def test_one_case_is_chosen_beside_another(tmp_path: Path, decision: str) -> None:
    """Each named by itself; a whole rule may wait, and one of its cases too, or not."""
    choices = exercising(("st.open", "review"), ("st.open#left", decision))
    found = library(tmp_path, rules={"st": CHOOSABLE}, **choices)
    assert assemble(found, ["st"], "county").revision


def test_a_rule_that_speaks_only_with_a_pack_names_one(tmp_path: Path) -> None:
    """A word that is none made a rule that never speaks, and nobody saw it."""
    found = _mistake(tmp_path, rule("st.a", only_with=["ts"]))
    assert "0(st.a).only_with: ts is not a pack here, so st.a never speaks" in found
    assert "did you mean st?" in found


def test_a_pack_that_an_overlay_stands_on_is_named_where_it_is_written(
    tmp_path: Path,
) -> None:
    """In the overlay's own file, also if the same wrong word asks for it."""
    written = library(
        tmp_path, rules={"st": []}, overlay=[], overlay_header={"on": ["sst"]}
    )
    for packs in (["st"], ["sst"]):
        with pytest.raises(InvalidFile) as caught:
            assemble(written, packs, "county")
        [said] = str(caught.value).splitlines()
        assert said.endswith("pack.yaml:on: sst is not a pack here; did you mean st?")


def test_an_overlay_is_not_called_as_a_pack_is(tmp_path: Path) -> None:
    """Its rules could have the very ids of the law's."""
    written = {"rules": {"st": [rule("st.a")], "county": []}}
    with pytest.raises(InvalidFile, match="county is the id of a pack"):
        library(tmp_path, **written, overlay=[])


def test_a_time_zone_that_there_is_not(tmp_path: Path) -> None:
    """It is named with the nearest; a pack's days would be nobody's."""
    found = _mistake(tmp_path, OPEN, header={"time_zone": "America/Chikago"})
    assert "America/Chikago is no time zone; did you mean America/Chicago?" in found
