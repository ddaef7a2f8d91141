"""A question that was found, as a case file that asks the very same."""

from __future__ import annotations

from gateway.policy.case import CaseFile
from gateway.policy.casequestion import case_question
from gateway.policy.pack import shipped_policies
from gateway.policy.prove.sketches import Sketch
from gateway.policy.vocabulary import load_vocabulary

WORDS = load_vocabulary(shipped_policies() / "vocabulary.yaml")


def test_what_is_not_known_is_written_down() -> None:
    """Otherwise the file would speak of an ordinary record."""
    sketch = Sketch(
        day=20260120,
        custodian="sheriff",
        dataset="jail",
        requester="ice_ero",
        kind="read_fields",
        use="release",
        category="release_date",
        record={"juvenile": True, "sentence_end": 20260301},
        unknown=("sealed", "victim_or_witness"),
    )
    document = sketch.case(
        WORDS, name="x", title="X", packs=["us-federal"], overlay=None, expect={}
    )
    asked, _ = sketch.asked(WORDS)

    question, vector = case_question(CaseFile.model_validate(document), WORDS, "x")

    assert document["facts"] == {
        "juvenile": True,
        "sentence_end": "2026-03-01",
        "sealed": "unknown",
        "victim_or_witness": "unknown",
    }
    assert question.canonical == asked.canonical
    assert vector is not None
    assert {"sealed", "victim_or_witness"}.isdisjoint(vector.facts)
    assert vector.facts["juvenile"] is True
