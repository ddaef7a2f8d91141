"""Each claim is broken by a law that breaks it, and a case file shows it to be so."""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import z3

from gateway.canonical import canonical
from gateway.policy import Bundle, Policy
from gateway.policy.case import CaseFile
from gateway.policy.proofs import CLAIMS, PROOFS
from gateway.policy.prove import (
    SOLVER,
    Case,
    Mistranslated,
    NoSolver,
    Proof,
    openness,
    proofs_of,
    proved,
)
from gateway.policy.prove import stack as stack_module
from gateway.policy.prove.answered import answered
from gateway.policy.prove.openness import overlaid
from gateway.policy.trial import run_case
from tests.gateway.policy.prove.laws import bundle_of, never, stack_of
from tests.gateway.policy.small import REVEALS, rule

ROOT = Path(__file__).parents[4]

SEALED = {"fact": "sealed", "is": True}
CONVICTED = {"fact": "convicted", "is": True}
OPEN = rule("st.open", effect="permit", reach={"requesters": ["police"]})


def broken(bundle: Bundle) -> dict[str, Proof]:
    """Return the claims that do not hold."""
    return {proof.id: proof for proof in proofs_of(bundle) if not proof.holds}


def shown(bundle: Bundle, case: Case) -> str:
    """Return the outcome of a case that comes to what it expects, as it must."""
    text = CaseFile.model_validate(dict(case))
    trial = asyncio.run(run_case(text, Policy(bundle=bundle), text.id))
    assert trial.failures == ()
    assert trial.decision is not None
    (ask,) = trial.decision.asks.values()
    return ask.outcome


def test_every_claim_holds_of_a_law_that_keeps_to_them(tmp_path: Path) -> None:
    """All are tried, each by its id, and none fails."""
    proofs = proofs_of(bundle_of(tmp_path, OPEN))
    assert [proof.id for proof in proofs] == [*CLAIMS]
    assert all(proof.holds for proof in proofs)


def test_a_law_without_any_rule_keeps_to_all_of_it(tmp_path: Path) -> None:
    """Nobody speaks, so everything is closed."""
    assert broken(bundle_of(tmp_path)) == {}


def test_an_invariant_that_is_broken_is_shown(tmp_path: Path) -> None:
    """With the smallest question: who, what, and the one fact that does it."""
    law = rule(
        "st.open", effect="permit", when=[CONVICTED], reveals=REVEALS, layer="state"
    )
    aside = rule(
        "st.aside",
        layer="record_bar",
        reach={"datasets": ["cars"]},
        reveals=REVEALS,
        when=[{"fact": "validated_on", "before": "2020-01-01"}],
    )
    where = {"families": ["fed"], "kinds": ["read"], "datasets": ["jail"]}
    wrong = never(where=where, never={"effects": ["permit"]})
    bundle = bundle_of(tmp_path, law, aside, invariants=[wrong])
    proof = broken(bundle)["never.one"]
    assert (proof.says, proof.citation) == ("It never comes out.", "Law that says so")
    (example,) = proof.broken_by
    (case,) = example.cases
    assert shown(bundle, case) == "release"
    assert case["facts"] == {"convicted": True}
    assert case["request"] == {
        "kinds": ["read"],
        "categories": ["date"],
        "purpose": "civil",
    }


@pytest.mark.parametrize(
    ("given", "holds"),
    [
        ({"fact": "sealed", "is": True}, True),
        ({"fact": "sealed", "is": False}, False),
        ({"fact": "sealed", "is": "unknown"}, True),
        ({"fact": "sealed", "known": True}, False),
        ({"fact": "validated_on", "is": "unknown"}, True),
        ({"fact": "validated_on", "before_years": 5}, True),
        ({"fact": "validated_on", "within_years": 5}, False),
        ({"fact": "agreement", "in": ["none"]}, False),
        ({"paper": ["warrant"], "state": "confirmed"}, False),
        ({"no_paper": ["detainer"], "state": "any"}, False),
        ({"day": {"from": "2026-01-01"}}, False),
        ({"day": {"until": "2020-01-01"}}, True),
    ],
)
def test_what_is_given_bounds_an_invariant(
    tmp_path: Path,
    given: Mapping[str, Any],
    holds: bool,  # noqa: FBT001 - a table's column
) -> None:
    """It is broken only where what is given can hold beside what opens."""
    law = rule(
        "st.open",
        effect="permit",
        effective={"from": "2021-01-01"},
        reveals=REVEALS,
        when=[
            {"fact": "sealed", "is": False},
            {"fact": "validated_on", "within_years": 5},
        ],
    )
    wrong = never(given=[given], never={"outcomes": ["release"]})
    bundle = bundle_of(tmp_path, law, invariants=[wrong])
    assert ("never.one" not in broken(bundle)) == holds


