"""What lies in a folder and decides nothing is said: no rules, and files not read."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from gateway.policy.lint.whole import lint
from tests.gateway.policy.lint.folders import rule
from tests.gateway.policy.small import write

TODAY = dt.date(2026, 1, 20)
USES = {"exercise": [{"rule": "st.a", "decision": "release", "citation": "Ord. 1"}]}
HOLDS_NONE = (
    "empty",
    "error",
    "holds no rule; write a rule, remove the file, or write [] if it is to hold none",
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A clean folder: a pack with a rule, and an overlay that writes []."""
    return write(
        tmp_path,
        rules={"st": [rule("st.a")]},
        overlay=[],
        overlay_header={"on": ["st"]},
    )


def found(root: Path, **options: object) -> dict[str, tuple[str, str, str]]:
    """Return code, severity and sentence of each finding, by file."""
    return {
        Path(f.file).relative_to(root).as_posix(): (f.code, f.severity, f.what)
        for f in lint(root, today=TODAY, **options)  # type: ignore[arg-type]  # as it comes
    }


@pytest.mark.parametrize("text", ["", "\n", "# - id: st.b\n", "---\n", "~\n"])
def test_a_rule_file_that_was_emptied_is_an_error(root: Path, text: str) -> None:
    """Blank, or all comments: it reads as law, and holds none."""
    (root / "packs/st/rules/more.yaml").write_text(text)
    assert found(root) == {"packs/st/rules/more.yaml": HOLDS_NONE}
    (root / "packs/st/rules/more.yaml").write_text("[]  # until the act is in force\n")
    assert found(root) == {}


def test_what_is_no_list_is_not_taken_for_an_empty_one(root: Path) -> None:
    """A mapping, a number, an empty text: no list of rules."""
    for text in ("{}", "0", "false", '""'):
        (root / "packs/st/rules/more.yaml").write_text(text)
        ((code, _, said),) = found(root).values()
        assert code == "schema"
        assert "is to be a list" in said


def test_a_new_overlay_may_be_all_comments(root: Path) -> None:
    """So it begins; one that was saved empty is an error there too."""
    (root / "overlays/county/rules/all.yaml").write_text("# write your rules here\n")
    assert found(root) == {}
    (root / "overlays/county/rules/all.yaml").write_text(" \n")
    assert found(root) == {"overlays/county/rules/all.yaml": HOLDS_NONE}


def test_a_pack_without_rule_files_is_an_error(root: Path) -> None:
    """Not an overlay that chooses among the rules of others: it needs none."""
    (root / "packs/st/rules").rename(root / "packs/st/rule")
    (root / "overlays/county/rules/all.yaml").unlink()
    said = "holds no rule: there is no file rules/*.yaml beside it"
    assert found(root) == {
        "packs/st/pack.yaml": ("empty", "error", f"st {said}"),
        "overlays/county/pack.yaml": ("empty", "error", f"county {said}"),
    }
    (root / "packs/st/rule").rename(root / "packs/st/rules")
    path = root / "overlays/county/pack.yaml"
    header = json.loads(path.read_text())
    text = (root / "packs/st/rules/all.yaml").read_text()
    left = [{**rule("st.a", effect="permit"), "discretion": True}]
    (root / "packs/st/rules/all.yaml").write_text(json.dumps(left))
    path.write_text(json.dumps({**header, **USES}))
    assert "overlays/county/pack.yaml" not in found(root), text


def test_files_that_nothing_reads_are_named(root: Path) -> None:
    """Other endings, editors' copies, folders without a header: a warning each."""
    (root / "packs/st/scenarios").mkdir()
    names = {
        "must_never.yml": "that is no name of a file here",
        "packs/st/local.yaml": "that is no name of a file here",
        "packs/st/must_never.yml": "that is no name of a file here",
        "packs/st/rules/.DS_Store": "rules are files *.yaml",
        "packs/st/rules/all.yaml~": "rules are files *.yaml",
        "packs/st/rules/more.yml": "rules are files *.yaml",
        "packs/st/scenarios/first.yml": "scenarios are files *.yaml",
    }
    for name in names:
        (root / name).write_text("[]")
    (root / "packs/tx").mkdir()
    (root / "packs/tx/pack.yml").write_text("{}")
    (root / "packs/note.txt").write_text("Not a pack.")
    tx = "is no pack: it has no pack.yaml, so nothing in it is read"
    assert found(root) == {
        **{n: ("unread", "warning", f"is not read: {why}") for n, why in names.items()},
        "packs/tx": ("unread", "warning", tx),
    }
    other = {n for n in names if n == "must_never.yml"} | {"packs/tx"}
    assert {*found(root, stacks=[(("agency-default",), None)])} == other
