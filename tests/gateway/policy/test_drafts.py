"""Packs that no lawyer has signed, in a folder and in a bundle."""

from __future__ import annotations

import json
from pathlib import Path

from gateway.policy.build import assemble
from gateway.policy.bundle import Bundle
from gateway.policy.drafts import drafts_in, drafts_of, packs_in
from gateway.policy.pack import load_library
from tests.gateway.policy.small import write


def test_drafts(tmp_path: Path) -> None:
    """Every pack of the stack and its overlay, but those that a lawyer has signed."""
    root = write(tmp_path, rules={"st": [], "tx": []}, overlay=[])
    header = root / "packs/st/pack.yaml"
    text = json.loads(header.read_text())
    text["verification"]["lawyer"] = "County counsel"
    header.write_text(json.dumps(text))
    library = load_library(root)
    bundle = assemble(library, ["st", "tx"], "county")
    assert drafts_in(bundle) == ["agency-default", "county", "tx"]
    assert drafts_of(library.chosen(["st"], None)) == ["agency-default"]
    assert drafts_in(Bundle(files={})) == []
    assert packs_in(bundle) == [
        "agency-default 0.1.0",
        "county 0.1.0",
        "st 0.1.0",
        "tx 0.1.0",
    ]
