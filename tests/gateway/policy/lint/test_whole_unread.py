"""Lint of a folder that does not all read: what does is looked at all the same."""

from __future__ import annotations

import json
from pathlib import Path

from gateway.policy.lint.whole import lint
from tests.gateway.policy.lint.folders import LOCAL, TODAY, found, overlaid, rule
from tests.gateway.policy.small import write


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
