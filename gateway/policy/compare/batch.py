"""Deciding many questions at once: each distinct one, once, many records a call.

Two questions that differ only in a day on which nothing begins or ends are one, unless
a fact of theirs is a day, which years are counted from.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import orjson

from gateway.policy.compare.past import PENDING, Past
from gateway.policy.law import DayTest, Rule
from gateway.policy.vocabulary import Vocabulary

__all__ = ["Ask", "Group", "boundaries", "grouped", "keys_of"]

RECORDS_A_CALL = 32
"""Records in one call: what the embedded engine takes at a time."""

Ask: TypeAlias = tuple[str, str, str]
"""Kind, use, category."""


@dataclass(slots=True)
class Group:
    """Questions that differ in their record alone, with how often each was asked."""

    document: Mapping[str, Any]
    records: dict[bytes, int] = field(default_factory=dict)

    def calls(self) -> Iterator[tuple[bytes, list[int]]]:
        """Yield questions of at most 32 records, with the count of each."""
        items = list(self.records.items())
        for start in range(0, len(items), RECORDS_A_CALL):
            part = items[start : start + RECORDS_A_CALL]
            records = b",".join(record for record, _ in part)
            text = records if records == _PENDING else b"[%s]" % records
            whole = {**self.document, "records": orjson.Fragment(text)}
            asked = orjson.dumps(whole, option=orjson.OPT_SORT_KEYS)
            yield asked, [count for _, count in part]


_PENDING = orjson.dumps(PENDING)


def grouped(
    every: Iterable[Past], vocabulary: Vocabulary, days: Sequence[int]
) -> list[Group]:
    """Return questions without repetition, grouped by all but their record.

    Args:
        every: the questions.
        vocabulary: says which facts are days.
        days: the days on which something begins or ends, sorted.
    """
    dated = {name for name, fact in vocabulary.facts.items() if fact.type == "day"}
    groups: dict[bytes, Group] = {}
    for past in every:
        document = orjson.loads(past.question)
        records = document.pop("records")
        record = (
            _PENDING
            if records == PENDING
            else orjson.dumps(records[0], option=orjson.OPT_SORT_KEYS)
        )
        if not _dated(document, records, dated):
            document["day"] = _era(document["day"], days)
        key = orjson.dumps([document, record == _PENDING], option=orjson.OPT_SORT_KEYS)
        group = groups.setdefault(key, Group(document=document))
        group.records[record] = group.records.get(record, 0) + past.count
    return [*groups.values()]


def _dated(document: Mapping[str, Any], records: Any, dated: set[str]) -> bool:  # noqa: ANN401  # a list or a word
    """Tell whether a question holds a fact that is a day."""
    rows = [] if records == PENDING else [records[0]["facts"]]
    rows += [] if records == PENDING else [*records[0]["categories"].values()]
    rows += [document["facts"], *(ask["facts"] for ask in document["asks"])]
    return any(not dated.isdisjoint(row) for row in rows)


def _era(day: int, days: Sequence[int]) -> int:
    """Return a day that stands for all between two on which something changes."""
    place = bisect_right(days, day)
    return days[place - 1] if place else FIRST_DAY


FIRST_DAY = 19_000_101


def boundaries(rules: Iterable[Rule]) -> list[int]:
    """Return the days on which a rule, or a condition on the day, begins or ends."""
    found: set[int] = set()
    for rule in rules:
        tests = [*rule.when, *(c for case in rule.cases for c in case.when)]
        found |= {rule.start, rule.end}
        found |= {
            day
            for test in tests
            if isinstance(test, DayTest)
            for day in (test.start, test.end)
        }
    return sorted(day for day in found if day >= FIRST_DAY)


def keys_of(document: Mapping[str, Any]) -> list[Ask]:
    """Return the asks of a question in the order of its answers."""
    return [
        (ask["kind"], ask["use"], category)
        for ask in document["asks"]
        for category in ask["categories"]
    ]
