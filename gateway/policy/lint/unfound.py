"""Whether local rules leave a way to find the record that the law says is answered of.

What the law commands or reserves is answered only if its record may be looked for. Who
closes every identifier closes the answer too, though no rule about it says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gateway.errors import Mistake
from gateway.policy.contradictions import BELOW_OVERLAY, overlap, reserved
from gateway.policy.law import Rule
from gateway.policy.reached import reached
from gateway.policy.vocabulary import Vocabulary

__all__ = ["unfound"]

MATCH = "match"


def unfound(rules: Sequence[Rule], vocabulary: Vocabulary) -> Iterator[Mistake]:
    """Yield a mistake for each local rule that leaves nothing to find a record by."""
    finds = {
        rule.id: frozenset(
            (kind, category)
            for kind, use, category in reached(rule.reach, vocabulary)
            if use == MATCH
        )
        for rule in rules
        if MATCH in rule.reach.uses
    }
    local = [r for r in rules if r.id in finds and _says(r, "prohibit", "review")]
    closing = [rule for rule in local if rule.layer == "overlay"]
    below = [r for r in rules if r.id in finds and r.layer in BELOW_OVERLAY]
    opened = frozenset[tuple[str, str]]().union(
        *(finds[rule.id] for rule in below if _says(rule, "permit", "require"))
    )
    for law in rules:
        if not closing or law.layer not in BELOW_OVERLAY or not reserved(law):
            continue
        there = [rule for rule in closing if overlap(rule, law)]
        alone = [rule for rule in there if _leaves_none([rule], law, finds, opened)]
        for rule in alone or (there if _leaves_none(there, law, finds, opened) else []):
            yield Mistake(
                path=rule.file,
                problem="narrows what local policy may not narrow: it leaves"
                " nothing to find the record by",
                advice=f"see {law.id} ({law.citation}), or reach less",
                code="narrows_law",
                citation=law.citation,
            )


def _says(rule: Rule, *effects: str) -> bool:
    return any(case.effect in effects for case in rule.cases)


def _leaves_none(
    local: Sequence[Rule],
    law: Rule,
    finds: dict[str, frozenset[tuple[str, str]]],
    opened: frozenset[tuple[str, str]],
) -> bool:
    """Tell whether rules together close all that finds a record for a kind of request.

    Together only where one question meets them all.
    """
    reaches = [law.reach, *(rule.reach for rule in local)]
    dimensions = (
        [reach.custodians for reach in reaches],
        [reach.requesters for reach in reaches],
        [reach.purposes for reach in reaches],
        [reach.datasets for reach in reaches],
    )
    if not local or not all(frozenset.intersection(*words) for words in dimensions):
        return False
    left = opened.difference(*(finds[rule.id] for rule in local))
    kinds = {kind for kind, _ in opened} & law.reach.kinds
    return not kinds <= {kind for kind, _ in left}
