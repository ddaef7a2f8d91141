"""Findings: each says what, why and how to mend; errors and warnings are told apart."""

from __future__ import annotations

from gateway.errors import Mistake
from gateway.policy.lint.finding import CODES, found
from gateway.policy.lint.places import Places


def test_finding_of_a_mistake() -> None:
    """A mistake's own code counts; its advice is how it is mended."""
    mistake = Mistake(
        path="x.yaml:0.effect",
        problem="cannot permit",
        advice="use prohibit",
        code="contradiction",
        citation="Law 1",
    )
    finding = found(mistake, Places())
    assert str(finding) == (
        "x.yaml:1: error: 0.effect: cannot permit; use prohibit [contradiction]"
    )
    assert finding.explained()[1:] == [
        "  why: The order of laws fixes what each layer may do.",
        "  mend: use prohibit",
    ]
    assert finding.document() == {
        "code": "contradiction",
        "severity": "error",
        "file": "x.yaml",
        "line": 1,
        "where": "0.effect",
        "what": "0.effect: cannot permit; use prohibit",
        "why": "The order of laws fixes what each layer may do.",
        "mend": "use prohibit",
        "citation": "Law 1",
    }


def test_finding_without_advice() -> None:
    """Without advice it is mended as all of its kind; without a code it is schema."""
    finding = found(Mistake(path="packs", problem="is odd"), Places())
    assert (finding.code, finding.what) == ("schema", "is odd")
    assert finding.mend == CODES["schema"].mend


def test_codes_are_sentences() -> None:
    """Each code says why it matters and how it is mended, in whole sentences."""
    for code in CODES.values():
        assert code.why.endswith(".")
        assert code.mend.endswith(".")
        assert not code.title.endswith(".")
