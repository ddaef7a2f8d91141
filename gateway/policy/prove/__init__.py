"""Proofs about a compiled bundle, for every question it can be asked.

The bundle's own tables are read back, checked against each other and turned into one
formula; a solver (z3, extra ``prove``) then looks for a question that breaks what is
claimed. What it finds is written as a case file, which the evaluator decides.

Importing this package needs no solver; its functions do.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec

from gateway.errors import GatewayError
from gateway.policy.bundle import Bundle
from gateway.policy.proofs import ProofRow, with_proofs
from gateway.policy.prove.proof import Proof

__all__ = ["NoSolver", "proofs_of", "proved", "require_solver"]


class NoSolver(GatewayError):
    """The extra with the solver is not installed."""


def require_solver() -> None:
    """Refuse to go on without the solver.

    Raises:
        NoSolver: saying how it is installed.
    """
    if find_spec("z3") is None:
        raise NoSolver(
            "proofs need the solver z3; install it with:"
            " pip install 'sallyport-gateway[prove]'"
        )


def proofs_of(bundle: Bundle) -> list[Proof]:
    """Prove what is claimed of a bundle; a claim that is broken says by what.

    Where the tables disagree nothing else is tried.

    Raises:
        NoSolver: without the extra ``prove``.
        InvalidFile: when the bundle's invariants have mistakes.
        Mistranslated: when the evaluator does not answer as the formula says.
        Unavailable: without an embedded engine.
    """
    require_solver()
    from gateway.policy.prove.claims import every_claim  # noqa: PLC0415  # extra `prove`

    return list(every_claim(bundle))


def proved(bundle: Bundle) -> tuple[Bundle, list[Proof]]:
    """Return a bundle with its proofs, whether or not they hold, and the proofs.

    Raises:
        NoSolver, InvalidFile, Mistranslated, Unavailable: as :func:`proofs_of`.
    """
    proofs = proofs_of(bundle)
    rows = [ProofRow.model_validate(proof.document()) for proof in proofs]
    return with_proofs(bundle, rows), proofs
