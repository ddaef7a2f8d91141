"""Citations: what does not read as one, and laws written in two ways."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.policy.lint.citations import Cited, cited, malformed, misspelled
from tests.gateway.policy.small import REVEALS, library, rule


@pytest.mark.parametrize(
    "text",
    [
        "8 U.S.C. 1373(a), 1644",
        "Cal. Gov. Code 7284.6(a)(1)(C), 7282.5, 7283.1(b)",
        "5 ILCS 805/15(h); Fed. R. Crim. P. 4, 9, 41",
        "28 CFR 20.33(d); NCIC and III purpose codes",
        'A "quoted" policy, VI',
        "Example County Policy 4.1: notice of release for listed convictions",
        "Cal. Const. art. VI",
        "29 U.S.C. § 794",
    ],
)
def test_well_formed(text: str) -> None:
    """Titles, sections and brackets that are closed read as a citation."""
    assert malformed(text) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("TODO", "TODO stands where a law should"),
        ("Cal. Gov. Code ??", "?? stands"),
        ("citation needed 7", "citation needed stands"),
        (" Gov. Code 7", "begins or ends"),
        ("Gov. Code 7;", "begins or ends"),
        ("the county's policy", "names no section"),
        ("Gov. Code 7284.6(a", "not closed"),
        ("Gov. Code 7284.6)a(", "not closed"),
        ("Gov. Code 7284.6(a]", "not closed"),
        ('Policy "4', "not closed"),
        ("8 USC 1373", "8 USC 1373 does not read"),
        ("Gov. Code 7; U.S.C. 1373", "U.S.C. 1373 does not read"),
        ("28 C.F.R. 23.20", "28 C.F.R. 23.20 does not read"),
        ("CFR 23.20", "CFR 23.20 does not read"),
    ],
)
def test_malformed(text: str, said: str) -> None:
    """What is missing is said, with how it would be right."""
    wrong = malformed(text)
    assert wrong is not None
    assert said in wrong[0]
    assert wrong[1]


def test_every_citation_of_a_pack(tmp_path: Path) -> None:
    """Rules, exceptions, what answers reveal, and the header's decisions all cite."""
    when = [{"fact": "convicted", "is": True}]
    law = rule(
        "st.a",
        citation="Law 1",
        reveals=REVEALS,
        unless=[
            {"id": "c", "when": when, "effect": "permit", "citation": "Law 2"},
            {"id": "d", "when": when, "effect": "permit", "reveals": REVEALS},
        ],
    )
    other = rule("st.b", citation="Law 3")
    found = library(
        tmp_path,
        rules={"st": [law, other], "off": []},
        overlay=[],
        overlay_header={
            "exercise": [{"rule": "st.a", "decision": "review", "citation": "Law 4"}]
        },
        header={"excludes": [{"pack": "off", "citation": "Law 5"}]},
    )
    packs = (found.packs["st"], found.overlays["county"])
    assert [
        (item.path.partition("yaml:")[2], item.text) for p in packs for item in cited(p)
    ] == [
        ("0(st.a).citation", "Law 1"),
        ("0(st.a).reveals.citation", "Law that allows it"),
        ("0(st.a).unless.c.citation", "Law 2"),
        ("0(st.a).unless.d.reveals.citation", "Law that allows it"),
        ("1(st.b).citation", "Law 3"),
        ("excludes.0.citation", "Law 5"),
        ("exercise.0.citation", "Law 4"),
    ]


def test_misspelled() -> None:
    """The rarer way of writing a law is found, the usual one named."""
    texts = [
        "Cal. Gov. Code 1",
        "Cal. Gov. Code 2; Law of 3",
        "Cal. Gov Code 3 (b); 8 U.S.C. 4",
    ]
    found = list(misspelled(Cited(path=text, text=text) for text in texts))
    assert [(item.path, item.problem, item.advice) for item in found] == [
        (
            "Cal. Gov Code 3 (b); 8 U.S.C. 4",
            "Cal. Gov Code is written Cal. Gov. Code elsewhere",
            "write Cal. Gov. Code",
        )
    ]
