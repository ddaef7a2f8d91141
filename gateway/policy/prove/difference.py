"""Two laws compared for every question: which lets more out, of what, to whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gateway.policy.prove.answers import Answer
from gateway.policy.prove.logic import Bool, both, either, no
from gateway.policy.prove.questions import every_question
from gateway.policy.prove.results import Change, Difference, Example, Verdict
from gateway.policy.prove.search import Search, plain_parts
from gateway.policy.prove.sketches import Chosen
from gateway.policy.prove.stack import Stack

__all__ = ["difference"]

EFFECTS = (1, 2, 3, 4)


def difference(before: Stack, after: Stack) -> Difference:
    """Compare what two stacks answer to every question that both can be asked.

    Raises:
        Mistranslated: when a bundle's tables contradict each other, or the evaluator
            does not answer an example as its formula says.
    """
    return _Comparison(before, after).difference()


class _Comparison:
    """One use: two stacks and one question for both."""

    def __init__(self, before: Stack, after: Stack) -> None:
        self._stacks = (before, after)
        laws = [before.sound_law, after.sound_law]
        self._question = every_question(laws)
        self._answers = [Answer(law, self._question, i) for i, law in enumerate(laws)]
        known = before.vocabulary
        self._families = {
            family: {
                (name,)
                for name, who in known.requester_classes.items()
                if who.family == family
            }
            for family in known.families
        }
        self._models: dict[tuple[str, str, tuple[int, ...]], Any] = {}
        self._asks: dict[str, list[tuple[str, ...]]] = {}
        for word in laws[0].places.reached["ask"]:
            self._asks.setdefault(word[2], []).append(word)

    def difference(self) -> Difference:
        search = self._search()
        changes = tuple(self._changes(search))
        one, other = (set(_words(stack)) for stack in self._stacks)
        verdicts = {change.verdict for change in changes}
        return Difference(
            before=self._stacks[0].bundle.revision,
            after=self._stacks[1].bundle.revision,
            verdict=_overall(verdicts),
            changes=changes,
            only_before=tuple(sorted(one - other)),
            only_after=tuple(sorted(other - one)),
        )

    def _search(self) -> Search:
        parts = self._question.dimensions
        claims: dict[str, Bool] = {
            "looser": self._opens(0, 1),
            "stricter": self._opens(1, 0),
            "other_effect": self._other_effect(),
            **{
                f"by {f}": parts["requester"].among(w)
                for f, w in self._families.items()
            },
            **{f"of {c}": parts["ask"].among(w) for c, w in self._asks.items()},
        }
        old = self._stacks[0]
        plain = plain_parts(self._question, old.vocabulary, old.usual)
        return Search(self._question.constraint, claims, plain)

    def _opens(self, old: int, new: int) -> Bool:
        """Return when one law lets out what another does not."""
        one, other = self._answers[old], self._answers[new]
        return either(
            [
                both([other.outcome("release"), no(one.outcome("release"))]),
                both([other.outcome("wait"), one.outcome("withhold")]),
            ]
        )

    def _other_effect(self) -> Bool:
        """Return when the same comes out by another effect."""
        one, other = self._answers
        same = no(either([self._opens(0, 1), self._opens(1, 0)]))
        return both(
            [same, no(either(both([one.effect(e), other.effect(e)]) for e in EFFECTS))]
        )

    def _changes(self, search: Search) -> Iterator[Change]:
        """Yield each change; where a family has none, its categories are not asked."""
        ways = [w for w in WAYS if search.possible(w)]
        for family in self._families:
            here = [w for w in ways if search.possible(w, f"by {family}")]
            for category in self._asks if here else ():
                where = (f"by {family}", f"of {category}")
                examples = {
                    way: self._example(search, way, where)
                    for way in here
                    if search.possible(way, *where)
                }
                if examples:
                    yield Change(
                        category=category,
                        family=family,
                        verdict=_overall(examples),
                        examples=examples,
                    )

    def _example(self, search: Search, way: str, where: tuple[str, str]) -> Example:
        family, category = (name.partition(" ")[2] for name in where)
        # Categories that no law tells apart have the same smallest question.
        asks = self._question.dimensions["ask"].classes
        alike = tuple(i for i, c in enumerate(asks) if {*c} & {*self._asks[category]})
        key = (way, family, alike)
        if key not in self._models:
            self._models[key] = search.smallest(way, *where)
        model = self._models[key]
        meant: Chosen = {
            "requester": self._families[family],
            "ask": self._asks[category],
        }
        before, after = (
            stack.case(
                f"{way}-{family}-{category}".replace("_", "-"),
                f"{name}: {category} for {family}",
                stack.sketch(model, answer, meant),
            )
            for stack, answer, name in zip(
                self._stacks, self._answers, ("Before", "After"), strict=True
            )
        )
        return Example(before=before, after=after)


WAYS = ("looser", "stricter", "other_effect")


def _overall(ways: Mapping[str, object] | set[Verdict]) -> Verdict:
    """Return the verdict that some ways come to together."""
    if {"looser", "stricter"} <= set(ways) or "incomparable" in ways:
        return "incomparable"
    if "looser" in ways:
        return "looser"
    if "stricter" in ways:
        return "stricter"
    return "other_effect" if ways else "equivalent"


def _words(stack: Stack) -> Iterator[str]:
    """Yield every word of a stack's lists, with the list that it is of."""
    known = stack.vocabulary
    for level, words in stack.law.places.reached.items():
        yield from (f"{level} {' '.join(word)}" for word in words)
    yield from (f"fact {fact}" for fact in known.scopes)
