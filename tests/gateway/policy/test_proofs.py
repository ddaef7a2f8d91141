"""Proofs travel beside the law they are of, and count for that law alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway.policy.build import build
from gateway.policy.bundle import Bundle
from gateway.policy.proofs import PROOFS, proofs_of
from tests.gateway.policy.small import kept_proofs, rule, write


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with a pack."""
    return write(tmp_path / "p", rules={"st": [rule("st.a")]})


def test_kept_proofs_travel_in_the_bundle(root: Path) -> None:
    """They are found by revision, are outside it, and say what holds."""
    bare = build(root, ["st"])
    assert proofs_of(bare) == {}
    kept_proofs(root, bare, fails=("never.y",))
    proved = build(root, ["st"])
    assert proved.revision == bare.revision
    assert proofs_of(proved) == {"never.x": True, "never.y": False}
    assert Bundle.read(proved.archive()).files[PROOFS] == proved.files[PROOFS]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"schema": "other"}'])
def test_what_is_no_proof_is_none(root: Path, text: str) -> None:
    """A file that is cut short or is something else proves nothing."""
    path = kept_proofs(root, build(root, ["st"]))
    path.write_text(text)
    assert proofs_of(build(root, ["st"])) == {}


def test_proofs_of_other_rules_are_none(root: Path) -> None:
    """They name the rules that they are of."""
    bundle = build(root, ["st"])
    path = kept_proofs(root, bundle)
    other = json.loads(path.read_text()) | {"revision": "0" * 64}
    path.write_text(json.dumps(other))
    assert proofs_of(build(root, ["st"])) == {}
