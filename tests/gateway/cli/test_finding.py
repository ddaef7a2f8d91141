"""One finding of the doctor."""

from __future__ import annotations

from gateway.cli.finding import CORRECT_IT, Verdict, mistaken, warning, well, wrong
from gateway.errors import Mistake


def test_a_finding_is_a_row_for_programs() -> None:
    """Its part, its verdict as a lower-case word, its sentence, and what to do."""
    assert wrong("log", "broken", "mend it").row() == {
        "part": "log",
        "verdict": "wrong",
        "sentence": "broken",
        "advice": "mend it",
    }
    assert well("log", "fine").verdict is Verdict.WELL
    assert well("log", "fine").row()["advice"] == ""
    assert warning("log", "odd", "look").verdict is Verdict.WARNING


def test_people_read_what_to_do_in_the_same_line() -> None:
    """The sentence, then the advice where there is one."""
    assert str(well("log", "fine")) == "fine"
    assert str(wrong("log", "broken", "mend it")) == "broken; mend it"


def test_a_mistake_without_advice_has_some_as_a_finding() -> None:
    """Whoever reads it knows at least how to look again."""
    bare = Mistake(path="sallyport.yaml:log", problem="is odd")
    assert str(mistaken("files", bare)) == f"sallyport.yaml:log: is odd; {CORRECT_IT}"
    told = Mistake(path="sallyport.yaml:log", problem="is odd", advice="say even")
    assert mistaken("files", told).advice == "say even"
