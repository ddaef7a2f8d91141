"""Sides of a comparison: a stack of a folder, all of it, or a bundle."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gateway.errors import InvalidFile
from gateway.policy.build import build
from gateway.policy.bundle import Bundle
from gateway.policy.compare.sides import side_of, side_of_folder, side_of_stack
from gateway.policy.pack import load_library
from tests.gateway.policy.compare.two import law, side
from tests.gateway.policy.small import rule, write


def test_a_bundle_carries_its_law(tmp_path: Path) -> None:
    """A bundle is read back to the rules, words and evaluator it was built from."""
    local = rule("county.a", layer="overlay", reach={"kinds": ["hold"]})
    made = side(tmp_path, law(), overlay=[local])
    again = side_of(Bundle.read(made.deciding.archive()), "b")
    assert [r.id for r in again.rules] == [r.id for r in made.rules]
    assert (again.stack, again.rego) == (made.stack, made.rego)
    assert again.vocabulary == made.vocabulary
    assert again.table.line(8_130_000).rule.id == "none"


OFF = {"status": "digest_only", "checked_on": "2026-01-01", "lawyer": None}
CITED = {"citation": "Letter of 3 May"}


def test_a_bundle_of_some_packs(tmp_path: Path) -> None:
    """An overlay may say something about rules of packs that are not in the bundle."""
    discretion = rule("tx.a", effect="permit", discretion=True)
    off = rule("tx.b", verification=OFF)
    local = rule("county.a", layer="overlay", reach={"kinds": ["hold"]})
    header = {
        "exercise": [{"rule": "tx.a", "decision": "release", "citation": "Code 1"}],
        "turned_on": [
            {"rule": "tx.b", "counsel": "Counsel", "on": "2026-01-20"} | CITED
        ],
    }
    root = write(
        tmp_path,
        rules={"st": [law()], "tx": [discretion, off]},
        overlay=[local],
        overlay_header=header,
    )
    again = side_of(build(root, ["st"], "county"), "b")
    assert [r.id for r in again.rules] == ["county.a", "st.a"]


def test_a_bundle_without_sources(tmp_path: Path) -> None:
    """What carries no law to read is no side; nothing is written outside."""
    bundle = side(tmp_path / "policies", law()).deciding
    files = {p: d for p, d in bundle.files.items() if not p.startswith("sources/")}
    with pytest.raises(InvalidFile, match="no sources"):
        side_of(Bundle(files=files), "b")
    outside = {**bundle.files, "sources/../../../../tmp/outside.yaml": b"x"}
    outside["sources/../outside.yaml"] = b"x"
    assert side_of(Bundle(files=outside), "b").rules
    assert not list(tmp_path.glob("outside.yaml"))


def test_all_of_a_folder(tmp_path: Path) -> None:
    """Every pack and overlay is read; nothing is decided by all of them."""
    library = load_library(write(tmp_path, rules={"st": [law()], "tx": [law("tx.a")]}))
    every = side_of_folder(library)
    assert {r.id for r in every.rules} == {"st.a", "tx.a"}
    with pytest.raises(TypeError, match="decides nothing"):
        _ = every.deciding
    assert [r.id for r in side_of_stack(library, ["tx"], None).rules] == ["tx.a"]


def test_mistakes(tmp_path: Path) -> None:
    """A folder whose words are wrong is no side."""
    wrong = rule("st.a", reach={"kinds": ["raed"]})
    library = load_library(write(tmp_path, rules={"st": [wrong]}))
    with pytest.raises(InvalidFile, match="raed"):
        side_of_folder(library)
    with pytest.raises(InvalidFile, match="raed"):
        side_of_stack(library, ["st"], None)
    assert replace(side(tmp_path / "b", law()), bundle=None).bundle is None
