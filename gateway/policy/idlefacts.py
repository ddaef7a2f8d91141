"""Facts that a case states and no rule of its stack looks at: they change nothing."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.policy.case import CaseFile
from gateway.policy.casequestion import stated_facts
from gateway.policy.law import facts_of
from gateway.policy.pack import Library

__all__ = ["IdleFacts"]

OF_THE_QUESTION = frozenset({"purpose", "purpose_basis", "recipient", "bulk"})
"""Facts that count whatever the rules say: the question itself is made of them."""


class IdleFacts:
    """Looks for them, each stack's rules once."""

    def __init__(self, library: Library) -> None:
        """Take the packs that cases stand on."""
        self._library = library
        self._read: dict[tuple[frozenset[str], str | None], frozenset[str]] = {}

    def notices(self, case: CaseFile) -> list[str]:
        """Return a sentence for each fact that nothing reads, as they are written.

        Raises:
            InvalidFile: when the stack's files have mistakes.
        """
        key = (frozenset(case.packs), case.overlay)
        if key not in self._read:
            self._read[key] = self._facts_read(case.packs, case.overlay)
        stated = [
            fact
            for place in stated_facts(case, self._library.vocabulary)
            for fact in place.facts
        ]
        return [
            f"{fact} is read by no rule of these packs: it changes nothing"
            for fact in dict.fromkeys(stated)
            if fact not in self._read[key]
        ]

    def _facts_read(self, packs: Sequence[str], overlay: str | None) -> frozenset[str]:
        """Return the facts that a stack's rules look at, and that make a question."""
        rules = self._library.rules(self._library.chosen(packs, overlay))
        tests = [
            test
            for rule in rules
            for case in rule.cases
            for test in (*rule.when, *rule.lifted_by, *case.when)
        ]
        families = self._library.vocabulary.families.values()
        certifying = [fact for family in families for fact in family.certified_by]
        return OF_THE_QUESTION.union(certifying, *map(facts_of, tests))
