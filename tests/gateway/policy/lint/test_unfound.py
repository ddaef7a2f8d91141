"""A local rule that leaves no way to find a record closes what is read of it."""

# ruff: noqa: ANN401 - documents made by hand hold values of any type

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from gateway.policy.lint.whole import lint
from tests.gateway.policy.lint.folders import rule
from tests.gateway.policy.small import write

TODAY = dt.date(2026, 1, 20)
LAW = rule(
    "st.shall",
    effect="permit",
    citation="Law 7",
    reach={"kinds": ["read", "notify"], "requesters": ["ice", "police"]},
)
FINDS = rule(
    "agency-default.match",
    layer="agency_default",
    effect="permit",
    local_may_restrict=True,
    reach={"use": ["match"], "categories": ["number", "date"]},
)
SAYS = (
    "narrows_law",
    "it leaves nothing to find the record by; see st.shall (Law 7), or reach less",
)


def local(name: str = "a", effect: str = "prohibit", **reach: Any) -> dict[str, Any]:
    """Return a local rule about what finds a record."""
    wide = {"use": ["match"], **reach}
    return rule(f"county.{name}", layer="overlay", effect=effect, reach=wide)


def found(root: Path, *rules: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the code and the end of each finding."""
    folder = write(
        root,
        rules={"st": [LAW], "agency-default": [FINDS]},
        overlay=rules,
        overlay_header={"on": ["st"]},
    )
    return [(f.code, f.what.rpartition(": ")[2]) for f in lint(folder, today=TODAY)]


@pytest.mark.parametrize(
    "reach",
    [
        {},
        {"requesters": ["police"]},
        {"kinds": ["notify"]},
        {"categories": ["number", "date", "home"]},
    ],
)
@pytest.mark.parametrize("effect", ["prohibit", "review"])
def test_nothing_finds_it(tmp_path: Path, reach: dict[str, Any], effect: str) -> None:
    """For one who may ask, or for one kind of request, is enough."""
    assert found(tmp_path, local(effect=effect, **reach)) == [SAYS]


@pytest.mark.parametrize(
    "reach",
    [
        {"categories": ["number"]},
        {"requesters": ["fbi"]},
        {"kinds": ["hold"]},
    ],
)
def test_something_still_finds_it(tmp_path: Path, reach: dict[str, Any]) -> None:
    """One identifier may be closed; and what the law is not about."""
    assert found(tmp_path, local(**reach)) == []


def test_two_rules_together(tmp_path: Path) -> None:
    """Each leaves one identifier, both leave none; not so for two custodians."""
    halves = [local("a", categories=["number"]), local("b", categories=["date"])]
    assert found(tmp_path / "1", *halves) == [SAYS, SAYS]
    apart = [
        local("a", categories=["number"], custodians=["sheriff"]),
        local("b", categories=["date"], custodians=["dmv"]),
    ]
    assert found(tmp_path / "2", *apart) == []
