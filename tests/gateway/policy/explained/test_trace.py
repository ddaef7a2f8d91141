"""The trace of an answer: its numbers and their clauses."""

from __future__ import annotations

from pathlib import Path

from gateway.policy.case import CaseFile
from gateway.policy.casequestion import case_question
from gateway.policy.explained.trace import trace_of
from tests.gateway.policy.explained.accounted import CASE, LAW, Told
from tests.gateway.policy.small import rule


def test_trace(tmp_path: Path) -> None:
    """Each number of the answer is said with its clause; the smallest decides."""
    said = Told(tmp_path, LAW)
    case = CaseFile.model_validate({**CASE, "facts": {"convicted": True}})
    question, vector = case_question(case, said.policy.vocabulary, "case")
    seen = trace_of(said.bundle, question, vector)
    (row,) = seen["asks"]
    assert (seen["revision"], seen["question"]) == (
        said.bundle.revision,
        question.digest,
    )
    assert row["outcome"] == "withhold"
    assert row["by"] == row["clauses"][0]["number"]
    assert (row["clauses"][0]["rule"], row["clauses"][0]["says"]) == (
        "st.law",
        "prohibit",
    )
    pending = trace_of(said.bundle, question, None)["asks"][0]
    assert {c["case"] for c in pending["clauses"]} >= {"", "public"}
    nobody = Told(tmp_path / "b", rule("st.o", reach={"requesters": ["police"]}))
    assert trace_of(nobody.bundle, question, vector)["asks"][0]["clauses"][0]["silence"]
