"""The work of diff and replay: what a change does, before anybody decides by it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer

from gateway.canonical import Json
from gateway.cli.exit_codes import ExitCode
from gateway.cli.output import fail, show
from gateway.cli.policy_files import mistakes_told
from gateway.errors import InvalidFile, Mistake, Unavailable
from gateway.policy.bundle import Bundle
from gateway.policy.compare.aside import AsideDecider
from gateway.policy.compare.cases import (
    CaseChange,
    case_changes,
    case_changes_of_folders,
    read_cases,
)
from gateway.policy.compare.deciders import Decider, EmbeddedDecider, OpaDecider
from gateway.policy.compare.past import Past, read_jsonl
from gateway.policy.compare.report import (
    Shown,
    digest_of,
    document_of,
    exactly,
    lines_of,
)
from gateway.policy.compare.rules import RuleChange, rule_changes
from gateway.policy.compare.sides import (
    Side,
    Stack,
    built,
    side_of,
    side_of_folder,
    side_of_stack,
)
from gateway.policy.compare.tally import Tally, tallied
from gateway.policy.pack import DEFAULT_PACK, Library, load_library
from gateway.policy.trial import case_files

__all__ = ["Against", "diff", "put", "report", "written"]


def diff(
    before: Path,
    after: Path,
    packs: Sequence[str],
    overlay: str | None,
    *,
    cases: Sequence[Path],
    requests: Path | None,
    as_json: bool,
) -> None:
    """Print what changed in the rules, and what cases or requests come to then."""
    try:
        sides = _Sides(before, after, packs, overlay)
        changes = rule_changes(*sides.read)
        found = sides.case_changes(cases)
        tally = None if requests is None else sides.tally(read_jsonl(requests))
    except InvalidFile as error:
        fail(ExitCode.MISTAKES, mistakes_told(error), as_json=as_json)
    except Unavailable as error:
        fail(ExitCode.UNAVAILABLE, str(error), as_json=as_json)
    if as_json:
        show(_document(changes, found, tally), as_json=True)
        return
    lines = [line for change in changes for line in change.lines()]
    typer.echo("\n".join(lines or ["no rule changed"]))
    for change in found:
        typer.echo(change.line())
    if tally is not None:
        vocabulary = sides.read[0].vocabulary
        typer.echo("\n".join(lines_of(tally, vocabulary, exactly)))


def _document(
    changes: Sequence[RuleChange], found: Sequence[CaseChange], tally: Tally | None
) -> dict[str, Any]:
    document: dict[str, Any] = {
        "rules": [change.document() for change in changes],
        "cases": [change.document() for change in found],
    }
    if tally is not None:
        document["requests"] = document_of(tally, exactly)
    return document


class _Sides:
    """What is compared: two folders, two bundles, or one of each."""

    def __init__(
        self, before: Path, after: Path, packs: Sequence[str], overlay: str | None
    ) -> None:
        """Read both; a folder beside a bundle is read as the stack of the bundle.

        Raises:
            InvalidFile: for what is neither, and with every mistake in it.
        """
        self._sources = [_source(before), _source(after)]
        stacks = [
            side_of(source, str(path)).stack
            for source, path in zip(self._sources, (before, after), strict=True)
            if isinstance(source, Bundle)
        ]
        chosen: Stack | None = (tuple(packs), overlay) if packs else None
        self._stack = chosen or (stacks[0] if stacks else None)
        self._names = (str(before), str(after))
        self.read: tuple[Side, Side] = (self._read(0), self._read(1))

    def _read(self, place: int) -> Side:
        source = self._sources[place]
        if isinstance(source, Bundle):
            return side_of(source, self._names[place])
        if self._stack is None:
            return side_of_folder(source)
        return side_of_stack(source, *self._stack)

    @property
    def built(self) -> tuple[Side, Side]:
        """Both sides with their bundles; for that they have to be of one stack."""
        if self._stack is None:
            problem = "name the stack that requests are decided by: --pack, --overlay"
            raise InvalidFile([Mistake(path=self._names[0], problem=problem)])
        return (self._built(0), self._built(1))

    def _built(self, place: int) -> Side:
        source, side = self._sources[place], self.read[place]
        return side if isinstance(source, Bundle) else built(side, source)

    def case_changes(self, paths: Sequence[Path]) -> list[CaseChange]:
        """Return what cases come to otherwise: those named, or those of the folders."""
        libraries = [s for s in self._sources if isinstance(s, Library)]
        wanted = case_files(paths or [library.root for library in libraries[-1:]])
        if self._stack is None:
            return case_changes_of_folders(
                libraries[0], libraries[1], read_cases(wanted)
            )
        packs, overlay = self._stack
        below = {DEFAULT_PACK, *packs}
        cases = [
            (name, case)
            for name, case in read_cases(wanted)
            if paths or ({DEFAULT_PACK, *case.packs}, case.overlay) == (below, overlay)
        ]
        return case_changes(*self.built, cases) if cases else []

    def tally(self, asked: Sequence[Past]) -> Tally:
        """Return what requests come to otherwise, counted."""
        return put(*self.built, asked)


def _source(path: Path) -> Library | Bundle:
    if path.is_dir():
        return load_library(path)
    try:
        return Bundle.read(path.read_bytes())
    except (OSError, ValueError) as error:
        problem = f"is no policies folder and no bundle ({error})"
        raise InvalidFile([Mistake(path=str(path), problem=problem)]) from error


Against = tuple[Decider, Decider]
"""Who answers for each side."""


def put(
    before: Side, after: Side, asked: Sequence[Past], *, opa: Path | None = None
) -> Tally:
    """Put questions to both sides: to the embedded engine, or to OPA's own.

    Raises:
        Unavailable: when an engine does not answer.
    """
    old, new = before.deciding, after.deciding
    deciders: Against = (
        (EmbeddedDecider(old), AsideDecider(new))
        if opa is None
        else (OpaDecider(old, opa), OpaDecider(new, opa))
    )
    return tallied(before, after, deciders, asked)


def report(
    tally: Tally, before: Side, after: Side, shown: Shown, *, as_json: bool
) -> str:
    """Print what a change does to past answers; return the report's digest."""
    document, lines = written(tally, before, after, shown)
    digest = digest_of(document)
    if as_json:
        show({**document, "digest": digest}, as_json=True)
    else:
        typer.echo("\n".join(lines))
        typer.echo(f"digest of this report: {digest}")
    return digest


def written(
    tally: Tally, before: Side, after: Side, shown: Shown
) -> tuple[dict[str, Json], list[str]]:
    """Return the report on past answers: for programs, and in words."""
    document = document_of(
        tally,
        shown,
        policy_before=before.deciding.revision,
        policy_after=after.deciding.revision,
    )
    return document, lines_of(tally, before.vocabulary, shown)
