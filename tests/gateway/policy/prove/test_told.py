"""What answers tell of a record, by family and dataset, and who declares it."""

from __future__ import annotations

from pathlib import Path

from gateway.policy.prove import Leak, leaks
from tests.gateway.policy.prove.laws import bundle_of
from tests.gateway.policy.small import REVEALS, rule

CONVICTED = {"fact": "convicted", "is": True}


def found(leaking: list[Leak], family: str, fact: str) -> Leak:
    """Return the one leak of a fact to a family."""
    (one,) = [x for x in leaking if (x.family, x.fact) == (family, fact)]
    return one


def test_what_is_released_tells_a_fact(tmp_path: Path) -> None:
    """With the case that declares it, what it reveals and the law that allows it."""
    law = rule(
        "st.open",
        effect="permit",
        when=[CONVICTED],
        reveals=REVEALS,
        reach={"requesters": ["ice"], "datasets": ["jail"]},
    )
    proof, leaking = leaks(bundle_of(tmp_path, law))
    assert proof.holds
    (leak,) = leaking
    assert leak.document() == {
        "family": "fed",
        "datasets": ["jail"],
        "fact": "convicted",
        "tells": "release",
        "declared": [
            {
                "rule": "st.open",
                "case": "",
                "categories": ["status"],
                "citation": "Law that allows it",
            }
        ],
    }


def test_what_waits_tells_a_fact_too(tmp_path: Path) -> None:
    """Beside something that is released, to wait is not to be withheld."""
    law = rule("st.look", effect="review", when=[CONVICTED], reveals=REVEALS)
    _, leaking = leaks(bundle_of(tmp_path, law))
    leak = found(leaking, "local", "convicted")
    assert leak.tells == "wait"
    assert leak.datasets == ("cars", "jail")


def test_what_is_declared_and_told_by_no_answer_is_said(tmp_path: Path) -> None:
    """Here a bar closes all of it, whatever the record says."""
    law = rule("st.open", effect="permit", when=[CONVICTED], reveals=REVEALS)
    bar = rule("st.bar", layer="record_bar")
    _, leaking = leaks(bundle_of(tmp_path, law, bar))
    assert {leak.tells for leak in leaking} == {""}


def test_a_day_and_a_number_are_told(tmp_path: Path) -> None:
    """Whether a day is known tells as much as which."""
    law = rule(
        "st.open",
        effect="permit",
        reveals=REVEALS,
        when=[
            {"fact": "validated_on", "known": True},
            {"fact": "validated_on", "after": "2020-01-01"},
        ],
        reach={"requesters": ["police"]},
    )
    proof, leaking = leaks(bundle_of(tmp_path, law))
    assert proof.holds
    assert [(one.family, one.fact, one.tells) for one in leaking] == [
        ("local", "validated_on", "release")
    ]


def test_how_a_record_is_found_tells_nothing_of_it(tmp_path: Path) -> None:
    """Nor does that there is one: both are answered before it is read."""
    law = rule(
        "st.match",
        effect="permit",
        when=[CONVICTED],
        reveals=REVEALS,
        reach={"use": ["match"]},
    )
    _, leaking = leaks(bundle_of(tmp_path, law))
    assert {leak.tells for leak in leaking} == {""}


def test_a_number_that_is_compared_is_told(tmp_path: Path) -> None:
    """Beside a case that looks at no record and so declares nothing."""
    cases = [
        {
            "id": "old",
            "when": [{"fact": "validated_on", "before": "2020-01-01"}],
            "effect": "review",
            "reveals": REVEALS,
        },
        {"id": "bulk", "when": [{"fact": "bulk", "is": True}], "effect": "permit"},
    ]
    _, leaking = leaks(bundle_of(tmp_path, rule("st.a", unless=cases)))
    leak = found(leaking, "fed", "validated_on")
    assert (leak.tells, [one.case for one in leak.declared]) == ("release", ["old"])
