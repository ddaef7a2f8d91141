"""Local policy on every pack: what its law reserves may be neither narrowed nor opened.

Nothing here names a pack: local rules are made from each pack's own rules, one that
closes and one that opens, and lint has to find exactly those that the law bars.
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import pytest

from gateway.policy.contradictions import BELOW_OVERLAY
from gateway.policy.header import OFF
from gateway.policy.law import Rule
from gateway.policy.lint.finding import Finding
from gateway.policy.lint.whole import FEDERAL, lint
from gateway.policy.pack import DEFAULT_PACK, Library, Pack, load_library
from gateway.policy.rules import RuleText

REPOSITORY = Path(__file__).parents[2]
TODAY = dt.date(2026, 5, 1)
Way = Literal["narrows_law", "widens_law"]
EFFECTS: dict[Way, str] = {"narrows_law": "prohibit", "widens_law": "permit"}


def reserved(rule: Rule, way: Way) -> bool:
    """Tell whether local policy may not go this way with a rule."""
    if way == "widens_law":
        return any(c.effect == "prohibit" and not c.may_expand for c in rule.cases)
    return any(
        c.effect == "require" or (c.effect == "permit" and not c.may_restrict)
        for c in rule.cases
    )


def in_force(pack: Pack) -> Iterator[RuleText]:
    """Yield the rules of a pack that local policy stands on and that are on."""
    for _, _, text in pack.rules:
        known = text.verification.status != OFF and not text.only_with
        if known and text.layer in BELOW_OVERLAY:
            yield text


def mirrored(text: RuleText, overlay: str, way: Way) -> dict[str, Any]:
    """Return a local rule that reaches what a rule of the law reaches."""
    law = text.model_dump(mode="json", by_alias=True, exclude_none=True)
    return {
        "id": f"{overlay}.{text.id}",
        "title": "What the law says, the other way round",
        "citation": "County Resolution 1",
        "layer": "overlay",
        "effective": law.get("effective", {}),
        "reach": law.get("reach", {}),
        "when": law["when"],
        "effect": EFFECTS[way],
        "reveals": {"categories": ["name"], "citation": "County Resolution 2"},
        "verification": {"status": "local", "checked_on": "2026-04-30", "lawyer": None},
    }


def overlay(root: Path, pack: Pack, way: Way) -> str:
    """Write an overlay that turns every rule of a pack round; return its id."""
    name = f"{pack.id}-{EFFECTS[way]}"
    folder = root / "overlays" / name
    (folder / "rules").mkdir(parents=True)
    header = {
        "schema": "sallyport.pack/1",
        "id": name,
        "title": name,
        "version": "1",
        "as_of": "2026-04-30",
        "time_zone": "America/Chicago",
        "kind": "overlay",
        "on": [pack.id],
        "groups": pack.text.groups,
        "verification": {"status": "local"},
    }
    if pack.text.immigration_scope:
        header["immigration_scope"] = pack.text.immigration_scope
    (folder / "pack.yaml").write_text(json.dumps(header))
    rules = [mirrored(text, name, way) for text in in_force(pack)]
    (folder / "rules" / "all.yaml").write_text(json.dumps(rules))
    return name


@pytest.fixture(scope="module")
def library() -> Library:
    """The shipped policies."""
    return load_library(REPOSITORY / "policies")


@pytest.fixture(scope="module")
def findings(
    library: Library, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str, Way], list[Finding]]:
    """Return what lint finds in a pack's rules turned round, by pack and way."""
    root = tmp_path_factory.mktemp("local") / "policies"
    leave = shutil.ignore_patterns("scenarios", "overlays")
    shutil.copytree(REPOSITORY / "policies", root, ignore=leave)
    stacks = []
    for pack in library.packs.values():
        below = tuple(sorted({DEFAULT_PACK, FEDERAL, pack.id}))
        stacks += [(below, overlay(root, pack, way)) for way in EFFECTS]
    found = lint(root, today=TODAY, stacks=stacks)

    def of(pack: str, way: Way) -> list[Finding]:
        folder = f"/overlays/{pack}-{EFFECTS[way]}/"
        return [f for f in found if folder in f.file]

    return of


@pytest.mark.parametrize("way", EFFECTS)
def test_each_reserved_rule_is_found(
    library: Library, findings: Callable[[str, Way], list[Finding]], way: Way
) -> None:
    """Every rule that its law reserves stops a local rule, and the law is cited."""
    rules = library.every_rule([])
    tried = 0
    for pack in library.packs.values():
        on = {text.id for text in in_force(pack)}
        found = findings(pack.id, way)
        for rule in rules[pack.id]:
            if rule.id in on:
                here = [f for f in found if f.where.endswith(f".{rule.id})")]
                said = [f for f in here if f.code == way]
                cited = {f.citation for f in said if f"see {rule.id} " in f.mend}
                assert cited == ({rule.citation} if reserved(rule, way) else set())
                tried += reserved(rule, way)
    assert tried > 10


def test_both_directions_are_reserved_somewhere(library: Library) -> None:
    """There is law that commands, and law that forbids: lint takes no side."""
    rules = [
        rule
        for name, found in library.every_rule([]).items()
        for rule in found
        if library.packs.get(name) and library.packs[name].text.kind == "state"
    ]
    assert {way for way in EFFECTS for rule in rules if reserved(rule, way)} == {
        *EFFECTS
    }


def test_law_on_policies_bars_both_ways(
    library: Library, findings: Callable[[str, Way], list[Finding]]
) -> None:
    """A pack that says which policies may not be made is obeyed, and is cited."""
    means = library.vocabulary.reason_codes
    ways: set[Way] = set()
    for pack, rules in library.every_rule([]).items():
        if pack not in library.packs:
            continue
        bars = {
            rule.citation
            for rule in rules
            if "policy_change" in rule.reach.named_kinds
            and any(means[case.reason].means == "lint_error" for case in rule.cases)
        }
        cited = {
            (way, finding.citation)
            for way in EFFECTS
            for finding in findings(pack, way)
            if finding.code == "policy_barred"
        }
        assert {citation for _, citation in cited} == bars
        ways |= {way for way, _ in cited}
    assert ways == {*EFFECTS}
