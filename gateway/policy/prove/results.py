"""What proofs, leaks and comparisons come to; needs no solver."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from gateway.canonical import Json
from gateway.errors import GatewayError

__all__ = [
    "Case",
    "Change",
    "Counterexample",
    "Declared",
    "Difference",
    "Example",
    "Leak",
    "Mistranslated",
    "Proof",
    "Unheard",
    "Verdict",
    "case_name",
]


class Mistranslated(GatewayError):
    """The evaluator does not answer a question as the formula says."""


Case: TypeAlias = Mapping[str, Any]
"""A case file, ``sallyport.case/1``, as data."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Counterexample:
    """What breaks a claim: a sentence, and case files that show it if questions do."""

    says: str
    cases: tuple[Case, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Proof:
    """A claim about every question, and what breaks it; it holds if nothing does."""

    id: str
    says: str
    citation: str = ""
    broken_by: tuple[Counterexample, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether no question breaks the claim."""
        return not self.broken_by

    def document(self) -> dict[str, Json]:
        """Return the proof as it travels in a bundle."""
        return {
            "id": self.id,
            "says": self.says,
            "citation": self.citation,
            "holds": self.holds,
            "notes": [*self.notes],
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Declared:
    """A case that says what its answer tells, and the law that allows it."""

    rule: str
    case: str
    categories: tuple[str, ...]
    citation: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Leak:
    """What the answers to a family tell of a fact in some datasets.

    ``tells`` is ``release`` where it shows in what is released, ``wait`` where only in
    whether a person is asked, or the empty string where a rule declares what no answer
    tells.
    """

    family: str
    datasets: tuple[str, ...]
    fact: str
    tells: str
    declared: tuple[Declared, ...]

    def document(self) -> dict[str, Json]:
        """Return the leak as plain data."""
        return {
            "family": self.family,
            "datasets": [*self.datasets],
            "fact": self.fact,
            "tells": self.tells,
            "declared": [
                {
                    "rule": one.rule,
                    "case": one.case,
                    "categories": [*one.categories],
                    "citation": one.citation,
                }
                for one in self.declared
            ],
        }


Verdict: TypeAlias = Literal[
    "equivalent", "stricter", "looser", "incomparable", "other_effect"
]
"""How the new law stands to the old one; the last: what comes out is the same always,
but not whether the law commands it or a person decides it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Example:
    """The smallest question that shows a change, as the old and the new law answer."""

    before: Case
    after: Case


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """How the laws differ on one category for one family of requesters."""

    category: str
    family: str
    verdict: Verdict
    examples: Mapping[str, Example]
    """By way, ``looser``, ``stricter`` or ``other_effect``."""

    def document(self) -> dict[str, Json]:
        """Return the change as plain data."""
        return {
            "category": self.category,
            "family": self.family,
            "verdict": self.verdict,
            "examples": {
                way: {"before": dict(one.before), "after": dict(one.after)}
                for way, one in self.examples.items()
            },
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """How two laws differ: in words that only one knows, and by category and family.

    What is not among the changes is equivalent.
    """

    before: str
    after: str
    verdict: Verdict
    changes: tuple[Change, ...]
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]

    def document(self) -> dict[str, Json]:
        """Return the difference as plain data."""
        return {
            "before": self.before,
            "after": self.after,
            "verdict": self.verdict,
            "changes": [change.document() for change in self.changes],
            "only_before": [*self.only_before],
            "only_after": [*self.only_after],
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Unheard:
    """A rule, or a case of it, that makes no difference to any question; and why.

    ``never_holds``: its conditions exclude each other. ``unreachable``: where it holds,
    another case of its rule always speaks first. ``shadowed``: wherever the rule
    speaks, others decide. ``by`` names those others; ``case`` is empty for the rule's
    own effect, and for the rule as a whole.
    """

    code: Literal["never_holds", "unreachable", "shadowed"]
    rule: str
    case: str
    said: str
    by: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Render as one line."""
        by = f" ({', '.join(self.by)})" if self.by else ""
        return f"{case_name(self.rule, self.case)}: {self.said}{by}"


def case_name(rule: str, case: str) -> str:
    """Return how a case of a rule is written: ``rule#case``."""
    return f"{rule}#{case}" if case else rule
