"""Nothing of one machine is in the tree, and each suppression has its reason."""

from __future__ import annotations

import pytest

from scripts import tree

HIDDEN = "no" + "qa"
"""Spelt so that this file's own examples are not taken for suppressions."""


def test_the_tree_is_clean() -> None:
    """The tree as it stands has no problem."""
    assert tree.problems() == []


@pytest.mark.parametrize(
    "line",
    [
        "log: /" + "root/log",
        "open('/" + "home/somebody/x')",
        "--index" + "-url=https://packages.example",
        '"resol' + 'ved": "https://packages.example/a.tgz"',
        "mail somebody@" + "county.gov",
    ],
)
def test_strangers_are_found(line: str) -> None:
    """What belongs to one machine or one person is found."""
    assert [number for number, _ in tree.strangers(f"fine\n{line}\n")] == [2]


@pytest.mark.parametrize(
    "line",
    [
        "see https://example.org/home/page",
        "records@county.example",
        "docs/work/x",
        "C2SP static-ct@v1",
    ],
)
def test_ordinary_lines_are_not(line: str) -> None:
    """Addresses under example domains and relative paths may stand."""
    assert list(tree.strangers(line)) == []


@pytest.mark.parametrize(
    ("line", "problems"),
    [
        (f"x = 1  # {HIDDEN}: S101 - tests assert", 0),
        (f"x = 1  # {HIDDEN}: S101", 1),
        (f"x = 1  # {HIDDEN}", 2),
        ("x = 1  # type: " + "ignore[arg-type]  # the stub is wrong", 0),
        ("x = 1  # type: " + "ignore[arg-type]", 1),
        ("if x:  # pragma: " + "no cover", 1),
        (f"# the stub is wrong\nx = 1  # {HIDDEN}: S101", 0),
    ],
)
def test_suppressions(line: str, problems: int) -> None:
    """A suppression names its rule and gives a reason, beside it or above."""
    assert len(list(tree.bare_suppressions(line))) == problems
