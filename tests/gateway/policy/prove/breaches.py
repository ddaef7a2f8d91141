"""The claims that a bundle breaks, and what a case that shows it comes to."""

from __future__ import annotations

import asyncio

from gateway.policy import Bundle, Policy
from gateway.policy.case import CaseFile
from gateway.policy.prove import Case, Proof, proofs_of
from gateway.policy.trial import run_case

__all__ = ["broken", "shown"]


def broken(bundle: Bundle) -> dict[str, Proof]:
    """Return the claims that do not hold."""
    return {proof.id: proof for proof in proofs_of(bundle) if not proof.holds}


def shown(bundle: Bundle, case: Case) -> str:
    """Return the outcome of a case that comes to what it expects, as it must."""
    text = CaseFile.model_validate(dict(case))
    trial = asyncio.run(run_case(text, Policy(bundle=bundle), text.id))
    assert trial.failures == ()
    assert trial.decision is not None
    (ask,) = trial.decision.asks.values()
    return ask.outcome
