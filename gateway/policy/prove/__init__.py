"""Proofs about a compiled bundle, for every question it can be asked.

The bundle's own tables are read back, checked against each other and turned into one
formula; a solver (z3, extra ``prove``) then looks for a question that breaks what is
claimed. What it finds is written as a case file, which the evaluator decides.

Importing this package needs no solver; its functions do, and say so in one sentence.
"""

# ruff: noqa: PLC0415 - the solver is an extra, imported where it is used

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.util import find_spec

from gateway.errors import GatewayError
from gateway.policy.bundle import Bundle
from gateway.policy.law import Rule
from gateway.policy.proofs import ProofRow, with_proofs
from gateway.policy.prove.results import (
    Case,
    Counterexample,
    Difference,
    Leak,
    Mistranslated,
    Proof,
    Unheard,
)
from gateway.policy.vocabulary import Vocabulary

__all__ = [
    "SOLVER",
    "Case",
    "Counterexample",
    "Difference",
    "Leak",
    "Mistranslated",
    "NoSolver",
    "Proof",
    "Unheard",
    "compare",
    "leaks",
    "proofs_of",
    "proved",
    "unheard",
]

SOLVER = "z3-solver>=4.15"
"""What the extra ``prove`` installs: pyproject.toml says the same."""


class NoSolver(GatewayError):
    """The extra with the solver is not installed."""


def proofs_of(bundle: Bundle) -> list[Proof]:
    """Prove what is claimed of a bundle; a claim that is broken says by what.

    Where the tables disagree nothing else is tried.

    Raises:
        NoSolver: without the extra ``prove``.
        InvalidFile: when the bundle's invariants have mistakes.
        Mistranslated: when the evaluator does not answer as the formula says.
        Unavailable: without an embedded engine.
    """
    _need_solver()
    from gateway.policy.prove.claims import every_claim

    return list(every_claim(bundle))


def proved(bundle: Bundle) -> tuple[Bundle, list[Proof]]:
    """Return a bundle with its proofs, whether or not they hold, and the proofs.

    Raises:
        NoSolver, InvalidFile, Mistranslated, Unavailable: as :func:`proofs_of`.
    """
    proofs = proofs_of(bundle)
    rows = [ProofRow.model_validate(proof.document()) for proof in proofs]
    return with_proofs(bundle, rows), proofs


def leaks(bundle: Bundle) -> tuple[Proof, list[Leak]]:
    """Return the proof that rules declare what answers tell, and what that is.

    Raises:
        NoSolver, InvalidFile, Mistranslated, Unavailable: as :func:`proofs_of`.
    """
    _need_solver()
    from gateway.policy.prove.stack import Stack
    from gateway.policy.prove.told import leaks_of, reveals

    stack = Stack(bundle)
    return reveals(stack), list(leaks_of(stack))


def compare(before: Bundle, after: Bundle) -> Difference:
    """Compare what two bundles answer to every question that both can be asked.

    Raises:
        NoSolver, InvalidFile, Mistranslated, Unavailable: as :func:`proofs_of`.
    """
    _need_solver()
    from gateway.policy.prove.difference import difference
    from gateway.policy.prove.stack import Stack

    return difference(Stack(before), Stack(after))


def unheard(vocabulary: Vocabulary, rules: Sequence[Rule]) -> list[Unheard]:
    """Return every rule and case of a stack that makes no difference to any question.

    Raises:
        NoSolver: without the extra ``prove``.
    """
    _need_solver()
    from gateway.policy.prove.heard import unheard as found

    return found(vocabulary, rules)


def _need_solver() -> None:
    if find_spec("z3") is None:
        raise NoSolver(
            f"proofs need the solver z3; install it beside sallyport: {sys.executable}"
            f" -m pip install '{SOLVER}'; in a clone also: make test-environment"
        )
