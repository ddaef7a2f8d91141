"""The plain evaluator, which is the oracle of these tests; see gateway.policy.plain."""

from __future__ import annotations

from gateway.policy.plain import Plain as Reference
from gateway.policy.plainfold import Answer

__all__ = ["Answer", "Reference"]
