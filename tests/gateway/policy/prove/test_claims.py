"""Each claim is broken by a law that breaks it, and a case file shows it to be so."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
import z3

from gateway.canonical import canonical
from gateway.policy import Bundle
from gateway.policy.proofs import CLAIMS, PROOFS
from gateway.policy.prove import SOLVER, Mistranslated, NoSolver, proofs_of, proved
from gateway.policy.prove import stack as stack_module
from gateway.policy.prove.answered import answered
from tests.gateway.policy.prove.breaches import broken, shown
from tests.gateway.policy.prove.laws import CONVICTED, OPEN, bundle_of, never, stack_of
from tests.gateway.policy.small import REVEALS, rule

ROOT = Path(__file__).parents[4]


def test_every_claim_holds_of_a_law_that_keeps_to_them(tmp_path: Path) -> None:
    """All are tried, each by its id, and none fails."""
    proofs = proofs_of(bundle_of(tmp_path, OPEN))
    assert [proof.id for proof in proofs] == [*CLAIMS]
    assert all(proof.holds for proof in proofs)


def test_a_law_without_any_rule_keeps_to_all_of_it(tmp_path: Path) -> None:
    """Nobody speaks, so everything is closed."""
    assert broken(bundle_of(tmp_path)) == {}


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


def test_proofs_go_into_the_bundle(tmp_path: Path) -> None:
    """Holding or not, each with its sentence."""
    bundle, proofs = proved(bundle_of(tmp_path, OPEN))
    document: Any = bundle.document(PROOFS)
    assert document["proofs"] == [proof.document() for proof in proofs]
