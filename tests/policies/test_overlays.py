"""Local rules as people would write them: those that law leaves to them, and not.

Written from the statutes and the pages of the packs. Each stands alone in an overlay
on its pack, so lint has to find what is wrong with it, and cite the law, or nothing.
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from gateway.policy.lint.finding import Finding
from gateway.policy.lint.whole import FEDERAL, lint
from gateway.policy.pack import DEFAULT_PACK, load_library

REPOSITORY = Path(__file__).parents[2]
TODAY = dt.date(2026, 5, 1)

ICE = ["ice_ero", "ice_hsi"]
STATUS = {"kinds": ["read_fields"], "categories": ["immigration_status"]}
HOLD, TRANSFER, AGREEMENT = ({"kinds": [k]} for k in ("hold", "transfer", "agreement"))
ADDRESS = {
    "kinds": ["read_fields"],
    "categories": ["home_address"],
    "purposes": ["immigration_civil"],
}
RELEASE = {"kinds": ["notify"], "categories": ["release_date"]}
REPORT: dict[str, Any] = {
    "requesters": ["internal_staff"],
    "purposes": ["reporting"],
    "kinds": ["report"],
}
SALE: dict[str, Any] = {
    "requesters": ["commercial_broker"],
    "kinds": ["bulk_export"],
    "datasets": ["dmv"],
}
DMV = {"custodians": ["dmv"], "datasets": ["dmv"]}

Reach = Mapping[str, Any]

OPENS_TOO_MUCH: list[tuple[str, Reach, str]] = [
    ("model-ordinance", HOLD, "Model ordinance, 3"),
    ("model-ordinance", TRANSFER, "Model ordinance, 3"),
    ("us-ca", TRANSFER, "7282.5"),
    ("us-ca", HOLD, "7284.6(a)(1)(B)"),
    ("us-ca", RELEASE, "7282.5"),
    ("us-ca", ADDRESS, "7284.6(a)(1)(D)"),
    ("us-co", HOLD, "24-76.6-102"),
    ("us-ct", HOLD, "54-192h"),
    ("us-de", AGREEMENT, "8402B"),
    ("us-il", HOLD, "805/15"),
    ("us-il", TRANSFER, "805/15"),
    ("us-ma", HOLD, "Lunn"),
    ("us-md", ADDRESS, "3-529(b)(1)"),
    ("us-nj", HOLD, "II.B"),
    ("us-nj", AGREEMENT, "III.A"),
    ("us-ny-dmv", {**ADDRESS, **DMV}, "201(12)"),
    ("us-or", ADDRESS, "180.805(2)"),
    ("us-or", AGREEMENT, "181A.826"),
    ("us-va", TRANSFER, "53.1-220.2"),
    ("us-vt", AGREEMENT, "4652"),
    ("us-wa", HOLD, "10.93.160"),
    ("us-wa", RELEASE, "10.93.160(4)"),
]
"""An overlay opens what the law of its pack keeps shut."""

CLOSES_TOO_MUCH: list[tuple[str, Reach, str]] = [
    ("us-az", STATUS, "11-1051"),
    ("us-fl", STATUS, "908.10"),
    ("us-fl", HOLD, "908.10"),
    ("us-ga", STATUS, "36-80-23"),
    ("us-ga", HOLD, "35-1-17"),
    ("us-ia", STATUS, "27A"),
    ("us-ia", HOLD, "27A"),
    ("us-tn", STATUS, "7-68-10"),
    ("us-tn", HOLD, "7-68-10"),
    ("us-tx", STATUS, "752.053"),
    ("us-tx", HOLD, "2A.060"),
    ("us-va", TRANSFER, "53.1-220.2"),
    ("model-ordinance", REPORT, "Model ordinance, 5"),
    ("us-ca", REPORT, "7284.6(c)"),
    ("us-co", REPORT, "24-74-106"),
    ("us-ct", REPORT, "54-192h"),
    ("us-il", REPORT, "805/25"),
    ("us-md", {**REPORT, "custodians": ["dmv"]}, "4-320.1"),
    ("us-nj", REPORT, "Directive"),
    ("us-or", REPORT, "181A.829"),
    ("us-wa", REPORT, "43.10.315"),
]
"""An overlay shuts what the law of its pack commands."""

LEFT_OPEN: list[tuple[str, Reach, str]] = [
    *((pack, SALE, "prohibit") for pack in ("us-fl", "us-ga", "us-ia", "us-tn")),
    *((pack, SALE, "prohibit") for pack in ("us-az", "us-tx")),
    *((pack, HOLD, "prohibit") for pack in ("us-ca", "us-co", "us-ct", "us-il")),
    *((pack, HOLD, "prohibit") for pack in ("us-ma", "us-nj", "us-or", "us-wa")),
    ("us-ca", RELEASE, "prohibit"),
    ("us-ca", TRANSFER, "review"),
    ("us-de", AGREEMENT, "prohibit"),
    ("us-md", AGREEMENT, "prohibit"),
    ("us-ny-dmv", {**ADDRESS, **DMV}, "prohibit"),
    ("us-vt", AGREEMENT, "prohibit"),
    ("model-ordinance", RELEASE, "prohibit"),
]
"""An overlay is stricter where its law lets it be."""


def rules() -> list[tuple[str, str, Reach, str]]:
    """Return every local rule: its overlay's name, its pack, its reach, its effect."""
    found = [(pack, reach, "permit") for pack, reach, _ in OPENS_TOO_MUCH]
    found += [(pack, reach, "prohibit") for pack, reach, _ in CLOSES_TOO_MUCH]
    found += LEFT_OPEN
    return [(f"stranger-{i}", *one) for i, one in enumerate(found)]