def test_a_fact_that_no_rule_looks_at_is_told_apart_too(
    tmp_path: Path,
) -> None:
    """An invariant may name facts and papers of which no rule speaks."""
    given = [
        {"fact": "level", "at_least": 2},
        {"fact": "need", "is": "unknown"},
        {"paper": ["detainer"], "state": "any"},
    ]
    wrong = never(
        given=given, never={"outcomes": ["release"]}, where={"use": ["match"]}
    )
    law = rule("st.match", effect="permit", reach={"use": ["match"]})
    bundle = bundle_of(tmp_path, law, invariants=[wrong])
    (case,) = broken(bundle)["never.one"].broken_by[0].cases
    assert case["request"]["level"] >= 2
    assert case["papers"][0]["type"] == "detainer"
    assert "expect" not in case  # a case file expects nothing of how a record is found
    assert case["request"]["match"]
    assert case["request"]["subjects_given"] is False


def test_a_condition_that_can_never_hold_is_found(tmp_path: Path) -> None:
    """It is told apart from a case behind another."""
    exception = {
        "id": "both",
        "when": [{"fact": "level", "at_least": 3}, {"fact": "level", "at_most": 2}],
        "effect": "permit",
    }
    found = broken(bundle_of(tmp_path, rule("st.a", unless=[exception])))
    assert [one.says for one in found["reachable"].broken_by] == [
        "st.a#both: its conditions can never hold together"
    ]


def test_a_case_behind_others_is_found(tmp_path: Path) -> None:
    """And which always speaks first."""
    cases = [
        {"id": "low", "when": [{"fact": "level", "at_most": 2}], "effect": "permit"},
        {"id": "none", "when": [{"fact": "level", "at_most": 1}], "effect": "review"},
    ]
    found = broken(bundle_of(tmp_path, rule("st.a", unless=cases)))
    assert [one.says for one in found["reachable"].broken_by] == [
        "st.a#none: where it holds, another case always speaks first (st.a, st.a#low)"
    ]


def test_a_rule_in_the_shadow_of_others_is_found(tmp_path: Path) -> None:
    """A permit where another rule always prohibits; unless it has duties."""
    shut = rule("st.shut")
    shaded = rule("st.shaded", effect="permit", reach={"kinds": ["read"]})
    dutiful = rule("st.dutiful", effect="permit", obligations=["log"])
    found = broken(bundle_of(tmp_path, shut, shaded, dutiful))
    assert [one.says for one in found["heard"].broken_by] == [
        "st.shaded: wherever it speaks, other rules decide (st.shut)"
    ]


def test_what_is_not_known_opens(tmp_path: Path) -> None:
    """A permit left to discretion stands before one that is not; unless unknown."""
    careful = rule(
        "st.careful",
        effect="permit",
        discretion=True,
        when=[CONVICTED],
        reveals=REVEALS,
    )
    bundle = bundle_of(tmp_path, careful, OPEN)
    (example,) = broken(bundle)["unknown"].broken_by
    less, more = example.cases
    assert shown(bundle, less) == "release"
    assert shown(bundle, more) == "wait"
    assert "facts" not in less
    assert more["facts"] == {"convicted": True}


def test_a_paper_that_nobody_confirmed_opens(tmp_path: Path) -> None:
    """Shown without it and with it."""
    lax = rule(
        "st.lax", effect="permit", when=[{"paper": ["warrant"], "state": "presented"}]
    )
    bundle = bundle_of(tmp_path, lax)
    (example,) = broken(bundle)["unconfirmed"].broken_by
    without, given = example.cases
    assert shown(bundle, without) == "withhold"
    assert shown(bundle, given) == "release"
    assert "papers" not in without
    assert [paper["state"] for paper in given["papers"]] == ["unverified"]


def test_a_screen_that_forgets_what_waits_is_seen(tmp_path: Path) -> None:
    """Where compiled data says that no clause waits for a record."""
    law = rule("st.open", effect="permit", when=[CONVICTED], reveals=REVEALS)
    made = bundle_of(tmp_path, law)
    data: Any = made.document("compiled/data.json")
    data["pending"] = {}
    bundle = Bundle(files={**made.files, "compiled/data.json": canonical(data)})
    (example,) = broken(bundle)["inside"].broken_by
    assert example.says == "the screen did not say so"
    assert len(example.cases) == 1


def test_what_no_rule_declares_is_seen(tmp_path: Path) -> None:
    """Two records that are told apart, as two cases."""
    law = rule("st.open", effect="permit", when=[CONVICTED], reveals=REVEALS)
    made = bundle_of(tmp_path, law)
    table: Any = made.document("table/data.json")
    for case in table["rules"]["st.open"]["cases"].values():
        case["reveals"] = []
    bundle = Bundle(files={**made.files, "table/data.json": canonical(table)})
    (example,) = broken(bundle)["reveals"].broken_by
    assert {shown(bundle, case) for case in example.cases} == {"release", "withhold"}


