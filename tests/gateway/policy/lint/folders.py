"""Folders that lint looks at, and what it says of them."""

# ruff: noqa: ANN401 - documents made by hand hold values of any type

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from gateway.policy.lint.whole import lint
from tests.gateway.policy import small
from tests.gateway.policy.small import write

__all__ = ["LOCAL", "OPENS", "TODAY", "found", "overlaid", "rule"]

TODAY = dt.date(2026, 1, 20)


def rule(name: str, **members: Any) -> dict[str, Any]:
    """Return a rule whose citation names a section."""
    return small.rule(name, **{"citation": "Law 1", **members})


def found(root: Path, **options: Any) -> list[tuple[str, str]]:
    """Return the codes and what is said, file paths left out."""
    return [(f.code, f.what) for f in lint(root, today=TODAY, **options)]


LOCAL = rule("county.a", layer="overlay", reach={"requesters": ["ice"]})
OPENS = {**LOCAL, "effect": "permit"}


def overlaid(tmp_path: Path, local: dict[str, Any], **header: Any) -> Path:
    """Return a folder with two states, and a county on top."""
    closes = rule("st.shut", reach={"requesters": ["ice"]}, citation="Law 1")
    opens = rule("tx.open", effect="permit", citation="Law 2")
    return write(
        tmp_path,
        rules={"st": [closes], "tx": [opens]},
        overlay=[local],
        overlay_header=header,
    )
