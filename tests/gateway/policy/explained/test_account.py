"""Why a case comes to what it does: who spoke, who did not and why, what failed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gateway.policy.explained.told import sentences_of
from tests.gateway.policy.explained.accounted import (
    CASE,
    LAW,
    TRUE,
    WARRANT,
    Told,
    paper,
    rested,
)
from tests.gateway.policy.small import REVEALS, rule


def test_exceptions_that_failed(tmp_path: Path) -> None:
    """Each is named with its fact, and whether that is not so or not known."""
    said = Told(tmp_path, LAW)
    lines = said.lines(facts={"convicted": False})
    assert lines[:5] == [
        "date (Read) is withheld: Title of st.law (Law 1).",
        "  st.law (state law) says: no. This decides.",
        '    Exception public does not help: it is not known that "public" is true.',
        (
            '    Exception convicted does not help: it is not so that "convicted"'
            " is true,"
            " and it is not so that one of these papers is confirmed: Warrant (W)."
        ),
        (
            '    Exception old does not help: it is not known that "validated on"'
            " is more"
            " than 5 years before the day of the question."
        ),
    ]
    document: Any = said.one(facts={"convicted": False}).document()
    assert document["spoke"] == ["st.law"]
    assert document["failed"] == [
        {"rule": "st.law", "case": "public", "on": ["public"]},
        {
            "rule": "st.law",
            "case": "convicted",
            "on": ["convicted", "paper.warrant.clerk", "paper.warrant.judge"],
        },
        {"rule": "st.law", "case": "old", "on": ["validated_on"]},
    ]


def test_a_recipient_is_named(tmp_path: Path) -> None:
    """That it was asked for another as well, and what was said of that one."""
    about = rule("st.fbi", reach={"requesters": ["fbi"]}, citation="Law 2")
    request = {**CASE["request"], "recipient": "fbi"}
    said = Told(tmp_path, about)
    assert said.lines(request=request)[1] == (
        "  It is asked for FBI as well, and what closes more stands."
    )
    assert said.one(request=request).document()["spoke"] == ["st.fbi"]
    assert said.one().document()["spoke"] == []
    both = Told(tmp_path / "b", rule("st.two", reach={"requesters": ["ice", "fbi"]}))
    assert both.one(request=request).document()["spoke"] == ["st.two"]


def test_silent_rules(tmp_path: Path) -> None:
    """Who reached the request and said nothing is named, with why."""
    bar = rule(
        "st.bar",
        layer="record_bar",
        overridable_by=["warrant"],
        reveals=REVEALS,
        when=[{"fact": "sealed", "is": True}],
    )
    said = Told(
        tmp_path,
        rule("st.open", effect="permit"),
        bar,
        rule("st.free", layer="record_bar", effect="permit"),
        rule("st.papers", when=[WARRANT], effect="permit"),
        rule("st.none", when=[{"no_paper": ["detainer"], "state": "any"}]),
        rule("st.other", reach={"requesters": ["police"]}),
        rule("st.kind", reach={"kinds": ["notify"]}),
        rule("st.past", effective={"until": "2020-01-01"}),
        rule("st.cars", reach={"datasets": ["cars"]}),
        rule("st.dmv", reach={"custodians": ["dmv"]}),
    )
    papers = [
        paper("detainer", "unverified"),
        paper("warrant", "unverified", face={"signed": True}),
    ]
    lines = said.lines(facts={"sealed": False}, papers=papers)
    assert [line for line in lines if "ilent" in line] == [
        '  st.bar is silent: it is not so that "sealed" is true.',
        "  st.free is silent: what it says here is that it does not bar.",
        (
            "  st.none is silent: it is not so that none of these papers is any:"
            " Detainer (D)."
        ),
        "  Silent, for want of a paper: st.papers.",
    ]
    confirmed = [paper("warrant", "issuer_confirmed", face={"signed": True})]
    lines = said.lines(papers=confirmed)
    assert "  st.bar is silent: one of these papers is confirmed: Warrant (W)." in lines


def test_doubt_and_exercise(tmp_path: Path) -> None:
    """A rule that speaks only because something is unknown says so."""
    said = Told(tmp_path, rule("st.law", when=[TRUE], reveals=REVEALS))
    assert said.lines()[1] == (
        "  st.law (state law) says: no, because something is not known. This decides."
    )


def test_who_does_not_decide(tmp_path: Path) -> None:
    """Another layer's word is heard and said, and does not decide."""
    default = rule("st.default", layer="federal_permission", effect="permit")
    said = Told(tmp_path, rule("st.law"), default)
    assert said.lines()[1:3] == [
        "  st.default (a federal permission) says: yes.",
        "  st.law (state law) says: no. This decides.",
    ]


def test_nobody_spoke(tmp_path: Path) -> None:
    """Silence is said as what it is."""
    said = Told(tmp_path, rule("st.other", reach={"requesters": ["police"]}))
    assert said.lines() == [
        "date (Read) is withheld: No rule opens it, so it is closed.",
        "  Nothing that could be shown would change it.",
    ]


def test_matching(tmp_path: Path) -> None:
    """A field that finds the record is told apart; papers are not said for it."""
    opens = rule(
        "st.match", reach={"use": ["match"], "categories": ["number"]}, effect="permit"
    )
    said = Told(tmp_path, opens)
    request = {**CASE["request"], "match": ["number", "home"]}
    lines = [
        line
        for account in said.accounts(
            request=request, papers=[paper("detainer", "expired")]
        )
        for line in sentences_of(account, said.library.vocabulary)
    ]
    assert "number can be used to find the record (Read): Title of st.match." in lines
    assert (
        "home cannot be used to find the record (Read): No rule opens it, so it is"
        " closed."
    ) in lines
    assert len(rested(lines)) == 1


def test_pending(tmp_path: Path) -> None:
    """Where the record is not known, what it depends on is said."""
    said = Told(tmp_path, LAW)
    lines = said.lines(facts="pending")
    assert lines[1] == (
        '  It depends on the record, which is not known here: "public"; and'
        ' "validated on".'
    )
    assert said.one(facts="pending").document()["needs"]
    assert said.one(facts={}).document()["needs"] == []
