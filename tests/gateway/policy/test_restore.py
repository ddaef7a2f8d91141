"""A bundle's law is laid in a policies folder again, and comes to the same bundle."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gateway.errors import InvalidFile
from gateway.policy.build import build
from gateway.policy.bundle import Bundle
from gateway.policy.restore import restored
from tests.gateway.policy.small import rule, write


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with two packs."""
    return write(tmp_path / "p", rules={"st": [rule("st.a")], "tx": [rule("tx.a")]})


def test_what_changed_is_as_it_was(root: Path) -> None:
    """Edited, added and lost files of its packs are as the bundle has them."""
    bundle = build(root, ["st"])
    rules = root / "packs/st/rules"
    first, *_ = sorted(rules.iterdir())
    first.write_text(first.read_text().replace("prohibit", "permit", 1))
    (rules / "more.yaml").write_text("[]")
    (root / "vocabulary.yaml").unlink()
    shutil.rmtree(root / "rego")
    case = root / "packs/st/scenarios/c.yaml"
    case.parent.mkdir()
    case.write_text("kept")
    other = root / "packs/tx/rules/tx.yaml"
    other.parent.mkdir(exist_ok=True)
    other.write_text("of another pack")
    restored(bundle, root)
    assert not (rules / "more.yaml").exists()
    assert (case.read_text(), other.read_text()) == ("kept", "of another pack")
    other.unlink()
    assert build(root, ["st"]).revision == bundle.revision


def test_nothing_is_written_outside(root: Path, tmp_path: Path) -> None:
    """A bundle that names a place elsewhere, or has no sources, changes nothing."""
    files = build(root, ["st"]).files
    before = (root / "vocabulary.yaml").read_bytes()
    evil = Bundle(files={**files, "sources/../../outside": b"x"})
    evil = Bundle(files={**evil.files, "sources/vocabulary.yaml": b"x"})
    with pytest.raises(InvalidFile, match="leads out of the folder"):
        restored(evil, root)
    assert not (tmp_path / "outside").exists()
    assert (root / "vocabulary.yaml").read_bytes() == before
    bare = {name: data for name, data in files.items() if "sources" not in name}
    with pytest.raises(InvalidFile, match="carries no sources"):
        restored(Bundle(files=bare), root)
