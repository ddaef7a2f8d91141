"""From a decision to what is shared of a record: a plan of fields, granted kinds."""

from __future__ import annotations

from gateway.asking.shape import Shape
from gateway.policy import AskDecision, Decision
from gateway.redaction import Outcome, Plan, plan_for

__all__ = ["granted", "plan_of"]

POINTER_DUTY = "respond_public_pointer"
"""The obligation that turns a release into a pointer to the public page."""


def plan_of(shape: Shape, decision: Decision) -> Plan:
    """Return what one decision shares of a record."""
    return plan_for(
        shape.dataset,
        fields=shape.categories,
        outcomes={
            category: _outcome(decision.asks[shape.field_kind, "release", category])
            for category in shape.categories.values()
        },
    )


def _outcome(ask: AskDecision) -> str:
    """Return what happens to a category; what is public is only pointed to."""
    by_pointer = any(duty.code == POINTER_DUTY for duty in ask.obligations)
    if ask.outcome == "release" and by_pointer:
        return Outcome.POINTER
    return ask.outcome


def granted(shape: Shape, decision: Decision) -> tuple[str, ...]:
    """Return the kinds without fields that this decision grants."""
    return tuple(
        kind
        for kind, category in shape.grants.items()
        if decision.asks[kind, "release", category].outcome == "release"
    )
