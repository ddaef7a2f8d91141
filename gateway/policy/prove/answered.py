"""No question is undecided, and none is decided twice."""

from __future__ import annotations

import z3

from gateway.policy.prove.logic import either, no
from gateway.policy.prove.results import Counterexample, Proof
from gateway.policy.prove.sketches import sketched
from gateway.policy.prove.theory import Theory

__all__ = ["answered"]

SAYS = "Every question finds one answer, and no more than one."
MOST = 10
"""Places that are told of tables which disagree; the rest is counted."""


def answered(theory: Theory) -> Proof:
    """Prove that every question of the vocabulary's words has exactly one answer.

    The tables are complete and say the same of each clause everywhere; and of what may
    decide exactly one does.
    """
    if problems := theory.law.problems:
        told = [Counterexample(says=problem) for problem in problems[:MOST]]
        if len(problems) > MOST:
            told.append(Counterexample(says=f"and {len(problems) - MOST} more"))
        return Proof(id="answered", says=SAYS, broken_by=tuple(told))
    guards = [
        z3.BoolVal(some) if isinstance(some, bool) else some
        for some in theory.answer.decided.values()
    ]
    search = theory.search(
        {
            "undecided": no(either(guards)),
            "twice": z3.Not(z3.AtMost(*guards, 1)),
        }
    )
    broken = []
    for claim in ("undecided", "twice"):
        if (model := search.smallest(claim)) is not None:
            found = sketched(model, theory.question, theory)
            broken.append(Counterexample(says=f"a question is {claim}: {found}"))
    return Proof(id="answered", says=SAYS, broken_by=tuple(broken))
