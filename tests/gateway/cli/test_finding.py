"""One finding of the doctor."""

from __future__ import annotations

from gateway.cli.finding import Verdict, warning, well, wrong


def test_a_finding_is_a_row_for_programs() -> None:
    """Its part, its verdict as a lower-case word, its sentence."""
    assert wrong("log", "broken").row() == {
        "part": "log",
        "verdict": "wrong",
        "sentence": "broken",
    }
    assert well("log", "fine").verdict is Verdict.WELL
    assert warning("log", "look").verdict is Verdict.WARNING
