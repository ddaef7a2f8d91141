"""Which questions a change of rules can reach at all; the others stay as they are.

A decision follows from the rules that reach its question, the words and the
evaluator. Where none of these changed, asking both sides would tell nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from gateway.policy.compare.sides import Side
from gateway.policy.law import Reach, Rule
from gateway.policy.parties import classes_of
from gateway.policy.reached import reaches
from gateway.policy.vocabulary import Vocabulary

__all__ = ["Affected"]


class Affected:
    """Tells whether two sides can answer a question differently."""

    def __init__(self, before: Side, after: Side) -> None:
        """Compare rules as they are decided; words and evaluator whole."""
        old = {rule.id: _decided(rule) for rule in before.rules}
        new = {rule.id: _decided(rule) for rule in after.rules}
        names = {name for name in {*old, *new} if old.get(name) != new.get(name)}
        self.rules: Sequence[Rule] = [
            rules[name]
            for name in sorted(names)
            for rules in (old, new)
            if name in rules
        ]
        self._vocabulary: Vocabulary = after.vocabulary
        same_words = before.vocabulary == after.vocabulary
        self._all = not same_words or before.rego != after.rego

    @property
    def anything(self) -> bool:
        """Whether there is anything that could be answered differently."""
        return self._all or bool(self.rules)

    def reached(self, question: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Return what of a question a changed rule reaches, or None if it is nothing.

        What one category comes to does not depend on the others that are asked.
        """
        if self._all:
            return question
        near = [rule.reach for rule in self.rules if _near(rule, question)]
        asks = [
            {**ask, "categories": [*self._reached(near, ask)]}
            for ask in question["asks"]
        ]
        left = [ask for ask in asks if ask["categories"]]
        return {**question, "asks": left} if left else None

    def _reached(self, near: Sequence[Reach], ask: Mapping[str, Any]) -> Iterator[str]:
        """Yield the categories of an ask that one of some reaches takes in."""
        kind, use = ask["kind"], ask["use"]
        for category in ask["categories"]:
            if any(
                kind in reach.kinds
                and use in reach.uses
                and reaches(reach, kind, category, self._vocabulary)
                for reach in near
            ):
                yield category


def _near(rule: Rule, question: Mapping[str, Any]) -> bool:
    """Tell whether a rule may reach a question, whatever is asked."""
    reach, purpose = rule.reach, question["facts"].get("purpose", "unknown")
    return (
        question["custodian"] in reach.custodians
        and not reach.requesters.isdisjoint(classes_of(question))
        and question["dataset"] in reach.datasets
        and rule.start <= question["day"] < rule.end
        and (purpose == "unknown" or purpose in reach.purposes)
    )


def _decided(rule: Rule) -> Rule:
    """Return a rule without the place where it is written."""
    return replace(rule, file="")
