"""Lint of a folder: each kind of mistake is found where it stands."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from gateway.policy.law import Rule
from gateway.policy.lint.proofs import Proved
from gateway.policy.lint.whole import lint, stacks_of
from gateway.policy.pack import load_library
from gateway.policy.vocabulary import Vocabulary
from tests.gateway.policy import small
from tests.gateway.policy.lint.folders import LOCAL, OPENS, TODAY, found, overlaid, rule
from tests.gateway.policy.small import vocabulary_text, write

TRUE: dict[str, Any] = {"fact": "convicted", "is": True}
REVEALS = {"categories": ["status"], "citation": "Law 1(b)"}


def test_clean(tmp_path: Path) -> None:
    """Rules that say one thing each, with citations and days, leave nothing to say."""
    root = write(tmp_path, rules={"st": [rule("st.a")]}, overlay=[])
    header = root / "overlays/county/pack.yaml"
    header.write_text(json.dumps({**json.loads(header.read_text()), "on": ["st"]}))
    assert lint(root, today=TODAY) == []


def test_what_does_not_read(tmp_path: Path) -> None:
    """YAML that breaks off, a missing citation, a wrong member: all at once."""
    lacking = {k: v for k, v in rule("st.a").items() if k != "citation"}
    root = write(tmp_path, rules={"st": [lacking, rule("st.b", effect="maybe")]})
    (root / "packs/st/rules/broken.yaml").write_text("- id: x\n  title: [\n")
    (root / "packs/st/rules/other.yaml").write_text("- 1\n")
    findings = lint(root, today=TODAY)
    assert [(Path(f.file).name, f.line, f.code) for f in findings] == [
        ("all.yaml", 1, "citation"),
        ("all.yaml", 1, "schema"),
        ("broken.yaml", 3, "unreadable"),
        ("other.yaml", 1, "schema"),
    ]


def test_words(tmp_path: Path) -> None:
    """Words nobody knows are found in rules that are off, too."""
    off = {"status": "digest_only", "checked_on": "2026-01-01", "lawyer": None}
    root = write(
        tmp_path,
        rules={
            "st": [
                rule("st.a", reach={"kinds": ["raed"]}),
                rule("st.b", verification=off, reach={"kinds": ["holt"]}),
                rule("st.c", when=[{"fact": "agreement", "is": "in_farce"}]),
            ]
        },
        header={"immigration_scope": "narow"},
    )
    assert found(root) == [
        (
            "unknown_word",
            "immigration_scope: narow is not a known word; did you mean narrow?",
        )
    ] * 2 + [
        (
            "unknown_word",
            "st.a.reach.kinds: raed is not a known word; did you mean read?",
        ),
        (
            "unknown_word",
            "st.b.reach.kinds: holt is not a known word; did you mean hold?",
        ),
        (
            "unknown_word",
            (
                "st.c.when.1: in_farce is not a value of agreement;"
                " did you mean in_force?"
            ),
        ),
    ]


def test_alone(tmp_path: Path) -> None:
    """Dates, layers, hidden exceptions, citations, duties, days, spellings."""
    old = {"status": "source_read", "checked_on": "2020-01-01", "lawyer": None}
    dates = {"from": "2026-01-01", "until": "2025-01-01"}
    root = write(
        tmp_path,
        rules={
            "st": [
                rule("st.a", effective=dates),
                rule("st.b", layer="saving"),
                rule("st.c", when=[TRUE], verification=old),
                rule("st.d", citation="U.S.C. 7"),
                rule("st.e", obligations=["log"]),
                rule("st.f", obligations_on={"permit": ["tell", "log"]}),
                rule("st.g", citation="St. Code 1"),
                rule("st.h", citation="St. Code 2"),
                rule("st.i", citation="St Code 3"),
                rule(
                    "st.j",
                    reveals=REVEALS,
                    unless=[
                        {
                            "id": "n",
                            "effect": "permit",
                            "when": [TRUE, {"fact": "convicted", "is": False}],
                        }
                    ],
                ),
            ]
        },
    )
    assert [code for code, _ in found(root)] == [
        "dates",
        "contradiction",
        "reveals",
        "expired",
        "citation",
        "nobody_executes",
        "nobody_executes",
        "spelling",
        "never_holds",
    ]


def test_local_rules_on_the_law_below(tmp_path: Path) -> None:
    """What a local rule may not do depends on the pack; both directions are errors."""
    narrows = overlaid(tmp_path / "a", LOCAL, on=["tx"])
    (finding,) = lint(narrows, today=TODAY)
    assert (finding.code, finding.citation) == ("narrows_law", "Law 2")
    widens = overlaid(tmp_path / "b", OPENS, on=["st"])
    (finding,) = lint(widens, today=TODAY)
    assert (finding.code, finding.citation) == ("widens_law", "Law 1")
    assert found(overlaid(tmp_path / "c", LOCAL, on=["st"])) == []
    assert found(overlaid(tmp_path / "d", OPENS, on=["tx"])) == []


def test_stacks_of_an_overlay(tmp_path: Path) -> None:
    """Without ``on`` an overlay stands where its cases put it, wherever they lie."""
    root = overlaid(tmp_path, LOCAL)
    assert [code for code, _ in found(root)] == ["no_stack"]
    case = {
        "schema": "sallyport.case/1",
        "id": "C",
        "title": "C",
        "packs": ["tx"],
        "overlay": "county",
        "day": "2026-01-20",
        "custodian": "sheriff",
        "dataset": "jail",
        "request": {"kinds": ["read"], "categories": ["date"], "purpose": "civil"},
        "requester": {"class": "ice"},
    }
    folder = root / "packs/tx/scenarios"
    folder.mkdir()
    (folder / "c.yaml").write_text(json.dumps(case))
    (folder / "d.yaml").write_text(json.dumps({**case, "packs": ["gone"]}))
    (folder / "e.yaml").write_text(
        json.dumps({**case, "overlay": None, "id": "county"})
    )
    (folder / "f.yaml").write_text("county: [")
    (folder / "g.yaml").write_text(json.dumps({**case, "overlay": None}))
    (folder / "h.yaml").write_text(json.dumps(case))
    assert [s for s in stacks_of(load_library(root)) if s[1]] == [
        (("agency-default", "tx"), "county")
    ]
    said = found(root)
    assert [code for code, _ in said] == [
        "narrows_law",
        "case",
        "unreadable",
        "case",
        "case",
    ]
    assert said[1][1].startswith("id: C is the id of another case too: ")


def test_cases_of_an_overlay(tmp_path: Path) -> None:
    """Its own must be askable; a law's case on an overlay of elsewhere is not asked."""
    root = overlaid(tmp_path, LOCAL, on=["st"])
    for folder, other in (("packs/tx", "gone"), ("overlays/county", "gone")):
        (root / folder / "scenarios").mkdir()
        case = small.case_text(id=folder[0], overlay=other, packs=["st"])
        path = root / folder / "scenarios/c.yaml"
        path.write_text(json.dumps(case))
    torn = '{"id": 1}'
    (root / "packs/tx/scenarios/d.yaml").write_text(torn)
    (root / "packs/tx/scenarios/e.yaml").write_text(torn)
    said = [f for f in lint(root, today=TODAY) if f.code == "case"]
    assert [f.what for f in said if "county" in f.file] == [
        "overlay: gone is not an overlay here"
    ]
    assert not [f for f in said if f.file.endswith("tx/scenarios/c.yaml")]
    assert not [f for f in said if "another case" in f.what]


