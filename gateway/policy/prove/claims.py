"""All that is claimed of a bundle, in order."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.policy.bundle import Bundle
from gateway.policy.prove.answered import answered
from gateway.policy.prove.heard import heard, reachable
from gateway.policy.prove.never import never
from gateway.policy.prove.openness import inside, overlaid, unconfirmed, unknown
from gateway.policy.prove.results import Proof
from gateway.policy.prove.stack import Stack
from gateway.policy.prove.told import reveals

__all__ = ["every_claim"]

PROVERS = (reachable, heard, unknown, unconfirmed, inside, overlaid, reveals)


def every_claim(bundle: Bundle) -> Iterator[Proof]:
    """Prove each claim; nothing after the first if the tables disagree.

    Raises:
        InvalidFile: when the bundle's invariants have mistakes.
        Mistranslated: when the evaluator does not answer as the formula says.
        Unavailable: without an embedded engine.
    """
    stack = Stack(bundle)
    first = answered(stack)
    yield first
    if stack.law.problems:
        return
    for prover in PROVERS:
        yield prover(stack)
    yield from never(stack)
