"""No question is undecided, and none is decided twice."""

from __future__ import annotations

import z3

from gateway.policy.prove.logic import either, no
from gateway.policy.prove.proof import Counterexample, Proof
from gateway.policy.prove.stack import Stack

__all__ = ["answered"]

SAYS = "Every question finds one answer, and no more than one."
MOST = 10
"""Places that are told of tables which disagree; the rest is counted."""


def answered(stack: Stack) -> Proof:
    """Prove that every question of the vocabulary's words has exactly one answer.

    The tables are complete and say the same of each clause everywhere; and of what may
    decide exactly one does.
    """
    if problems := stack.law.problems:
        told = [Counterexample(says=problem) for problem in problems[:MOST]]
        if len(problems) > MOST:
            told.append(Counterexample(says=f"and {len(problems) - MOST} more"))
        return Proof(id="answered", says=SAYS, broken_by=tuple(told))
    guards = [some for some in stack.answer.decided.values() if some is not False]
    search = stack.search(
        {
            "undecided": no(either(guards)),
            "twice": z3.Not(z3.AtMost(*guards, 1)),
        }
    )
    broken = [
        Counterexample(
            says=f"a question is {claim}: {stack.raw_sketch(model)}",
        )
        for claim in ("undecided", "twice")
        if (model := search.smallest(claim)) is not None
    ]
    return Proof(id="answered", says=SAYS, broken_by=tuple(broken))
