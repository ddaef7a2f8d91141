"""What rules may not say together, or alone; found before anything is decided."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gateway.errors import Mistake
from gateway.policy.law import (
    Case,
    Condition,
    PaperTest,
    Reach,
    Rule,
    ValueTest,
    facts_of,
)
from gateway.policy.reached import meet, reached
from gateway.policy.vocabulary import Vocabulary

__all__ = ["BELOW_OVERLAY", "contradictions", "overlap", "reserved"]

ALLOWED = {
    "record_bar": {"prohibit", "review", "permit"},
    "process": {"require", "review"},
    "saving": {"permit"},
    "overlay": {"prohibit", "review", "permit"},
}
"""Effects by layer, where not any: a bar's permit is that it does not speak."""

CODE = "contradiction"

BELOW_OVERLAY = {"state", "federal_permission", "agency_default"}


def contradictions(rules: Sequence[Rule], vocabulary: Vocabulary) -> list[Mistake]:
    """Return every contradiction of a stack's rules."""
    found = [mistake for rule in rules for mistake in _alone(rule, vocabulary)]
    overlays = [rule for rule in rules if rule.layer == "overlay"]
    others = [rule for rule in rules if rule.layer in BELOW_OVERLAY]
    for overlay in overlays:
        triples = [*reached(overlay.reach, vocabulary)]
        for rule in others:
            if overlap(overlay, rule) and meet(triples, rule.reach, vocabulary):
                found += _forbidden(overlay, rule)
    return found


def _alone(rule: Rule, vocabulary: Vocabulary) -> Iterator[Mistake]:
    """Yield what one rule says against itself."""
    if rule.start >= rule.end:
        path, problem = f"{rule.file}.effective", "is in force on no day"
        yield Mistake(path=path, problem=problem, code="dates")
    if _reaches_nothing(rule.reach):
        path, problem = f"{rule.file}.reach", "reaches nothing"
        yield Mistake(path=path, problem=problem, code="unreachable")
    if rule.lifted_by and rule.layer != "record_bar":
        problem = "only a record_bar is lifted by papers"
        path = f"{rule.file}.overridable_by"
        yield Mistake(path=path, problem=problem, code=CODE)
    if rule.resists_saving and rule.layer != "state":
        problem = "only a state rule resists a saving"
        path = f"{rule.file}.resists_saving"
        yield Mistake(path=path, problem=problem, code=CODE)
    ids = [case.id for case in rule.cases]
    for case_id in sorted({name for name in ids if ids.count(name) > 1}):
        problem = f"{case_id} is named twice"
        yield Mistake(path=f"{rule.file}.unless", problem=problem, code=CODE)
    for case in rule.cases:
        yield from _case(rule, case, vocabulary)


def _case(rule: Rule, case: Case, vocabulary: Vocabulary) -> Iterator[Mistake]:
    path = f"{rule.file}.unless.{case.id}" if case.id else rule.file
    allowed = ALLOWED.get(rule.layer)
    if allowed is not None and case.effect not in allowed:
        problem = f"layer {rule.layer} cannot {case.effect}"
        advice = "use " + " or ".join(sorted(allowed))
        where = f"{path}.effect"
        yield Mistake(path=where, problem=problem, advice=advice, code=CODE)
    facts = _record_facts((*rule.when, *case.when), vocabulary)
    if facts and not case.reveals:
        problem = f"its effect depends on {', '.join(facts)} of the record"
        advice = "declare reveals: {categories, citation}"
        yield Mistake(path=path, problem=problem, advice=advice, code="reveals")


def _record_facts(conditions: Sequence[Condition], vocabulary: Vocabulary) -> list[str]:
    facts = {fact for condition in conditions for fact in facts_of(condition)}
    scopes = {"record", "record_category"}
    return sorted(fact for fact in facts if vocabulary.scopes.get(fact) in scopes)


def _reaches_nothing(reach: Reach) -> bool:
    special = reach.named_kinds | reach.named_categories
    dimensions = (
        reach.custodians,
        reach.requesters,
        reach.purposes,
        reach.kinds,
        reach.datasets,
        reach.categories | special,
    )
    return not all(dimensions)


def overlap(one: Rule, other: Rule) -> bool:
    """Tell whether both may be asked of one custodian, by one requester, on one day."""
    a, b = one.reach, other.reach
    return (
        not _apart(one, other)
        and max(one.start, other.start) < min(one.end, other.end)
        and bool(a.custodians & b.custodians)
        and bool(a.requesters & b.requesters)
        and bool(a.purposes & b.purposes)
        and bool(a.datasets & b.datasets)
    )


def _apart(one: Rule, other: Rule) -> bool:
    """Tell whether both test one fact for values that exclude each other."""
    tests = {t.fact: t.values for t in one.when if isinstance(t, ValueTest)}
    return any(
        isinstance(test, ValueTest)
        and test.fact in tests
        and tests[test.fact].isdisjoint(test.values)
        for test in other.when
    )


def reserved(rule: Rule) -> bool:
    """Tell whether a rule commands, or permits what no local rule may close."""
    return any(
        case.effect == "require" or (case.effect == "permit" and not case.may_restrict)
        for case in rule.cases
    )


def _of_a_paper(rule: Rule, overlay: Rule) -> bool:
    """Tell whether a rule speaks only where papers are brought that a local one omits.

    Where one is brought it stands; where none is, the local rule opens nothing of it.
    """
    named = {
        fact
        for test in (*overlay.when, *(t for case in overlay.cases for t in case.when))
        if isinstance(test, PaperTest) and not test.negated
        for fact in test.facts
    }
    return any(
        isinstance(test, PaperTest)
        and not test.negated
        and test.facts.isdisjoint(named)
        for test in rule.when
    )


def _forbidden(overlay: Rule, rule: Rule) -> list[Mistake]:
    """Return a mistake where an overlay does what the law does not let it do."""
    says = {case.effect for case in overlay.cases}
    shut = any(case.effect == "prohibit" and not case.may_expand for case in rule.cases)
    problems = []
    if reserved(rule) and says & {"prohibit", "review"}:
        problems.append(("narrows_law", "narrows what local policy may not narrow"))
    if shut and "permit" in says and not _of_a_paper(rule, overlay):
        problems.append(("widens_law", "opens what local policy may not open"))
    advice = f"see {rule.id} ({rule.citation}), or reach less"
    return [
        Mistake(
            path=overlay.file,
            problem=problem,
            advice=advice,
            code=code,
            citation=rule.citation,
        )
        for code, problem in problems
    ]
