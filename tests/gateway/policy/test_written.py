"""Which files make a law: those that are read."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.errors import InvalidFile
from gateway.policy.build import build, read_once
from gateway.policy.written import written_files
from tests.gateway.policy.small import rule, write


def test_what_is_not_read_makes_no_other_rules(tmp_path: Path) -> None:
    """What editors and file managers leave in a pack changes no revision."""
    root = write(tmp_path, rules={"st": [rule("st.a")]}, overlay=[])
    before = build(root, ["st"], "county")
    for folder in ("packs/st", "packs/st/rules", "overlays/county/rules", "rego"):
        for name in (".DS_Store", "all.yaml~", "all.yml", ".all.yaml.swp"):
            (root / folder / name).write_bytes(b"\x00")
    (root / "packs/st/rules/old").mkdir()
    after = build(root, ["st"], "county")
    assert (after.revision, after.files) == (before.revision, before.files)


def test_only_what_is_wanted_is_carried(tmp_path: Path) -> None:
    """Packs by name; the lists and the evaluator always, its tests never."""
    root = write(tmp_path, rules={"st": [], "other": []})
    (root / "must_never.yaml").write_text("[]")
    (root / "packs/st/must_never.yaml").write_text("[]")
    found = [name for name in written_files(root, {"st"}) if "rego" not in name]
    assert found == [
        "vocabulary.yaml",
        "must_never.yaml",
        "packs/st/pack.yaml",
        "packs/st/rules/all.yaml",
        "packs/st/must_never.yaml",
    ]
    assert not [name for name in written_files(root) if "_test" in name]


def test_a_folder_without_vocabulary_is_none(tmp_path: Path) -> None:
    """Whoever builds from it is told so, in the sentence that lint has."""
    for reading in (lambda: build(tmp_path, []), lambda: read_once(tmp_path)):
        with pytest.raises(InvalidFile, match="no policies folder: it has no voc"):
            reading()
