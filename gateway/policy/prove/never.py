"""What must never come out does not, for any question."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.policy.never import Invariant
from gateway.policy.proofs import NEVER
from gateway.policy.prove.given import broken
from gateway.policy.prove.results import Counterexample, Proof
from gateway.policy.prove.sketches import Chosen
from gateway.policy.prove.stack import Stack

__all__ = ["never"]


def never(stack: Stack) -> Iterator[Proof]:
    """Prove each invariant that is about the stack."""
    search = stack.search(
        {one.id: broken(one, stack.question, stack.answer) for one in stack.invariants}
    )
    for one in stack.invariants:
        found = search.smallest(one.id)
        breaches = []
        if found is not None:
            sketch = stack.sketch(found, chosen=_meant(one))
            case = stack.case(f"breaks-{one.id}", f"Breaks: {one.says}", sketch)
            breaches.append(Counterexample(says="this comes out", cases=(case,)))
        yield Proof(
            id=f"{NEVER}{one.id}",
            says=one.says,
            citation=one.citation,
            broken_by=tuple(breaches),
        )


def _meant(invariant: Invariant) -> Chosen:
    return {
        "custodian": {(word,) for word in invariant.custodians},
        "dataset": {(word,) for word in invariant.datasets},
        "requester": {(word,) for word in invariant.requesters},
        "purpose": {(word,) for word in invariant.purposes},
        "ask": invariant.asks,
    }
