"""Who was asked about, remembered as keyed digests: a day for budgets, longer for more.

Three things are seen by it, and none of them by what was found, so that none tells
anything of a record:

* how many people a family asked about today;
* how many values it tried today for one part of a selector while the other parts
  stayed the same: a loop over birth dates, or over addresses;
* whether the same person was asked about before in another way, with another purpose,
  recipient or channel.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from gateway.errors import Limit
from gateway.identity.persons import DIGEST_BYTES, Parts, Person, person_of, way_of

__all__ = ["Asked", "AskedBefore", "AskedRow", "ordinal"]

_MOST_UNWRITTEN = 100_000
"""Rows kept while they cannot be stored; what is more would not survive a restart."""

_WAYS = 2
"""Ways kept for one person: where there are two, any third differs from one."""


class AskedRow(NamedTuple):
    """What is stored of one person asked about by, or for, one family.

    ``day`` is an ordinal. ``rests`` are the digests of the selector without each of
    its parts, one after the other; None where the request counts for another family.
    """

    family: str
    person: bytes
    way: bytes
    day: int
    rests: bytes | None


class Asked(NamedTuple):
    """Whom one request asks about, before it is known whether it may be answered.

    ``day`` is an ordinal. ``families`` are those it counts for, ``also`` one that it
    is asked for besides. ``differently`` says that one of them asked, or was asked
    for, about one of these people in another way before.
    """

    day: int
    families: tuple[str, ...]
    also: tuple[str, ...]
    people: list[Person]
    way: bytes
    differently: bool


class AskedBefore:
    """The memory of one process; what it holds is bounded by the budgets."""

    def __init__(self, *, key: bytes, people: int, guesses: int, days: int = 0) -> None:
        """Start empty.

        Args:
            key: under which digests are made, at most 64 bytes.
            people: distinct people a family may ask about in a day.
            guesses: distinct values it may try in a day against the same rest.
            days: how long ways of asking are remembered; 0 = for this day's count
                only, and nothing is said of them. May be set anew at any time.
        """
        self._key = key
        self._most_people = people
        self._most_guesses = guesses
        self.days = days
        self._day = 0
        self._people: dict[str, set[bytes]] = defaultdict(set)
        self._tried: dict[tuple[str, bytes], int] = {}
        self._ways: dict[tuple[str, bytes], dict[bytes, int]] = {}
        self._by_day: dict[int, set[tuple[str, bytes]]] = defaultdict(set)
        self._unwritten: dict[tuple[str, bytes, bytes], AskedRow] = {}

    def look(
        self,
        people: Iterable[Parts],
        *,
        families: Collection[str],
        recipient: str,
        way: Sequence[str],
        day: int,
    ) -> Asked:
        """Return whom a request asks about, and whether that was so otherwise before.

        Args:
            people: those it names.
            families: of the requester.
            recipient: the family of who finally gets the answer, or "".
            way: what else may differ: purpose, recipient, channel.
            day: the law's day, YYYYMMDD.
        """
        key = self._key
        found = [person_of(parts, key) for parts in people]
        this, today = way_of(way, key), ordinal(day)
        own = tuple(families)
        also = (recipient,) if recipient and recipient not in own else ()
        differently = False
        for family in own + also:
            for person in found:
                ways = self._ways.get((family, person[0]))
                if ways and (len(ways) > 1 or this not in ways):
                    differently |= self._otherwise(ways, this, today)
        return Asked(today, own, also, found, this, differently)

    def keep(self, asked: Asked) -> Limit | None:
        """Count a request whole, or not at all.

        Returns:
            The limit that it would exceed, people or guesses; None when it was counted.
        """
        day, own, also, people, way, _ = asked
        if day > self._day:
            self._turn(day)
        new = []
        for family in own:
            known = self._people[family]
            new += [(family, person) for person in people if person[0] not in known]
        if new:
            if exceeded := self._exceeded(new):
                return exceeded
            for family, person in new:
                self._count(family, person)
        for family in own + also:
            for person in people:
                ways = self._ways.get((family, person[0]))
                if ways is None or ways.get(way, 0) < day:
                    self._note(family, person, asked)
        return None

    def unwritten(self) -> list[AskedRow]:
        """Take what was not stored yet; give it to :meth:`again` if it cannot be."""
        rows = [*self._unwritten.values()]
        self._unwritten.clear()
        return rows

    def again(self, rows: Sequence[AskedRow]) -> None:
        """Take back rows that could not be stored, unless there are newer ones."""
        for row in rows:
            if len(self._unwritten) < _MOST_UNWRITTEN:
                self._unwritten.setdefault(row[:3], row)

    def load(self, rows: Iterable[AskedRow], *, day: int) -> None:
        """Remember what an earlier process stored; ``day`` is today, YYYYMMDD."""
        self._turn(ordinal(day))
        for row in rows:
            if row.day == self._day and row.rests is not None:
                self._count(row.family, Person(row.person, _apart(row.rests)))
            self._remember(row)

    def oldest(self, day: int) -> int:
        """Return the ordinal of the oldest day that is needed on a day (YYYYMMDD)."""
        return ordinal(day) - self.days

    def forget(self, *, day: int) -> int:
        """Drop what is not needed any more on a day; return :meth:`oldest`."""
        before = self.oldest(day)
        for old in [each for each in self._by_day if each < before]:
            for key in self._by_day.pop(old):
                ways = self._ways.get(key, {})
                for way in [w for w, seen in ways.items() if seen < before]:
                    del ways[way]
                if not ways:
                    self._ways.pop(key, None)
        return before

    def _turn(self, day: int) -> None:
        """Begin a new day; a clock that was set back does not give one back."""
        if day > self._day:
            self._day = day
            self._people.clear()
            self._tried.clear()

    def _exceeded(self, new: Sequence[tuple[str, Person]]) -> Limit | None:
        """Return the limit that these people would exceed, if any."""
        people: dict[str, set[bytes]] = defaultdict(set)
        tried: Counter[tuple[str, bytes]] = Counter()
        for family, person in new:
            if person.whole not in people[family]:
                people[family].add(person.whole)
                tried.update((family, rest) for rest in person.rests)
        for family, more in people.items():
            if len(self._people[family]) + len(more) > self._most_people:
                return Limit.PEOPLE
        for rest, more_tried in tried.items():
            if self._tried.get(rest, 0) + more_tried > self._most_guesses:
                return Limit.GUESSES
        return None

    def _count(self, family: str, person: Person) -> None:
        """Count one person once a day, and what was tried with that."""
        if person.whole not in self._people[family]:
            self._people[family].add(person.whole)
            for rest in person.rests:
                self._tried[family, rest] = self._tried.get((family, rest), 0) + 1

    def _otherwise(self, ways: Mapping[bytes, int], way: bytes, day: int) -> bool:
        """Tell whether another way was used lately."""
        oldest = day - self.days
        return self.days > 0 and any(
            seen >= oldest for known, seen in ways.items() if known != way
        )

    def _note(self, family: str, person: Person, asked: Asked) -> None:
        """Remember the way of today, and that it has to be stored."""
        rests = b"".join(person.rests) if family in asked.families else None
        row = AskedRow(family, person.whole, asked.way, asked.day, rests)
        self._remember(row)
        if len(self._unwritten) < _MOST_UNWRITTEN:
            self._unwritten[row[:3]] = row

    def _remember(self, row: AskedRow) -> None:
        """Keep the newest ways of asking."""
        who = row.family, row.person
        ways = self._ways.setdefault(who, {})
        ways[row.way] = max(row.day, ways.get(row.way, 0))
        self._by_day[row.day].add(who)
        if len(ways) > _WAYS:
            del ways[min(ways, key=lambda way: (ways[way], way == row.way))]


@lru_cache(maxsize=8)
def ordinal(day: int) -> int:
    """Return the number of a day written YYYYMMDD."""
    return dt.date(day // 10_000, day // 100 % 100, day % 100).toordinal()


def _apart(digests: bytes) -> tuple[bytes, ...]:
    """Return digests that were stored one after the other."""
    places = range(0, len(digests), DIGEST_BYTES)
    return tuple(digests[place : place + DIGEST_BYTES] for place in places)
