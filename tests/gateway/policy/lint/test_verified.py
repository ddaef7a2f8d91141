"""Verifications: they last a year; many of one day are one finding."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from gateway.policy.lint.verified import expired
from tests.gateway.policy.small import library, rule


def checked(name: str, day: str, **members: object) -> dict[str, object]:
    """Return a rule that was compared with the law on a day."""
    verification = {"status": "source_read", "checked_on": day, "lawyer": None}
    return rule(name, verification=verification, **members)


def test_expired(tmp_path: Path) -> None:
    """A year and a day is too long, a year is not; a day to come is none."""
    rules = [
        checked("st.a", "2025-01-20"),
        checked("st.b", "2025-01-18"),
        checked("st.c", "2025-01-18"),
        checked("st.d", "2062-01-20"),
        checked("st.old", "2001-01-01", effective={"until": "2020-01-01"}),
        checked("st.going", "2001-01-01", effective={"until": "2030-01-01"}),
    ]
    header = {"verification": {"status": "draft", "checked_on": "2020-01-01"}}
    found = library(tmp_path, rules={"st": rules}, header=header)
    said = [m.problem for m in expired(found.packs["st"], dt.date(2026, 1, 20))]
    assert said == [
        "st.going: last checked on 2001-01-01, more than a year ago",
        "st.b and 1 more: last checked on 2025-01-18, more than a year ago",
        "st.d: checked on 2062-01-20, a day that has not come",
        "the pack: last checked on 2020-01-01, more than a year ago",
    ]


def test_a_day_that_has_not_come(tmp_path: Path) -> None:
    """Nobody has compared a text with the law as it will be."""
    found = library(tmp_path, rules={"st": []}, header={"as_of": "2026-01-21"})
    (mistake,) = expired(found.packs["st"], dt.date(2026, 1, 20))
    assert mistake.path.endswith("pack.yaml:as_of")
    assert mistake.problem == "the pack: as of 2026-01-21, a day that has not come"


def test_a_pack_need_not_say(tmp_path: Path) -> None:
    """A pack whose header has no day is judged by its rules alone."""
    found = library(tmp_path, rules={"st": [checked("st.a", "2026-01-01")]})
    assert list(expired(found.packs["st"], dt.date(2026, 1, 20))) == []
