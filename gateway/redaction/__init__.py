"""Redaction: share, transform or withhold, by a plan made before anything is read."""

from gateway.redaction.apply import Redacted, redact
from gateway.redaction.plan import Outcome, Plan, plan_for
from gateway.redaction.transforms import WITHHELD, Setting, step_for

__all__ = [
    "WITHHELD",
    "Outcome",
    "Plan",
    "Redacted",
    "Setting",
    "plan_for",
    "redact",
    "step_for",
]
