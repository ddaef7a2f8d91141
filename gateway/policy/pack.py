"""Packs, overlays and vocabulary, read from a folder with every mistake named."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from gateway.errors import InvalidFile, Mistake
from gateway.policy.header import alone, is_on, misused, turned_on
from gateway.policy.law import Rule
from gateway.policy.lookup import UNKNOWN_WORD, Lookup
from gateway.policy.packfile import Pack, not_a_pack, read_packs
from gateway.policy.resolve import Resolver
from gateway.policy.rules import RuleText
from gateway.policy.vocabulary import Vocabulary, load_vocabulary
from gateway.policy.written import written_files
from gateway.yamlfile import nearest

__all__ = [
    "DEFAULT_PACK",
    "Library",
    "Pack",
    "load_library",
    "read_library",
    "shipped_policies",
]

DEFAULT_PACK = "agency-default"
"""The pack that lies below every other."""

SCOPE = "immigration_scope"
"""The group of purposes that a pack's own law counts as immigration enforcement."""

RANKS = ("overlay", "state", "model", "federal", "agency_default")
"""Kinds of packs: among equals of one layer the rule of the first is named."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Library:
    """Everything in a policies folder; ``files`` are its bytes by path below it.

    What a bundle carries is not ``whole``: an overlay may name rules of packs that are
    not in it, which were looked up when it was built. ``unread`` are packs of the
    folder that nobody wanted; whether they have a rule is not known.
    """

    root: Path
    files: Mapping[str, bytes]
    vocabulary: Vocabulary
    packs: Mapping[str, Pack]
    overlays: Mapping[str, Pack]
    whole: bool = True
    unread: frozenset[str] = frozenset()
    _looked_up: dict[tuple[str, frozenset[str]], Rule] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """Rules with every word looked up, by place and by what is exercised of them."""

    def chosen(self, packs: Sequence[str], overlay: str | None) -> list[Pack]:
        """Return the packs of a stack, the default below, in a fixed order.

        Raises:
            InvalidFile: for a pack or overlay that is not in the folder.
        """
        wanted = sorted({DEFAULT_PACK, *packs})
        top = self.overlays.get(overlay or "")
        on = top.text.on if top is not None else []
        mistakes = [
            not_a_pack(self.root, word, {*self.packs, *self.unread})
            for word in wanted
            if word not in {*self.packs, *on}
        ]
        mistakes += self._excluded([w for w in wanted if w in self.packs])
        if overlay is not None and overlay not in self.overlays:
            advice = nearest(overlay, {*self.overlays, *self.unread})
            problem = f"{overlay} is not an overlay here"
            mistakes.append(Mistake(path="overlay", problem=problem, advice=advice))
        elif overlay is not None:
            mistakes += self._elsewhere(self.overlays[overlay], wanted)
        if mistakes:
            raise InvalidFile(mistakes)
        chosen = [self.packs[word] for word in wanted]
        return [*chosen, self.overlays[overlay]] if overlay else chosen

    def _excluded(self, wanted: Sequence[str]) -> Iterator[Mistake]:
        """Yield a mistake for each pack that another one's law does not allow."""
        for pack in map(self.packs.__getitem__, wanted):
            for bar in pack.text.excludes:
                if bar.pack in wanted:
                    yield Mistake(
                        path=f"{pack.folder / 'pack.yaml'}:excludes",
                        problem=f"{bar.pack} may not be in force beside {pack.id}",
                        advice=f"see {bar.citation}",
                        code="excluded",
                        citation=bar.citation,
                    )

    def _elsewhere(self, overlay: Pack, wanted: Sequence[str]) -> Iterator[Mistake]:
        """Yield a mistake for each pack that an overlay stands on and that is missing.

        A rule that narrows or widens is right on one law and wrong on another.
        """
        path = f"{overlay.folder / 'pack.yaml'}:on"
        for word in overlay.text.on:
            known = word in self.packs or word in self.unread
            if not known:
                every = {*self.packs, *self.unread}
                yield replace(not_a_pack(self.root, word, every), path=path)
            elif word not in wanted:
                problem = f"{overlay.id} is written on {word}, which is not in force"
                yield Mistake(path=path, problem=problem, code="stack")

    def every_rule(self, mistakes: list[Mistake]) -> dict[str, list[Rule]]:
        """Return each pack's rules, those that are off or need others too, by pack.

        Words that are wrong are added to the mistakes.
        """
        packs = [*self.packs.values(), *self.overlays.values()]
        stack = frozenset(pack.id for pack in packs)
        every = [rule for pack in packs for _, _, rule in pack.rules]
        on = frozenset(rule.id for rule in every)
        found = {
            pack.id: self._resolved(pack, stack, on, frozenset(), mistakes)
            for pack in packs
        }
        mistakes += [m for pack in packs for m in self._named(pack)]
        return found

    def rules(self, packs: Sequence[Pack]) -> list[Rule]:
        """Return the rules of a stack with every word looked up, by rank and id.

        Raises:
            InvalidFile: with every mistake of every pack.
        """
        mistakes: list[Mistake] = []
        rules = self.stack_rules(packs, mistakes)
        if mistakes:
            raise InvalidFile(list(dict.fromkeys(mistakes)))
        return rules

    def stack_rules(self, packs: Sequence[Pack], mistakes: list[Mistake]) -> list[Rule]:
        """Return a stack's rules; words that are wrong are added to the mistakes."""
        stack = frozenset(pack.id for pack in packs)
        exercised = frozenset(
            item.rule
            for pack in packs
            for item in pack.text.exercise
            if item.decision == "release"
        )
        on = frozenset(item.rule for pack in packs for item in pack.text.turned_on)
        rules = [
            rule
            for pack in packs
            for rule in self._resolved(pack, stack, on, exercised, mistakes)
        ]
        mistakes += [m for pack in packs for m in self._named(pack)]
        return sorted(rules, key=lambda rule: (rule.rank, rule.id))

    def _resolved(
        self,
        pack: Pack,
        stack: frozenset[str],
        on: frozenset[str],
        exercised: frozenset[str],
        mistakes: list[Mistake],
    ) -> list[Rule]:
        scopes = self.vocabulary.immigration_scopes
        scope = pack.text.immigration_scope
        if scope is not None and scope not in scopes:
            path = f"{pack.folder / 'pack.yaml'}:immigration_scope"
            problem = f"{scope} is not a known word"
            advice = nearest(scope, scopes)
            mistakes.append(
                Mistake(path=path, problem=problem, advice=advice, code=UNKNOWN_WORD)
            )
        resolver = Resolver(
            lookup=Lookup(
                vocabulary=self.vocabulary,
                groups={SCOPE: scopes.get(scope or "", []), **pack.text.groups},
                mistakes=mistakes,
            ),
            pack=pack.id,
            rank=RANKS.index(pack.text.kind),
            may_restrict=pack.text.local_may_restrict,
            may_expand=pack.text.local_may_expand,
            exercised=exercised,
        )
        return [
            self._rule(resolver, place, exercised, mistakes)
            for place in pack.rules
            if is_on(place[2], on)
            and (not place[2].only_with or not stack.isdisjoint(place[2].only_with))
        ]

    def _rule(
        self,
        resolver: Resolver,
        place: tuple[str, int, RuleText],
        exercised: frozenset[str],
        mistakes: list[Mistake],
    ) -> Rule:
        """Return a rule; one without mistakes is looked up once for all its stacks."""
        file, i, text = place
        names = {text.id, *(f"{text.id}#{case.id}" for case in text.unless)}
        key = (f"{file}:{i}", exercised & names)
        if (kept := self._looked_up.get(key)) is not None:
            return kept
        before = len(mistakes)
        rule = resolver.rule(text, file, i)
        if len(mistakes) == before:
            self._looked_up[key] = rule
        return rule

    def _named(self, pack: Pack) -> Iterator[Mistake]:
        """Yield a mistake for each rule or pack that a pack names and cannot name so.

        Not for a bundle, which has of other packs' files only its own.
        """
        if not self.whole:
            return
        every = [rule for other in self.packs.values() for _, _, rule in other.rules]
        header = pack.folder / "pack.yaml"
        yield from misused(pack.text, f"{header}:exercise", every, self.unread)
        yield from turned_on(pack.text, f"{header}:turned_on", every, self.unread)
        yield from alone(pack.rules, {*self.packs, *self.overlays, *self.unread})


