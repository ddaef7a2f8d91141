"""Lint of a whole policies folder: every check, every finding, in the order of files.

Each stage looks at what the one before could read. A record that does not read hides
nothing of the others, but what depends on it is looked at when it is mended.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from gateway.errors import InvalidFile, Mistake
from gateway.policy.case import load_case
from gateway.policy.contradictions import contradictions
from gateway.policy.duties import nobody_executes
from gateway.policy.header import stands_elsewhere
from gateway.policy.law import Rule
from gateway.policy.lint.barred import barred
from gateway.policy.lint.citations import cited, malformed, misspelled
from gateway.policy.lint.finding import Finding, found
from gateway.policy.lint.forbidden import forbidden
from gateway.policy.lint.hidden import hidden
from gateway.policy.lint.places import Places
from gateway.policy.lint.proofs import Prover, mistake_of
from gateway.policy.lint.unfound import unfound
from gateway.policy.lint.unsaid import no_rule, unread
from gateway.policy.lint.verified import expired
from gateway.policy.pack import DEFAULT_PACK, Library, Pack, read_library
from gateway.policy.readcase import case_mistakes, same_id
from gateway.policy.trial import case_files

__all__ = ["FEDERAL", "Stack", "lint", "stacks_of", "states_among"]

FEDERAL = "us-federal"
"""The pack that every stack of a state has beside its own."""

Stack = tuple[tuple[str, ...], str | None]
"""Packs, and the overlay on top."""


def lint(
    root: Path,
    *,
    today: dt.date,
    stacks: Sequence[Stack] | None = None,
    overlay: str | None = None,
    prover: Prover | None = None,
) -> list[Finding]:
    """Return every finding in a policies folder, by file and line.

    Args:
        root: the folder.
        today: the day verifications are measured against.
        stacks: look only at these, and at what is in them; by default at every pack,
            and at every overlay on what it says it stands on, or its cases name.
        overlay: without stacks: look only at this one, and at what it stands on.
        prover: proves what cannot be seen by form, if given.
    """
    places = Places()
    try:
        library, mistakes = read_library(root)
    except InvalidFile as error:
        return _findings(map(_read, error.mistakes), places)
    wrong: list[Mistake] = []
    every = {
        name: _sound(rules, wrong) for name, rules in library.every_rule(wrong).items()
    }
    mistakes = [*map(_read, mistakes), *wrong]
    look = _Look(library=library, every=every, today=today)
    chosen = stacks_of(library, overlay) if stacks is None else stacks
    named = {word for packs, top in chosen for word in (*packs, top) if word}
    if stacks is None:
        named |= {overlay} if overlay else {*library.packs, *library.overlays}
    mistakes += look.folder(named)
    for packs, top in chosen:
        mistakes += look.stack(packs, top, prover)
    return _findings(mistakes, places)


def _sound(rules: Iterable[Rule], wrong: Sequence[Mistake]) -> list[Rule]:
    """Return the rules whose words are known; of others it would be guessed."""
    paths = [mistake.path for mistake in wrong]
    return [
        rule
        for rule in rules
        if not any(
            path == rule.file or path.startswith(f"{rule.file}.") for path in paths
        )
    ]


def stacks_of(library: Library, overlay: str | None = None) -> list[Stack]:
    """Return every stack that a folder is about, or that one overlay is.

    Each pack with the federal one; each overlay on the packs that it names, or else
    on each stack that one of its cases names.
    """
    if overlay is not None:
        known = library.overlays.get(overlay)
        below = [()] if known is None else _below(library, known)
        return [(packs, overlay) for packs in below]
    found: list[Stack] = [
        (_with_federal(library, [word]), None) for word in library.packs
    ]
    for each in library.overlays.values():
        found += [(packs, each.id) for packs in _below(library, each)]
    return list(dict.fromkeys(found))


def states_among(library: Library, packs: Iterable[str]) -> list[str]:
    """Return the packs of states among some."""
    known = [library.packs[word] for word in packs if word in library.packs]
    return [pack.id for pack in known if pack.text.kind == "state"]


def _below(library: Library, overlay: Pack) -> list[tuple[str, ...]]:
    if overlay.text.on:
        return [_with_federal(library, overlay.text.on)]
    name = overlay.id.encode()
    named = []
    for path in case_files([library.root]):
        if name not in path.read_bytes():
            continue  # most cases have no overlay: reading them all takes a second
        try:
            case = load_case(path)
        except InvalidFile:
            continue  # what is wrong in it is found where cases are looked at
        if case.overlay == overlay.id and {*case.packs} <= {*library.packs}:
            named.append(tuple(sorted({DEFAULT_PACK, *case.packs})))
    return list(dict.fromkeys(named))


def _with_federal(library: Library, packs: Iterable[str]) -> tuple[str, ...]:
    federal = {FEDERAL} & {*library.packs}
    return tuple(sorted({DEFAULT_PACK, *federal, *packs}))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Look:
    """What the checks look at."""

    library: Library
    every: dict[str, list[Rule]]
    today: dt.date

    def folder(self, named: Collection[str]) -> Iterator[Mistake]:
        """Yield what is wrong in these packs and overlays, each alone."""
        every = [*self.library.packs.values(), *self.library.overlays.values()]
        packs = [pack for pack in every if pack.id in named]
        citations = [item for pack in packs for item in cited(pack)]
        for item in citations:
            if wrong := malformed(item.text):
                problem, advice = wrong
                yield Mistake(
                    path=item.path, problem=problem, advice=advice, code="citation"
                )
        yield from misspelled(citations)
        yield from unread(self.library.root, named)
        yield from map(_read, forbidden(self.library, named))
        vocabulary = self.library.vocabulary
        for pack in packs:
            yield from no_rule(pack) if pack.whole else ()
            yield from expired(pack, self.today)
            rules = self.every[pack.id]
            yield from contradictions(rules, vocabulary)
            yield from hidden(rules, vocabulary)
            yield from nobody_executes(rules, vocabulary)
        yield from _cases(packs, self.library)
        for overlay in packs:
            if overlay.text.kind == "overlay":
                yield from self._stands(overlay)

    def _stands(self, overlay: Pack) -> Iterator[Mistake]:
        """Yield what is wrong with what an overlay says it stands on."""
        header = str(overlay.folder / "pack.yaml")
        yield from stands_elsewhere(overlay.text, header)
        if not _below(self.library, overlay):
            problem = f"{overlay.id} names no pack it stands on, and has no case"
            yield Mistake(path=f"{header}:on", problem=problem, code="no_stack")
        states = states_among(self.library, overlay.text.on)
        if len(states) > 1:
            problem = f"{overlay.id} stands on {' and '.join(states)}"
            yield Mistake(path=f"{header}:on", problem=problem, code="two_states")

    def stack(
        self, packs: Sequence[str], overlay: str | None, prover: Prover | None
    ) -> Iterator[Mistake]:
        """Yield what is wrong only where packs are in force together."""
        if overlay is None and prover is None and not self._excludes(packs):
            return
        library = self.library
        unread = overlay in library.unread and overlay not in library.overlays
        if unread or library.unread.intersection({DEFAULT_PACK, *packs}):
            return  # without a part of the law nobody can say what it allows
        try:
            stack = library.chosen(packs, overlay)
        except InvalidFile as error:
            yield from error.mistakes
            return
        wrong: list[Mistake] = []
        every = library.stack_rules(stack, wrong)
        rules = _sound(every, wrong)
        yield from wrong
        if overlay is not None:
            yield from self._local(every, rules)
        if prover is not None and not wrong and all(pack.whole for pack in stack):
            for proved in prover(library.vocabulary, rules):
                yield mistake_of(proved, rules)

    def _local(self, every: Sequence[Rule], rules: Sequence[Rule]) -> Iterator[Mistake]:
        """Yield what a local rule may not do to the law, as far as that is sound."""
        vocabulary = self.library.vocabulary
        yield from contradictions(rules, vocabulary)
        yield from unfound(rules, vocabulary)
        law = {rule.id for rule in every if rule.layer != "overlay"}
        if law <= {rule.id for rule in rules}:
            yield from barred(rules, vocabulary, self.today)

    def _excludes(self, packs: Sequence[str]) -> bool:
        known = [
            self.library.packs[word] for word in packs if word in self.library.packs
        ]
        return len(known) < len(packs) or any(pack.text.excludes for pack in known)


def _cases(packs: Iterable[Pack], library: Library) -> Iterator[Mistake]:
    """Yield every mistake in the cases of packs.

    Of the law's cases those on packs and overlays that are not here are not asked.
    """
    seen: dict[str, Path] = {}
    for pack in packs:
        own = pack.text.kind == "overlay"
        for path in case_files([pack.folder]):
            case, wrong = case_mistakes(path, library, stack=own)
            if case is not None and seen.setdefault(case.id, path) != path:
                wrong.append(same_id(case, str(path), seen[case.id]))
            for mistake in wrong:
                yield replace(mistake, code=mistake.code or "case")


def _read(mistake: Mistake) -> Mistake:
    """Return a mistake of reading with its kind."""
    code = mistake.code or "schema"
    if mistake.path.endswith(".citation"):
        code = "citation"
    return Mistake(
        path=mistake.path, problem=mistake.problem, advice=mistake.advice, code=code
    )


def _findings(mistakes: Iterable[Mistake], places: Places) -> list[Finding]:
    return sorted({found(mistake, places) for mistake in mistakes})
