"""Lint of a folder: each kind of mistake is found where it stands."""

# ruff: noqa: ANN401 - documents made by hand hold values of any type

from __future__ import annotations

import datetime as dt
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
from tests.gateway.policy.small import vocabulary_text, write

TODAY = dt.date(2026, 1, 20)
TRUE: dict[str, Any] = {"fact": "convicted", "is": True}
REVEALS = {"categories": ["status"], "citation": "Law 1(b)"}


def rule(name: str, **members: Any) -> dict[str, Any]:
    """Return a rule whose citation names a section."""
    return small.rule(name, **{"citation": "Law 1", **members})


def found(root: Path, **options: Any) -> list[tuple[str, str]]:
    """Return the codes and what is said, file paths left out."""
    return [(f.code, f.what) for f in lint(root, today=TODAY, **options)]


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


LOCAL = rule("county.a", layer="overlay", reach={"requesters": ["ice"]})
OPENS = {**LOCAL, "effect": "permit"}


def overlaid(tmp_path: Path, local: dict[str, Any], **header: Any) -> Path:
    """Return a folder with two states, and a county on top."""
    closes = rule("st.shut", reach={"requesters": ["ice"]}, citation="Law 1")
    opens = rule("tx.open", effect="permit", citation="Law 2")
    return write(
        tmp_path,
        rules={"st": [closes], "tx": [opens]},
        overlay=[local],
        overlay_header=header,
    )


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


def test_all_at_once(tmp_path: Path) -> None:
    """A record that does not read hides nothing: form, words and law in one look."""
    broken = {k: v for k, v in rule("county.a").items() if k != "title"}
    dates = {"from": "2026-01-01", "until": "2025-01-01"}
    local = [
        broken,
        rule("county.b", layer="overlay", reach={"kinds": ["raed"]}),
        rule("county.c", layer="overlay", effective=dates),
        LOCAL,
        LOCAL,
    ]
    root = overlaid(tmp_path, LOCAL, on=["tx"])
    (root / "overlays/county/rules/all.yaml").write_text(json.dumps(local))
    (root / "overlays/county/must_never.yaml").write_text("schema: x\n")

    codes = [code for code, _ in found(root)]
    assert sorted(codes) == sorted(
        [
            "schema",
            "unknown_word",
            "dates",
            "schema",
            "narrows_law",
            "narrows_law",
            "schema",
            "schema",
        ]
    ), found(root)


def test_law_that_does_not_read(tmp_path: Path) -> None:
    """Of a stack without a part of its law nothing is said; no pack is called none."""
    root = overlaid(tmp_path, LOCAL, on=["tx"])
    (root / "packs/tx/pack.yaml").write_text("schema: [\n")
    assert [code for code, _ in found(root)] == ["unreadable"]
    (root / "overlays/county/pack.yaml").write_text("schema: [\n")
    codes = [code for code, _ in found(root, overlay="county")]
    assert codes == ["unreadable", "unreadable"]


def test_words_of_the_law_that_are_wrong(tmp_path: Path) -> None:
    """What the law says of local policies is not asked then: it would be guessed."""
    root = overlaid(tmp_path, LOCAL, on=["tx"])
    law = root / "packs/tx/rules/all.yaml"
    rules = [*json.loads(law.read_text()), rule("tx.w", reach={"kinds": ["raed"]})]
    law.write_text(json.dumps(rules))
    assert [code for code, _ in found(root)] == ["narrows_law", "unknown_word"]


def test_choices_about_packs_that_an_overlay_does_not_stand_on(tmp_path: Path) -> None:
    """They decide nothing; those of the federal pack and of its own stand."""
    free = rule("tx.free", effect="permit", discretion=True, citation="Law 2")
    below = {**free, "id": "us-federal.free"}
    choices = [
        {"rule": name, "decision": "release", "citation": "Code 1"}
        for name in ("tx.free", "us-federal.free")
    ]
    root = write(
        tmp_path,
        rules={"st": [rule("st.a")], "tx": [free], "us-federal": [below]},
        overlay=[],
        overlay_header={"on": ["st"], "exercise": choices},
    )
    (finding,) = lint(root, today=TODAY, overlay="county")
    assert (finding.code, finding.line) == ("stack", 1)
    assert finding.what.startswith(
        "exercise.1.rule: tx.free is of tx, which county does not stand on"
    )


def test_two_states(tmp_path: Path) -> None:
    """An overlay on both is warned of: where their laws differ nothing is released."""
    root = overlaid(tmp_path, LOCAL, on=["st", "tx"])
    assert ("two_states", "on: county stands on st and tx") in found(root)


def test_a_vocabulary_that_does_not_read(tmp_path: Path) -> None:
    """Without it no word has a meaning: nothing else is looked at."""
    root = overlaid(tmp_path, LOCAL, on=["tx"])
    (root / "vocabulary.yaml").write_text("schema: [\n")
    assert [code for code, _ in found(root)] == ["unreadable"]


def test_a_rule_that_succeeds_one_that_does_not_read(tmp_path: Path) -> None:
    """Whether the old one is there nobody can tell, so it is not said to be none."""
    old = {k: v for k, v in rule("tx.old").items() if k != "title"}
    new = rule("tx.new", succeeds="tx.old", effective={"from": "2026-01-01"})
    root = write(tmp_path, rules={"tx": [old, new]})
    assert [code for code, _ in found(root)] == ["schema"]