def shipped_policies() -> Path:
    """Return the policies folder that came with this gateway."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "_policies"
    return installed if installed.is_dir() else package.parent / "policies"


def load_library(root: Path, only: Collection[str] | None = None) -> Library:
    """Read a policies folder: vocabulary, packs, overlays.

    Args:
        root: the folder.
        only: the packs and overlays that are wanted; by default all. Mistakes in
            others are not looked for.

    Raises:
        InvalidFile: with every mistake of every file.
    """
    library, mistakes = read_library(root, only)
    if mistakes:
        raise InvalidFile(mistakes)
    return library


def read_library(
    root: Path, only: Collection[str] | None = None
) -> tuple[Library, list[Mistake]]:
    """Return what reads of a policies folder, and every mistake in the rest.

    A pack of which not all rules read counts among the ``unread`` too.

    Raises:
        InvalidFile: for a vocabulary that does not read: no word has a meaning.
    """
    mistakes: list[Mistake] = []
    vocabulary = load_vocabulary(root / "vocabulary.yaml")
    packs = read_packs(root / "packs", mistakes, only)
    overlays = read_packs(root / "overlays", mistakes, only)
    mistakes += [
        Mistake(
            path=f"{overlay.folder / 'pack.yaml'}:id",
            problem=f"{name} is the id of a pack, and this overlay's too",
            advice="call it and its folder otherwise",
        )
        for name, overlay in overlays.items()
        if (root / "packs" / name / "pack.yaml").is_file()
    ]
    every = [*packs.values(), *overlays.values()]
    read = {pack.id for pack in every if pack.whole}
    there = {header.parent.name for header in root.glob("*/*/pack.yaml")}
    library = Library(
        root=root,
        files=written_files(root, only),
        vocabulary=vocabulary,
        packs=packs,
        overlays=overlays,
        unread=frozenset(there - read),
    )
    return library, mistakes
