"""What a stated purpose rests on, where its requester is presumed to have another.

A family of requesters may have a purpose that it is taken to ask for. Leaving it costs
nothing to say; rules may ask for more than that: a certification in force, or process.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, TypeAlias

from gateway.policy.question import CONFIRMED
from gateway.policy.vocabulary import Vocabulary

__all__ = ["Basis", "purpose_basis"]

Basis: TypeAlias = Literal["declared", "certified", "process"]

IN_FORCE = "in_force"


def purpose_basis(
    purpose: str,
    *,
    vocabulary: Vocabulary,
    classes: Iterable[str],
    facts: Mapping[str, object],
    papers: Iterable[Mapping[str, object]],
) -> Basis:
    """Return what the stated purpose rests on.

    Args:
        purpose: as the requester states it.
        vocabulary: in force; its families say what is presumed, and what certifies.
        classes: who asks, and who finally gets it.
        facts: of the request; certifications among them.
        papers: the facts about papers, for each thing that is asked.
    """
    named = {vocabulary.requester_classes[name].family for name in classes}
    presuming = [
        family
        for family in map(vocabulary.families.__getitem__, named)
        if family.presumed_purpose not in {None, purpose}
    ]
    if not presuming:
        return "declared"
    # A certification is of the purpose; a court's paper may be of one field alone.
    if all(
        any(facts.get(fact) == IN_FORCE for fact in family.certified_by)
        for family in presuming
    ):
        return "certified"
    founded = any(
        state == CONFIRMED and _founds(paper, vocabulary)
        for covering in papers
        for paper, state in covering.items()
    )
    return "process" if founded else "declared"


def _founds(paper: str, vocabulary: Vocabulary) -> bool:
    """Tell whether the instrument that a paper's fact is about founds a purpose."""
    code, _, _signer = paper.removeprefix("paper.").rpartition(".")
    return vocabulary.instruments[code].founds_purpose
