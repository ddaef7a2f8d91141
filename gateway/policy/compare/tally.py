"""What a change of rules does to past answers: what opens, what closes, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from gateway.policy.compare.affected import Affected
from gateway.policy.compare.aside import decide_both
from gateway.policy.compare.batch import Ask, Group, boundaries, grouped, keys_of
from gateway.policy.compare.deciders import Decider, Said, Verdict
from gateway.policy.compare.past import Past
from gateway.policy.compare.sides import Side
from gateway.policy.table import Line, Table
from gateway.policy.vocabulary import Vocabulary

__all__ = ["Cell", "Tally", "Way", "tallied"]

Way: TypeAlias = Literal["opens", "closes", "otherwise"]
"""More is released, less is, or what is not released waits or is refused otherwise."""


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Cell:
    """One way in which answers change: for whom, by which rules, which field."""

    way: Way
    family: str
    use: str
    field: str
    before: str
    after: str
    depends: bool
    """Whether it may only come so: the record was pending."""


@dataclass(kw_only=True, slots=True)
class Tally:
    """How many answers change, and how. An answer may open one field, close another."""

    total: int = 0
    opens: int = 0
    closes: int = 0
    both: int = 0
    """Of those: one field opens and another closes."""
    otherwise: int = 0
    same: int = 0
    unasked: int = 0
    """Answers that one side has no words for; nothing is released then."""
    other_rule: int = 0
    """Of those that stay the same: decided by another rule."""
    distinct: int = 0
    decided: int = 0
    """Distinct questions, and those of them that were put to both sides."""
    cells: Counter[Cell] = field(default_factory=Counter)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Sides:
    """Both sides' tables, and the words of the first."""

    before: Table
    after: Table
    vocabulary: Vocabulary

    def family(self, requester: str) -> str:
        known = self.vocabulary.requester_classes.get(requester)
        return known.family if known else "unregistered"


def tallied(
    before: Side,
    after: Side,
    deciders: tuple[Decider, Decider],
    asked: Iterable[Past],
    *,
    every: bool = False,
) -> Tally:
    """Put questions to both sides and count what changes.

    Args:
        before: the side that decides now; it has a bundle.
        after: the side that might; it has a bundle.
        deciders: who answers for each.
        asked: the questions.
        every: decide also what no changed rule reaches.

    Raises:
        Unavailable: when an engine does not answer at all.
    """
    days = boundaries([*before.rules, *after.rules])
    groups = grouped(asked, before.vocabulary, days)
    affected = Affected(before, after)
    reached = groups if every else [*_reached(groups, affected)]
    sides = _Sides(before=before.table, after=after.table, vocabulary=before.vocabulary)
    tally = Tally(
        total=sum(count for group in groups for count in group.records.values()),
        distinct=sum(len(group.records) for group in groups),
        decided=sum(len(group.records) for group in reached),
    )
    calls = [(group, *call) for group in reached for call in group.calls()]
    questions = [question for _, question, _ in calls]
    answers = decide_both(deciders, questions)
    for call, old, new in zip(calls, *answers, strict=True):
        _count(tally, call[0], call[2], (old, new), sides)
    changed = tally.opens + tally.closes + tally.otherwise - tally.both
    tally.same = tally.total - tally.unasked - changed
    return tally


def _reached(groups: Sequence[Group], affected: Affected) -> Iterator[Group]:
    """Yield the groups that a change reaches, with only what it reaches of them."""
    for group in groups:
        document = affected.reached(group.document)
        if document is not None:
            yield Group(document=document, records=group.records)


def _count(
    tally: Tally,
    group: Group,
    counts: Sequence[int],
    said: tuple[Said, Said],
    sides: _Sides,
) -> None:
    keys = keys_of(group.document)
    old, new = (_complete(side, len(keys)) for side in said)
    if not old or not new:
        tally.unasked += sum(counts)
        return
    family = sides.family(str(group.document["requester"]))
    for one, other, count in zip(old, new, counts, strict=True):
        cells = list(_cells(keys, one, other, family, sides))
        ways = {cell.way for cell in cells}
        tally.opens += count * ("opens" in ways)
        tally.closes += count * ("closes" in ways)
        tally.otherwise += count * (ways == {"otherwise"})
        tally.both += count * ({"opens", "closes"} <= ways)
        tally.other_rule += count * (not ways and _moved(one, other, sides))
        for cell in cells:
            tally.cells[cell] += count


def _complete(said: Said, asks: int) -> Said:
    """Return what was said if every ask has a verdict; words may be missing."""
    return said if said and all(len(rows) == asks for rows in said) else None


def _cells(
    keys: Sequence[Ask],
    old: Sequence[Verdict],
    new: Sequence[Verdict],
    family: str,
    sides: _Sides,
) -> Iterator[Cell]:
    for (_, use, category), was, now in zip(keys, old, new, strict=True):
        if was[0] != now[0]:
            way: Way = "otherwise"
            if "release" in {was[0], now[0]}:
                way = "opens" if now[0] == "release" else "closes"
            yield Cell(
                way=way,
                family=family,
                use=use,
                field=category,
                before=_name(sides.before.line(was[1])),
                after=_name(sides.after.line(now[1])),
                depends=was[2] or now[2],
            )


def _moved(old: Sequence[Verdict], new: Sequence[Verdict], sides: _Sides) -> bool:
    """Tell whether another rule decides, or another case of it."""
    return any(
        _name(sides.before.line(was[1])) != _name(sides.after.line(now[1]))
        for was, now in zip(old, new, strict=True)
    )


def _name(line: Line) -> str:
    return f"{line.rule.id}#{line.case}" if line.case else line.rule.id