def test_named_stacks(tmp_path: Path) -> None:
    """Stacks that are named are looked at, and only what follows from them is said."""
    root = overlaid(tmp_path, LOCAL, on=["tx"])
    wrong = rule("tx.open", effect="permit", citation="none")
    (root / "packs/tx/rules/all.yaml").write_text(json.dumps([wrong]))
    assert [c for c, _ in found(root, stacks=[(("st",), None)])] == []
    assert [c for c, _ in found(root, stacks=[(("tx",), None)])] == ["citation"]
    assert [c for c, _ in found(root, stacks=[(("st",), "county")])] == ["stack"]
    gone = found(root, stacks=[(("ts",), None)])
    assert gone == [("schema", "ts is not a pack here; did you mean tx?")]


def test_excluded(tmp_path: Path) -> None:
    """Packs that may not be in force together are found, with the law that says so."""
    root = overlaid(tmp_path, LOCAL, on=["st"])
    header = root / "packs/tx/pack.yaml"
    bar = {"excludes": [{"pack": "st", "citation": "Law 9"}]}
    header.write_text(json.dumps({**json.loads(header.read_text()), **bar}))
    assert found(root) == []
    (finding,) = lint(root, today=TODAY, stacks=[(("st", "tx"), None)])
    assert (finding.code, finding.citation) == ("excluded", "Law 9")