def written(root: Path, name: str, pack: str, reach: Reach, effect: str) -> None:
    """Write an overlay of one rule."""
    folder = root / "overlays" / name
    (folder / "rules").mkdir(parents=True)
    header = {
        "schema": "sallyport.pack/1",
        "id": name,
        "title": "Rules of our own",
        "version": "1",
        "as_of": "2026-04-30",
        "time_zone": "America/Chicago",
        "kind": "overlay",
        "on": [pack],
        "verification": {"status": "local"},
    }
    rule = {
        "id": f"{name}.one",
        "title": "What our board decided",
        "citation": "County Resolution 1",
        "layer": "overlay",
        "reach": {"requesters": ICE, "custodians": ["sheriff"], **reach},
        "effect": effect,
        "reason": "LOCAL_OVERLAY",
        "verification": {"status": "local", "checked_on": "2026-04-30", "lawyer": None},
    }
    if effect == "review":
        rule["reviewer"] = "command"
    (folder / "pack.yaml").write_text(json.dumps(header))
    (folder / "rules" / "all.yaml").write_text(json.dumps([rule]))


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Finding]]:
    """Return what lint finds in each overlay, by its name."""
    root = tmp_path_factory.mktemp("overlays") / "policies"
    leave = shutil.ignore_patterns("scenarios", "overlays")
    shutil.copytree(REPOSITORY / "policies", root, ignore=leave)
    stacks = []
    for name, pack, reach, effect in rules():
        written(root, name, pack, reach, effect)
        stacks.append((tuple(sorted({DEFAULT_PACK, FEDERAL, pack})), name))
    found = lint(root, today=TODAY, stacks=stacks)
    return {
        name: [one for one in found if f"/overlays/{name}/" in one.file]
        for name, *_ in rules()
    }


BAD = [*OPENS_TOO_MUCH, *CLOSES_TOO_MUCH]


@pytest.mark.parametrize(
    ("place", "pack", "citation"),
    [(i, pack, citation) for i, (pack, _, citation) in enumerate(BAD)],
)
def test_what_law_does_not_leave_to_anybody(
    findings: dict[str, list[Finding]], place: int, pack: str, citation: str
) -> None:
    """It is an error at the rule, with the law that says so."""
    way = "widens_law" if place < len(OPENS_TOO_MUCH) else "narrows_law"
    found = [f for f in findings[f"stranger-{place}"] if f.severity == "error"]
    assert {f.code for f in found} & {way, "policy_barred"}
    assert all(f.file.endswith("rules/all.yaml") and f.line for f in found)
    cited = " ".join(f.citation or "" for f in found)
    assert citation in cited, pack


@pytest.mark.parametrize(
    ("place", "pack"),
    [(len(BAD) + i, pack) for i, (pack, _, _) in enumerate(LEFT_OPEN)],
)
def test_what_law_leaves_open(
    findings: dict[str, list[Finding]], place: int, pack: str
) -> None:
    """Nothing is found in it."""
    assert [str(f) for f in findings[f"stranger-{place}"]] == [], pack


def test_each_pack_was_tried_in_what_it_says() -> None:
    """Every pack that keeps something from local policy stands above, each way."""
    library = load_library(REPOSITORY / "policies")
    packs = {p.id for p in library.packs.values() if p.text.kind in {"state", "model"}}
    assert {pack for pack, _, _ in BAD} == packs
