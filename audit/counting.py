"""Counts that anybody can make again: from public leaves alone, each proved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from audit.encoding import Json
from audit.selection import Selection

__all__ = ["BY", "Counts", "counted"]

BY = {
    "month": "",
    "day": "",
    "event": "ev",
    "agency": "agency",
    "class": "class",
    "dataset": "db",
    "decision": "decision",
    "policy": "policy",
    "rule": "rules",
}
"""What entries can be counted by, and the leaf's member it is; times are cut from t."""

_CUT = {"month": len("2026-11"), "day": len("2026-11-23")}

Key = tuple[str, ...]


@dataclass(kw_only=True, slots=True)
class Counts:
    """Entries by key, and how many records they were at most."""

    entries: Counter[Key] = field(default_factory=Counter)
    records: Counter[Key] = field(default_factory=Counter)
    """Sums of the leaf's ``n``, which is the upper bound of a range."""
    other: int = 0
    """Entries that are no canonical JSON."""

    def add(self, more: Counts) -> None:
        """Add what was counted elsewhere."""
        self.entries.update(more.entries)
        self.records.update(more.records)
        self.other += more.other

    def groups(self, by: Sequence[str]) -> list[dict[str, Json]]:
        """Return the counts as objects, sorted by key."""
        return [
            {
                **dict(zip(by, key, strict=True)),
                "entries": self.entries[key],
                "records_at_most": self.records[key],
            }
            for key in sorted(self.entries)
        ]


def counted(
    first: int, entries: Sequence[bytes], selection: Selection, by: Sequence[str]
) -> Counts:
    """Count the entries of one bundle that are asked for.

    One that names several rules counts for each of them, where rules are asked for.
    """
    counts = Counts()
    for _, _, leaf in selection.among(first, entries):
        if leaf is None:
            counts.other += 1
            continue
        n = leaf.get("n")
        most = n if type(n) is int else 0
        for key in _keys(leaf, by):
            counts.entries[key] += 1
            counts.records[key] += most
    return counts


def _keys(leaf: dict[str, Json], by: Sequence[str]) -> list[Key]:
    keys: list[Key] = [()]
    for name in by:
        if name in _CUT:
            words = [str(leaf.get("t", ""))[: _CUT[name]]]
        else:
            value = leaf.get(BY[name], "")
            several = isinstance(value, list) and value
            words = [str(each) for each in value] if several else [str(value or "")]
        keys = [(*key, word) for key in keys for word in words]
    return keys
