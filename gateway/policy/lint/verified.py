"""How long ago somebody compared a rule with the law."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from gateway.errors import Mistake
from gateway.policy.pack import Pack

__all__ = ["KEEPS_DAYS", "expired"]

KEEPS_DAYS = 366
"""How long a verification lasts: legislatures sit every year."""


def expired(pack: Pack, today: dt.date) -> Iterator[Mistake]:
    """Yield a mistake for each rule, and pack, that was verified too long ago.

    Many rules of one day are one mistake, at the first of them.
    """
    rules = [(rule, f"{file}:{i}({rule.id})") for file, i, rule in pack.rules]
    days: dict[str, list[tuple[str, str]]] = {}
    for rule, path in rules:
        if rule.effective.until is None or rule.effective.until > today.isoformat():
            days.setdefault(rule.verification.checked_on, []).append((rule.id, path))
    for day, named in sorted(days.items()):
        (first, path), others = named[0], len(named) - 1
        who = first if not others else f"{first} and {others} more"
        problem = _aged(day, today)
        if problem:
            yield _mistake(f"{path}.verification.checked_on", f"{who}: {problem}")
    own = pack.text.verification.checked_on
    if own is not None and (problem := _aged(own, today)):
        path = f"{pack.folder / 'pack.yaml'}:verification.checked_on"
        yield _mistake(path, f"the pack: {problem}")
    if pack.text.as_of > today.isoformat():
        problem = f"as of {pack.text.as_of}, a day that has not come"
        yield _mistake(f"{pack.folder / 'pack.yaml'}:as_of", f"the pack: {problem}")


def _aged(day: str, today: dt.date) -> str:
    checked = dt.date.fromisoformat(day)
    if checked > today:
        return f"checked on {day}, a day that has not come"
    if today - checked > dt.timedelta(days=KEEPS_DAYS):
        return f"last checked on {day}, more than a year ago"
    return ""


def _mistake(path: str, problem: str) -> Mistake:
    return Mistake(path=path, problem=problem, code="expired")
