"""What a request rested on, papers and statements: accepted or rejected, and why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.gateway.policy.explained.accounted import CASE, WARRANT, Told, paper, rested
from tests.gateway.policy.small import rule


def test_claimed_authority(tmp_path: Path) -> None:
    """A paper counts, or would count in another state, or covers something else."""
    law = rule(
        "st.law",
        unless=[{"id": "c", "when": [WARRANT], "effect": "permit"}],
    )
    said = Told(tmp_path, law)
    assert rested(
        said.lines(papers=[paper("warrant", "issuer_confirmed", face={"signed": True})])
    ) == [
        (
            "Rested on Warrant (W) signed by judge, issuer confirmed: accepted, it"
            " counts in"
            " st.law."
        )
    ]
    assert rested(
        said.lines(papers=[paper("warrant", "unverified", face={"signed": True})])
    ) == [
        (
            "Rested on Warrant (W) signed by judge, unverified: rejected, it would"
            " count"
            " only if it were issuer confirmed (st.law)."
        )
    ]
    covers = paper("warrant", "issuer_confirmed", covers=["home"])
    assert rested(said.lines(papers=[covers])) == [
        (
            "Rested on Warrant (W) signed by judge, outside scope: rejected, it"
            " does not"
            " cover what is asked."
        )
    ]
    assert rested(
        said.lines(
            papers=[paper("warrant", "issuer_confirmed", face={"signed": False})]
        )
    ) == [
        (
            "Rested on Warrant (W) signed by judge, defective: rejected, it was"
            " said to be"
            " issuer confirmed, and its face or date says otherwise."
        )
    ]
    assert rested(said.lines(papers=[paper("detainer", "unverified")])) == [
        (
            "Rested on Detainer (D) signed by officer, unverified: rejected, no"
            " rule that"
            " reaches this request gives such a paper any force."
        )
    ]
    document: Any = said.one(papers=[paper("detainer", "unverified")]).document()
    assert document["rejected"] == [
        {
            "what": "Detainer (D) signed by officer, unverified",
            "why": "no rule that reaches this request gives such a paper any force",
        }
    ]


def test_a_paper_that_is_wanted_away_is_no_wish(tmp_path: Path) -> None:
    """A rule that asks for no such paper does not say what it would have to be."""
    law = rule(
        "st.law",
        unless=[
            {
                "id": "c",
                "when": [{"no_paper": ["detainer"], "state": "any"}],
                "effect": "permit",
            }
        ],
    )
    said = Told(tmp_path, law)
    (line,) = rested(said.lines(papers=[paper("detainer", "unverified")]))
    assert line.endswith("gives such a paper any force.")


def test_a_paper_without_which_it_would_be_closed_counts(tmp_path: Path) -> None:
    """As one does that makes a rule which closes fall silent."""
    without = {"no_paper": ["detainer"], "state": "any"}
    law = rule(
        "st.law",
        effect="permit",
        unless=[{"id": "alone", "when": [without], "effect": "prohibit"}],
    )
    bar = rule("st.bar", layer="record_bar", overridable_by=["warrant"])
    said = Told(tmp_path, law, bar)
    (line,) = rested(said.lines(papers=[paper("detainer", "unverified")]))
    assert line.endswith("accepted, it counts in st.law.")
    (line,) = rested(said.lines(papers=[paper("warrant", "issuer_confirmed")]))
    assert line.endswith("accepted, it counts in st.bar.")


def test_statements(tmp_path: Path) -> None:
    """A statement is looked at by a rule, or by none."""
    law = rule("st.law", when=[{"fact": "need", "is": True}], effect="permit")
    request = {**CASE["request"], "statements": {"need": True}}
    said = Told(tmp_path / "a", law)
    assert rested(said.lines(request=request)) == [
        (
            'Rested on the statement that "Need to know" is true: accepted, st.law'
            " looks at"
            " it."
        )
    ]
    both = Told(tmp_path / "b", law, {**law, "id": "st.too"})
    assert rested(both.lines(request=request))[0].endswith(
        "st.law; and st.too look at it."
    )
    none = Told(tmp_path / "c", rule("st.other"))
    request = {**CASE["request"], "statements": {"level": 2}}
    assert rested(none.lines(request=request)) == [
        (
            'Rested on the statement that "level" is 2: rejected, no rule that'
            " reaches this"
            " request looks at it."
        )
    ]
