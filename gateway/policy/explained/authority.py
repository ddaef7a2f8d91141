"""What a requester rests on, each paper and statement: what it is worth.

Each is accepted by a rule that names it, or rejected for a reason that can be said.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gateway.policy.case import CaseFile
from gateway.policy.explained.heard import Asked, Heard
from gateway.policy.law import Case, Condition, PaperTest, Rule, facts_of
from gateway.policy.sentence.conditions import fact_text, paper_text
from gateway.policy.sentence.lists import joined, spaced
from gateway.policy.vocabulary import Vocabulary, paper_fact

__all__ = ["Claim", "claims_of"]

OUTSIDE = "outside_scope"


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """Something that is rested on, whether a rule counts it, and why or why not."""

    what: str
    accepted: bool
    why: str


def claims_of(
    case: CaseFile, heard: Sequence[Heard], asked: Asked, vocabulary: Vocabulary
) -> Iterator[Claim]:
    """Yield what comes of each paper and statement of a case, for one ask."""
    for paper in case.papers:
        fact = paper_fact(paper.type, paper.signer)
        state = str(asked.facts.get(fact, "absent"))
        yield _paper(fact, paper.state, state, heard, vocabulary)
    for fact, value in case.request.statements.items():
        yield _statement(fact, value, heard, vocabulary)


def _paper(
    fact: str, stated: str, state: str, heard: Sequence[Heard], vocabulary: Vocabulary
) -> Claim:
    what = f"{paper_text(fact, vocabulary)}, {spaced(state)}"
    counted = [
        each.rule.id
        for each in heard
        for test in _counting(each)
        if fact in test.facts and state in test.states
    ]
    if counted:
        named = joined(dict.fromkeys(counted), "and")
        return Claim(what=what, accepted=True, why=f"it counts in {named}")
    if state == OUTSIDE:
        return Claim(what=what, accepted=False, why="it does not cover what is asked")
    if state != stated:
        why = f"it was said to be {spaced(stated)}, and its face or date says otherwise"
        return Claim(what=what, accepted=False, why=why)
    return Claim(what=what, accepted=False, why=_wanted(fact, heard, vocabulary))


def _wanted(fact: str, heard: Sequence[Heard], vocabulary: Vocabulary) -> str:
    """Say what a paper would have to be to count, or that no rule asks for it."""
    wanted: dict[str, list[str]] = {}
    for each in heard:
        for test in _written(each.rule):
            if fact in test.facts and not test.negated:
                states = [s for s in vocabulary.paper_states if s in test.states]
                said = joined(map(spaced, states))
                wanted.setdefault(said, []).append(each.rule.id)
    if not wanted:
        return "no rule that reaches this request gives such a paper any force"
    each_way = [f"if it were {s} ({joined(r, 'and')})" for s, r in wanted.items()]
    return f"it would count only {joined(each_way)}"


def _counting(heard: Heard) -> Iterator[PaperTest]:
    """Yield the paper tests that made a rule come to what it does.

    A rule that spoke: those of its own and of its case that ask for a paper, and those
    of exceptions that would have closed without one. A silent one: what lifts it.
    """
    if heard.voice is None:
        yield from _papers(heard.rule.lifted_by)
        return
    decided = heard.voice.case
    for test in _papers((*heard.rule.when, *decided.when)):
        if not test.negated:
            yield test
    closing = [c for c in heard.rule.cases if c.effect in {"prohibit", "review"}]
    for case in closing:
        yield from (test for test in _papers(case.when) if test.negated)


def _written(rule: Rule) -> Iterator[PaperTest]:
    """Yield every paper test of a rule."""
    cases: Sequence[Case] = rule.cases
    yield from _papers((*rule.when, *rule.lifted_by))
    for case in cases:
        yield from _papers(case.when)


def _papers(conditions: Sequence[Condition]) -> Iterator[PaperTest]:
    for condition in conditions:
        if isinstance(condition, PaperTest):
            yield condition


def _statement(
    fact: str, value: object, heard: Sequence[Heard], vocabulary: Vocabulary
) -> Claim:
    said = str(value).lower() if isinstance(value, bool) else spaced(str(value))
    what = f"the statement that {fact_text(fact, vocabulary)} is {said}"
    asking = [
        each.rule.id
        for each in heard
        if any(
            fact in facts_of(condition)
            for case in each.rule.cases
            for condition in (*each.rule.when, *case.when)
        )
    ]
    if not asking:
        why = "no rule that reaches this request looks at it"
        return Claim(what=what, accepted=False, why=why)
    why = f"{joined(asking, 'and')} {'looks' if len(asking) == 1 else 'look'} at it"
    return Claim(what=what, accepted=True, why=why)
