"""Why a case comes to what it does: exceptions, papers, changes, the trace."""

# ruff: noqa: ANN401 - documents made by hand hold values of any type

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from gateway.policy.build import assemble
from gateway.policy.case import CaseFile
from gateway.policy.casequestion import case_question
from gateway.policy.explained.account import Account, account_of
from gateway.policy.explained.told import sentences_of, told
from gateway.policy.explained.trace import trace_of
from gateway.policy.facade import Policy
from gateway.policy.pack import Library
from tests.gateway.policy.small import REVEALS, library, rule

CASE: dict[str, Any] = {
    "schema": "sallyport.case/1",
    "id": "C-1",
    "title": "A case",
    "packs": ["st"],
    "day": "2026-01-20",
    "custodian": "sheriff",
    "dataset": "jail",
    "request": {"kinds": ["read"], "categories": ["date"], "purpose": "civil"},
    "requester": {"class": "ice"},
}
TRUE: dict[str, Any] = {"fact": "convicted", "is": True}
WARRANT: dict[str, Any] = {"paper": ["warrant"], "state": "confirmed"}


class Told:
    """A small law, and what is said of cases under it."""

    def __init__(self, root: Path, *rules: dict[str, Any]) -> None:
        self.library: Library = library(root, rules={"st": rules})
        self.bundle = assemble(self.library, ["st"])
        self.rules = self.library.rules(self.library.chosen(["st"], None))
        self.policy = Policy(bundle=self.bundle)

    def accounts(self, **members: Any) -> list[Account]:
        """Return the accounts of a case."""
        case = CaseFile.model_validate({**CASE, **members})
        return asyncio.run(account_of(case, self.policy, self.rules, "case"))

    def one(self, **members: Any) -> Account:
        """Return the account of a case that asks one thing."""
        (account,) = self.accounts(**members)
        return account

    def lines(self, **members: Any) -> list[str]:
        """Return what is said of a case that asks one thing."""
        return sentences_of(self.one(**members), self.library.vocabulary)


LAW = rule(
    "st.law",
    citation="Law 1",
    reveals=REVEALS,
    unless=[
        {"id": "public", "when": [{"fact": "public", "is": True}], "effect": "permit"},
        {"id": "convicted", "when": [TRUE, WARRANT], "effect": "permit"},
        {
            "id": "old",
            "when": [{"fact": "validated_on", "before_years": 5}],
            "effect": "permit",
        },
    ],
)


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


def test_what_would_change_it(tmp_path: Path) -> None:
    """Found by asking again: with papers, and with what the record might say."""
    said = Told(tmp_path, LAW)
    known = {"convicted": True, "validated_on": 20250101}
    account = said.one(facts=known, category_facts={"date": {"public": False}})
    assert sentences_of(account, said.library.vocabulary)[-2:] == [
        (
            '  If one of these were so it would be released: "public" is true; or'
            ' "validated on" is 19 January 2021.'
        ),
        (
            "  With one of these papers it would be released: Warrant (W)"
            " (issuer confirmed)."
        ),
    ]
    document: Any = account.document()
    assert {
        (change["fact"], change["value"], change["of"], change["outcome"])
        for change in document["would_change"]
    } == {
        ("public", True, "record_category", "release"),
        ("validated_on", 20210119, "record", "release"),
        ("paper.warrant.judge", "issuer_confirmed", "paper", "release"),
        ("paper.warrant.clerk", "issuer_confirmed", "paper", "release"),
    }


@pytest.mark.parametrize("test", [{"at_least": 2}, {"is_not": 0}])
def test_only_what_can_be_shown_is_tried(tmp_path: Path, test: dict[str, Any]) -> None:
    """Never what the requester says or how it asks: purpose, level, need."""
    conditions: list[dict[str, Any]] = [
        {"fact": "level", **test},
        {"fact": "purpose", "is": "crime"},
        {"fact": "need", "is": True},
        {"fact": "need", "known": True},
        {"day": {"until": "2020-01-01"}},
    ]
    law = rule(
        "st.law",
        unless=[
            {"id": f"c{i}", "when": [condition], "effect": "permit"}
            for i, condition in enumerate(conditions)
        ],
    )
    account = Told(tmp_path, law).one()
    assert account.otherwise == ()


def test_an_agreement_is_tried(tmp_path: Path) -> None:
    """What a registry may hold tomorrow can be shown, so it is tried; that it stays."""
    law = rule(
        "st.law",
        unless=[
            {
                "id": "c",
                "when": [{"fact": "agreement", "is": "in_force"}],
                "effect": "permit",
            }
        ],
    )
    said = Told(tmp_path, law)
    assert said.lines()[-1] == (
        '  If one of these were so it would be released: "agreement" is in force.'
    )
    now = {"class": "ice", "agreement": "in_force"}
    assert said.lines(requester=now)[-1] == (
        "  Nothing that could be shown would change it."
    )


def test_the_rest_of_the_question_stays(tmp_path: Path) -> None:
    """A paper that is tried for one field covers no other."""
    said = Told(
        tmp_path,
        rule("st.law", unless=[{"id": "c", "when": [WARRANT], "effect": "permit"}]),
    )
    request = {"kinds": ["read"], "categories": ["date", "home"], "purpose": "civil"}
    accounts = said.accounts(request=request)
    assert [len(account.otherwise) for account in accounts] == [2, 2]
    lines = told(accounts, said.library.vocabulary)
    assert lines[:3] == [
        "date (Read) is withheld: Title of st.law (Law st.law).",
        "home (Read) is withheld: Title of st.law (Law st.law).",
        "  st.law (state law) says: no. This decides.",
    ]


def test_negated_papers_are_not_asked_for(tmp_path: Path) -> None:
    """A state of a paper that closes is tried as what it is."""
    law = rule(
        "st.law",
        effect="permit",
        unless=[
            {
                "id": "c",
                "when": [{"paper": ["detainer"], "state": ["unverified", "defective"]}],
                "effect": "prohibit",
            }
        ],
    )
    said = Told(tmp_path, law)
    assert said.lines()[-1] == (
        "  With one of these papers it would be withheld: Detainer (D) (unverified)."
    )


def paper(kind: str, state: str, **members: Any) -> dict[str, Any]:
    """Return a paper of a case."""
    signer = "judge" if kind == "warrant" else "officer"
    return {"type": kind, "signer": signer, "state": state, **members}


def rested(lines: list[str]) -> list[str]:
    """Return what is said of papers and statements."""
    return [line.strip() for line in lines if line.startswith("  Rested on")]


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