def test_a_federal_pack_is_beside(tmp_path: Path) -> None:
    """Where there is a federal pack, each stack has it."""
    root = write(tmp_path, rules={"us-federal": [], "st": []})
    assert stacks_of(load_library(root)) == [
        (("agency-default", "us-federal"), None),
        (("agency-default", "st", "us-federal"), None),
    ]


def test_proved(tmp_path: Path) -> None:
    """What a prover says of a stack is found at the rule it is of."""
    root = write(tmp_path, rules={"st": [rule("st.a")]})

    def prover(_words: Vocabulary, rules: Sequence[Rule]) -> Iterator[Proved]:
        for law in rules:
            yield Proved(code="shadowed", rule=law.id, case="", said="never decides")

    assert found(root, prover=prover) == [("shadowed", "st.a: never decides")]


def test_law_on_policies(tmp_path: Path) -> None:
    """A local rule is put to the law that speaks of written policies."""
    text = vocabulary_text()
    text["facts"]["way"] = {"type": "code", "values": ["in", "out"], "scope": "request"}
    text["facts"]["what"] = {"type": "code", "values": ["any"], "scope": "request"}
    text["policy_changes"] = {
        "kind": "hold",
        "category": "hold",
        "dataset": "jail",
        "purpose": "civil",
        "requester": "police",
        "concerns": ["fed"],
        "direction": "way",
        "narrows": "in",
        "widens": "out",
        "subject": "what",
        "other": "any",
        "subjects": {},
    }
    bar = rule(
        "st.bar",
        reach={"kinds": ["hold"], "requesters": ["police"]},
        reason="POLICY_BARRED",
        local_may_expand=True,
    )
    root = write(
        tmp_path,
        rules={"st": [bar]},
        overlay=[LOCAL],
        overlay_header={"on": ["st"]},
        words=text,
    )
    assert [code for code, _ in found(root)] == ["policy_barred"]


def test_one_overlay_alone(tmp_path: Path) -> None:
    """On what it says it stands on; one that is not there is no clean folder."""
    closed = {"effect": "permit", "when": [{"fact": "bulk", "is": True}]}
    local = rule("county.a", layer="overlay")
    root = write(
        tmp_path,
        rules={"st": [rule("st.a", **closed)], "other": [rule("other.a")]},
        overlay=[local],
        overlay_header={"on": ["st"]},
    )
    (root / "packs/other/rules/more.yaml").write_text("")
    assert {code for code, _ in found(root)} == {"narrows_law", "empty"}
    assert [code for code, _ in found(root, overlay="county")] == ["narrows_law"]
    [(code, what)] = found(root, overlay="conty")
    assert (code, what) == (
        "schema",
        "conty is not an overlay here; did you mean county?",
    )
