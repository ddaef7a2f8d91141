"""The account of a case: for each ask, everything that led to its answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.canonical import Json
from gateway.policy.case import CaseFile
from gateway.policy.casequestion import case_question
from gateway.policy.decision import AskDecision
from gateway.policy.explained.authority import Claim, claims_of
from gateway.policy.explained.heard import Asked, Failed, Heard, asked_of, hear
from gateway.policy.explained.otherwise import Otherwise, changes_of, otherwise
from gateway.policy.facade import Policy
from gateway.policy.law import Rule, facts_of
from gateway.policy.plain import Plain
from gateway.policy.question import Vector

__all__ = ["Account", "account_of"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """One ask: what it comes to, and everything that led there."""

    asked: Asked
    decision: AskDecision
    heard: tuple[Heard, ...]
    claims: tuple[Claim, ...]
    otherwise: tuple[Otherwise, ...]
    needs: tuple[str, ...]

    def document(self) -> dict[str, Json]:
        """Return it for programs."""
        kind, use, category = self.asked.key
        return {
            "kind": kind,
            "use": use,
            "category": category,
            "decision": self.decision.document(),
            "spoke": [e.rule.id for e in self.heard if e.voice is not None],
            "silent": [e.rule.id for e in self.heard if e.voice is None],
            "failed": [
                {"rule": each.rule.id, "case": case.id, "on": _facts(failed)}
                for each in self.heard
                if each.voice is not None
                for case, failed in each.failed
            ],
            "rejected": [
                {"what": claim.what, "why": claim.why}
                for claim in self.claims
                if not claim.accepted
            ],
            "would_change": [
                {
                    "fact": other.change.fact,
                    "value": other.change.value,
                    "of": other.change.of,
                    "effect": other.decision.effect,
                    "outcome": other.decision.outcome,
                }
                for other in self.otherwise
            ],
            "needs": [*self.needs],
        }


async def account_of(
    case: CaseFile, policy: Policy, rules: Sequence[Rule], name: str
) -> list[Account]:
    """Return the account of each ask of a case, in the question's order.

    Args:
        case: the case.
        policy: decides it.
        rules: the rules of the same stack.
        name: the case's file, for mistakes.

    Raises:
        InvalidFile: for words or values that are not in the vocabulary.
        Unavailable: when the engine does not answer.
    """
    vocabulary = policy.vocabulary
    question, vector = case_question(case, vocabulary, name)
    screen = await policy.screen(question)
    record = vector or Vector()
    (decision,) = await policy.decide(question, [record])
    plain = Plain(vocabulary, rules)
    accounts = []
    for asked in asked_of(question, vector):
        heard = tuple(hear(plain, rules, asked))
        changes = changes_of(heard, asked, vocabulary)
        others = await otherwise(policy, question, record, asked.key, changes)
        release = asked.key[1] == "release"
        claims = claims_of(case, heard, asked, vocabulary) if release else ()
        needs = screen.asks[asked.key].needs if vector is None else ()
        accounts.append(
            Account(
                asked=asked,
                decision=decision.asks[asked.key],
                heard=heard,
                claims=tuple(claims),
                otherwise=tuple(others),
                needs=tuple(sorted(needs)),
            )
        )
    return accounts


def _facts(failed: Sequence[Failed]) -> list[Json]:
    return [*sorted({fact for each in failed for fact in facts_of(each.condition)})]