def test_an_overlay_that_does_what_it_may_breaks_nothing(tmp_path: Path) -> None:
    """It closes what may be narrowed, opens what may be opened, and that is told."""
    law = (
        rule("st.open", effect="permit", reach={"kinds": ["read"]}),
        rule("st.shut", reach={"kinds": ["notify"]}, local_may_expand=True),
    )
    closes = rule("county.a", layer="overlay", reach={"kinds": ["read"]})
    opens = rule(
        "county.b", layer="overlay", effect="permit", reach={"kinds": ["notify"]}
    )
    stricter = overlaid(stack_of(tmp_path / "1", *law, overlay=[closes]))
    assert (stricter.holds, stricter.notes) == (True, (openness.STRICTER,))
    looser = overlaid(stack_of(tmp_path / "2", *law, overlay=[closes, opens]))
    assert (looser.holds, looser.notes) == (True, (openness.OPENING,))


def test_an_overlay_may_keep_a_person_over_what_a_saving_opens(tmp_path: Path) -> None:
    """A saving leaves discretion, so to review it is no breach."""
    law = (
        rule("st.shut"),
        rule("st.saving", layer="saving", effect="permit"),
    )
    overlay = [rule("county.look", layer="overlay", effect="review")]
    header = {
        "exercise": [{"rule": "st.saving", "decision": "release", "citation": "Law 1"}]
    }
    stack = stack_of(tmp_path, *law, overlay=overlay, overlay_header=header)
    assert overlaid(stack).holds


@pytest.mark.parametrize("way", ["opens", "closes"])
def test_a_fold_in_which_overlays_do_as_they_like_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """The claim does not take the fold's word: it compares with a law without them."""
    effect = "permit" if way == "opens" else "prohibit"
    stack = stack_of(tmp_path, rule("st.law", effect=effect, local_may_restrict=False))
    without = {512: True} if way == "opens" else {542: True}
    monkeypatch.setattr(openness, "folded", lambda _law: without)
    (example,) = overlaid(stack).broken_by
    assert example.says == f"it {way} what is fixed"


@pytest.mark.parametrize(("claim", "guard"), [("undecided", False), ("twice", True)])
def test_a_question_with_no_answer_or_two_is_seen(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    claim: str,
    guard: bool,  # noqa: FBT001 - a table's column
) -> None:
    """Exactly one cell decides."""
    stack = stack_of(tmp_path, OPEN)
    decided = {cell: z3.BoolVal(guard) for cell in stack.answer.decided}
    monkeypatch.setitem(vars(stack.answer), "decided", decided)
    (example,) = answered(stack).broken_by
    assert example.says.startswith(f"a question is {claim}: ")


def test_an_evaluator_that_says_other_than_the_formula_is_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor is the formula: nothing is shown as found."""
    wrong = never(never={"outcomes": ["release"]})
    bundle = bundle_of(tmp_path, OPEN, invariants=[wrong])
    monkeypatch.setattr(stack_module, "PLACES", 1)
    with pytest.raises(Mistranslated, match="the formula does not say"):
        proofs_of(bundle)


def test_without_the_solver_a_sentence_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And how it is installed: as the extra says, where this Python looks."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["optional-dependencies"]["prove"] == [SOLVER]
    bundle = bundle_of(tmp_path, OPEN)
    monkeypatch.setattr("gateway.policy.prove.find_spec", lambda _name: None)
    with pytest.raises(NoSolver, match=rf"-m pip install '{SOLVER}'; in a clone"):
        proved(bundle)


def test_a_kind_without_fields_and_any_day_are_shown(tmp_path: Path) -> None:
    """A day that need only be known is some day, a number some number."""
    law = rule(
        "st.hold",
        effect="permit",
        reach={"kinds": ["hold"]},
        reveals=REVEALS,
        when=[
            {"fact": "validated_on", "known": True},
            {"fact": "level", "known": True},
        ],
    )
    given = [{"fact": "level", "known": True}]
    wrong = never(where={"kinds": ["hold"]}, given=given, never={"effects": ["permit"]})
    bundle = bundle_of(tmp_path, law, invariants=[wrong])
    (case,) = broken(bundle)["never.one"].broken_by[0].cases
    assert shown(bundle, case) == "release"
    assert case["facts"] == {"validated_on": "1900-01-01"}
    assert case["request"]["kinds"] == ["hold"]
    assert "categories" not in case["request"]


def test_that_there_is_a_record_is_shown_of_any_kind(tmp_path: Path) -> None:
    """Also of one without fields."""
    law = rule("st.tells", effect="permit", reach={"categories": ["record_exists"]})
    where = {"kinds": ["hold"], "categories": ["record_exists"]}
    wrong = never(where=where, never={"outcomes": ["release"]})
    bundle = bundle_of(tmp_path, law, invariants=[wrong])
    (case,) = broken(bundle)["never.one"].broken_by[0].cases
    assert case["request"]["categories"] == ["record_exists"]
    assert case["expect"]["outcome"] == {"record_exists": "release"}


def test_proofs_go_into_the_bundle(tmp_path: Path) -> None:
    """Holding or not, each with its sentence."""
    bundle, proofs = proved(bundle_of(tmp_path, OPEN))
    document: Any = bundle.document(PROOFS)
    assert document["proofs"] == [proof.document() for proof in proofs]
