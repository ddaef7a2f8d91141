"""Which questions a change of rules can reach at all; the others stay as they are.

A decision follows from the rules that reach its question, the words and the
evaluator. Where none of these changed, asking both sides would tell nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from gateway.policy.compare.sides import Side
from gateway.policy.law import Rule
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

    def reached(self, question: Mapping[str, Any]) -> bool:
        """Tell whether a changed rule reaches any ask of a question."""
        return self._all or any(self._reaches(rule, question) for rule in self.rules)

    def _reaches(self, rule: Rule, question: Mapping[str, Any]) -> bool:
        reach = rule.reach
        purpose = question["facts"].get("purpose", "unknown")
        return (
            question["custodian"] in reach.custodians
            and question["requester"] in reach.requesters
            and question["dataset"] in reach.datasets
            and rule.start <= question["day"] < rule.end
            and (purpose == "unknown" or purpose in reach.purposes)
            and any(
                ask["kind"] in reach.kinds
                and ask["use"] in reach.uses
                and reaches(reach, ask["kind"], category, self._vocabulary)
                for ask in question["asks"]
                for category in ask["categories"]
            )
        )


def _decided(rule: Rule) -> Rule:
    """Return a rule without the place where it is written."""
    return replace(rule, file="")
