"""Policy: what the law says of one complete question; decided outside, told as values.

The exchange uses :class:`Policy` and the values it returns; everything else here is
how the written law becomes a bundle, and how a bundle answers.
"""

from gateway.policy.bundle import Bundle
from gateway.policy.decision import (
    AskDecision,
    Decision,
    LayerSaid,
    Union,
    union,
)
from gateway.policy.engine import Engine, Overtaken
from gateway.policy.facade import Policy
from gateway.policy.purpose import purpose_basis
from gateway.policy.question import (
    CONFIRMED,
    Ask,
    AskKey,
    InvalidQuestion,
    Question,
    Vector,
)
from gateway.policy.requesterrow import RequesterRow
from gateway.policy.screen import Screen, ScreenAsk, requester_view
from gateway.policy.table import Obligation, Reason, RuleRef
from gateway.policy.vocabulary import Vocabulary

__all__ = [
    "CONFIRMED",
    "Ask",
    "AskDecision",
    "AskKey",
    "Bundle",
    "Decision",
    "Engine",
    "InvalidQuestion",
    "LayerSaid",
    "Obligation",
    "Overtaken",
    "Policy",
    "Question",
    "Reason",
    "RequesterRow",
    "RuleRef",
    "Screen",
    "ScreenAsk",
    "Union",
    "Vector",
    "Vocabulary",
    "purpose_basis",
    "requester_view",
    "union",
]
