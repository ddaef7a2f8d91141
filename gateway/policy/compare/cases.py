"""Case files on both sides of a change: which of them come to something else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from gateway.canonical import Json
from gateway.errors import InvalidFile, Mistake
from gateway.policy.case import CaseFile, load_case
from gateway.policy.casequestion import case_question
from gateway.policy.compare.affected import Affected
from gateway.policy.compare.deciders import EmbeddedDecider, Said, Verdict
from gateway.policy.compare.past import past_of
from gateway.policy.compare.sides import Side, Stack, built, side_of_stack
from gateway.policy.pack import DEFAULT_PACK, Library
from gateway.policy.readcase import read_case, same_id
from gateway.policy.table import Table

__all__ = [
    "CaseChange",
    "Unread",
    "case_changes",
    "case_changes_of_folders",
    "read_cases",
    "read_each",
]

Cases = Sequence[tuple[str, CaseFile]]
"""Case files with their names."""
Unread: TypeAlias = dict[str, tuple[Mistake, ...]]
"""Each file of a case that could not be read, or asked, with every mistake in it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseChange:
    """One field of a case that comes to something else; by the rules that decide."""

    case: str
    field: str
    was: str
    now: str
    before: str
    after: str

    def line(self) -> str:
        """Return it for people."""
        return (
            f"{self.case}: {self.field}: {self.was} ({self.before})"
            f" becomes {self.now} ({self.after})"
        )

    def document(self) -> dict[str, Json]:
        """Return it for programs."""
        return {
            "case": self.case,
            "field": self.field,
            "was": self.was,
            "now": self.now,
            "before": self.before,
            "after": self.after,
        }


def read_cases(paths: Sequence[Path]) -> list[tuple[str, CaseFile]]:
    """Read case files.

    Raises:
        InvalidFile: with every mistake of every file.
    """
    found, unread = read_each(paths)
    if unread:
        raise InvalidFile([mistake for wrong in unread.values() for mistake in wrong])
    return found


def read_each(
    paths: Sequence[Path], library: Library | None = None
) -> tuple[list[tuple[str, CaseFile]], Unread]:
    """Return the case files that read, with their names, and the mistakes of others.

    With a library, its words and packs are looked up too, and no two cases may have
    one id.
    """
    found: list[tuple[str, CaseFile]] = []
    unread: Unread = {}
    seen: dict[str, Path] = {}
    for path in paths:
        try:
            case = load_case(path) if library is None else read_case(path, library)
        except InvalidFile as error:
            unread[str(path)] = error.mistakes
            continue
        first = seen.setdefault(case.id, path)
        if library is not None and first != path:
            unread[str(path)] = (same_id(case, str(path), first),)
        else:
            found.append((str(path), case))
    return found, unread


def case_changes(before: Side, after: Side, cases: Cases) -> list[CaseChange]:
    """Return what cases come to otherwise, where both sides are of one stack.

    Raises:
        InvalidFile: for a case whose words neither side has.
        Unavailable: without an embedded engine.
    """
    affected = Affected(before, after)
    asked = []
    for name, case in cases:
        question, vector = case_question(case, before.vocabulary, name)
        if affected.reached(question.document) is not None:
            asked.append((case.id, question.ask_keys, past_of(question, vector)))
    if not asked:
        return []
    questions = [past.question for _, _, past in asked]
    tables = [side.table for side in (before, after)]
    said = [EmbeddedDecider(s.deciding).decide(questions) for s in (before, after)]
    found: list[CaseChange] = []
    for (case_id, keys, _), old, new in zip(asked, *said, strict=True):
        verdicts = _one(old, len(keys)), _one(new, len(keys))
        found += _changes(case_id, keys, verdicts, tables)
    return found


NO_ANSWER: Verdict = ("no answer", 0, False)


def _one(said: Said, asks: int) -> list[Verdict]:
    """Return the verdicts of a case's one record; words may be missing."""
    return said[0] if said and len(said[0]) == asks else [NO_ANSWER] * asks


def _changes(
    case_id: str,
    keys: Sequence[tuple[str, str, str]],
    said: tuple[list[Verdict], list[Verdict]],
    tables: Sequence[Table],
) -> Iterator[CaseChange]:
    for (_, use, category), was, now in zip(keys, *said, strict=True):
        if was[0] != now[0]:
            yield CaseChange(
                case=case_id,
                field=category if use == "release" else f"{category} (to find it)",
                was=was[0],
                now=now[0],
                before=_rule(tables[0], was[1]),
                after=_rule(tables[1], now[1]),
            )


def _rule(table: Table, number: int) -> str:
    if not number:
        return "none"
    line = table.line(number)
    return f"{line.rule.id}#{line.case}" if line.case else line.rule.id


def case_changes_of_folders(
    before: Library, after: Library, cases: Cases
) -> list[CaseChange]:
    """Return what cases come to otherwise, each on its own stack.

    Only stacks whose rules changed are built.

    Raises:
        InvalidFile: for a case, or a stack, with mistakes.
        Unavailable: without an embedded engine.
    """
    stacks: dict[Stack, list[tuple[str, CaseFile]]] = {}
    for name, case in cases:
        key = (tuple(sorted({DEFAULT_PACK, *case.packs})), case.overlay)
        stacks.setdefault(key, []).append((name, case))
    found: list[CaseChange] = []
    for stack, here in stacks.items():
        if _has(before, stack) and _has(after, stack):
            old, new = side_of_stack(before, *stack), side_of_stack(after, *stack)
            if Affected(old, new).anything:
                sides = built(old, before), built(new, after)
                found += case_changes(*sides, here)
    return found


def _has(library: Library, stack: Stack) -> bool:
    """Tell whether a folder has a stack: what is new on one side changes nothing."""
    packs, overlay = stack
    known = {*packs} <= {*library.packs}
    return known and (overlay is None or overlay in library.overlays)
