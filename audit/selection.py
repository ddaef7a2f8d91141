"""Which entries a reader asks for: by time, agency, dataset, decision, rule."""

from __future__ import annotations

import datetime as dt
import difflib
import re
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from audit.actwords import ACTS
from audit.encoding import Json, decode, encode
from audit.errors import CannotTell, Malformed, Mistakes

__all__ = [
    "DECISIONS",
    "EVENTS",
    "Selection",
    "leaf_of",
    "selection_arguments",
    "selection_of",
]

_WHEN = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2}(?:T\d{2}Z)?)?)?", re.ASCII)
_FORMS = {4: "%Y", 7: "%Y-%m", 10: "%Y-%m-%d", 14: "%Y-%m-%dT%HZ"}
"""How a calendar reads such a time, by the length of its text."""
_MEMBERS = {
    "event": "ev",
    "agency": "agency",
    "dataset": "db",
    "decision": "decision",
}
"""A filter's name and the member of a leaf that it looks at."""

EVENTS = ("exchange", "act", "review", "counts", "start", "stop")
"""What an entry can be of."""

DECISIONS = (
    *("released", "partly_released", "waiting", "refused", "aborted", "unavailable"),
    "closed",
    *ACTS,
)
"""What a leaf can say was decided: how a page ended, that something which waited for a
person did, or which act it is."""

_CLOSED = {"event": EVENTS, "decision": DECISIONS}
"""Filters whose words are closed lists: another word would match nothing, ever."""


def leaf_of(data: bytes) -> dict[str, Json] | None:
    """Return a leaf's members; none where an entry is no canonical JSON object."""
    try:
        leaf = decode(data)
        same = isinstance(leaf, dict) and encode(leaf) == data
    except (ValueError, TypeError, RecursionError):
        return None
    return leaf if same else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """What an entry must be; what is not said is not asked."""

    since: str = ""
    """A year, month, day or hour as leaves write it; from its beginning on."""
    until: str = ""
    """The last year, month, day or hour that is wanted."""
    members: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """A member of the leaf, and the words it may have."""
    rules: tuple[str, ...] = ()
    """Public identifiers of rules, one of which the leaf must name."""

    def __bool__(self) -> bool:
        return bool(self.since or self.until or self.members or self.rules)

    def holds(self, leaf: dict[str, Json]) -> bool:
        """Whether an entry is asked for."""
        hour = leaf.get("t", "")
        if not isinstance(hour, str) or hour < self.since:
            return False
        if self.until and hour[: len(self.until)] > self.until:
            return False
        for name, words in self.members:
            if leaf.get(name) not in words:
                return False
        rules = leaf.get("rules", [])
        return not self.rules or (
            isinstance(rules, list) and any(rule in rules for rule in self.rules)
        )

    def among(
        self, first: int, entries: Sequence[bytes]
    ) -> Iterator[tuple[int, bytes, dict[str, Json] | None]]:
        """Yield index, bytes and members of those entries that are asked for.

        An entry that is no canonical JSON is there only where nothing is asked.
        """
        for index, data in enumerate(entries, first):
            leaf = leaf_of(data)
            if not self or (leaf is not None and self.holds(leaf)):
                yield index, data, leaf

    def to_json(self) -> dict[str, Json]:
        """Return what is asked, by the names of leaves' members."""
        asked: dict[str, Json] = {name: list(words) for name, words in self.members}
        if self.rules:
            asked["rules"] = list(self.rules)
        if self.since:
            asked["from"] = self.since
        if self.until:
            asked["to"] = self.until
        return asked

    @classmethod
    def of_json(cls, asked: Mapping[str, Json]) -> Selection:
        """Read what :meth:`to_json` returned; it always asks for something.

        Raises:
            Malformed: ``export-asked``.
        """
        try:
            found = cls(
                since=str(asked.get("from", "")),
                until=str(asked.get("to", "")),
                members=tuple(
                    (name, tuple(map(str, asked[name])))
                    for name in _MEMBERS.values()
                    if name in asked
                ),
                rules=tuple(map(str, asked.get("rules", ()))),
            )
        except TypeError:
            raise Malformed("export-asked") from None
        if not found or found.to_json() != asked:
            raise Malformed("export-asked")
        return found


def _time_fault(text: str) -> str:
    """Return what is wrong with a time, or nothing."""
    if not _WHEN.fullmatch(text):
        return f"{text!a} is no time: give 2026, 2026-11, 2026-11-23 or 2026-11-23T09Z"
    try:
        dt.datetime.strptime(text, _FORMS[len(text)]).replace(tzinfo=dt.UTC)
    except ValueError:
        return f"no calendar has {text}"
    return ""


def _word_fault(text: str, known: Sequence[str]) -> str:
    """Return that a word is none of a closed list, and the nearest; or nothing."""
    if text in known:
        return ""
    close = difflib.get_close_matches(text, known, n=1, cutoff=0.5)
    near = f"; did you mean {close[0]}?" if close else ""
    return f"{text!a} is not one of: {', '.join(known)}{near}"


def _faults(given: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with each option that chooses entries."""
    times = [(name, given[name]) for name in ("from", "to") if given[name] is not None]
    found = [(name, _time_fault(text)) for name, text in times]
    found += [
        (name, _word_fault(text, known))
        for name, known in _CLOSED.items()
        for text in given[name]
    ]
    return (f"--{name}: {fault}" for name, fault in found if fault)


def selection_arguments(parser: ArgumentParser) -> None:
    """Add the options that choose entries."""
    which = parser.add_argument_group("which entries (a word may be given repeatedly)")
    for name in ("from", "to"):
        which.add_argument(
            f"--{name}",
            metavar="TIME",
            help=f"{'first' if name == 'from' else 'last'} year, month, day or hour"
            " (UTC), as 2026-11-23T09Z",
        )
    for name in (*_MEMBERS, "rule"):
        which.add_argument(
            f"--{name}",
            action="append",
            default=[],
            metavar="WORD",
        )


def selection_of(arguments: Namespace) -> Selection:
    """Return what the arguments choose.

    Raises:
        Mistakes: naming each time and word that can match nothing.
        CannotTell: the first time lies after the last.
    """
    given = vars(arguments)
    if said := [*_faults(given)]:
        raise Mistakes(said)
    since, until = given["from"] or "", given["to"] or ""
    shorter = min(len(since), len(until))
    if since[:shorter] > until[:shorter]:
        raise CannotTell(f"--from {since} is later than --to {until}")
    members = {member: tuple(given[name]) for name, member in _MEMBERS.items()}
    return Selection(
        since=since,
        until=until,
        members=tuple((name, words) for name, words in members.items() if words),
        rules=tuple(given["rule"]),
    )
