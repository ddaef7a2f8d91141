"""Rules that differ from a given one in a single member, for each member in turn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from typing import Any

import pytest

from gateway.policy.law import (
    Case,
    Comparison,
    Condition,
    DayTest,
    Due,
    Known,
    PaperTest,
    Reach,
    Rule,
    ValueTest,
)
from gateway.policy.vocabulary import Vocabulary

__all__ = ["variants"]


def changed_set(
    chosen: frozenset[str], every: Sequence[str]
) -> Iterator[frozenset[str]]:
    """Yield a set with one word less, and with one more."""
    if chosen:
        yield chosen - {min(chosen)}
    if more := sorted({*every} - chosen):
        yield chosen | {more[0]}


def other(words: Sequence[str], word: str) -> str:
    """Return another word of a list."""
    return next(each for each in words if each != word)


def reaches(reach: Reach, words: Vocabulary) -> Iterator[Reach]:
    """Yield reaches that differ in one member."""
    lists: dict[str, Sequence[str]] = {
        "custodians": [*words.custodian_types],
        "requesters": [*words.requester_classes],
        "purposes": [*words.purposes],
        "kinds": [*words.kinds],
        "datasets": [*words.datasets],
        "uses": words.uses,
        "named_kinds": [*words.kinds],
    }
    for field in fields(Reach):
        now = getattr(reach, field.name)
        if field.name == "any_purpose":
            yield replace(reach, any_purpose=not now)
            continue
        for made in changed_set(now, lists.get(field.name, [*words.categories])):
            changed: dict[str, Any] = {field.name: made}
            yield replace(reach, **changed)


def conditions(test: Condition, words: Vocabulary) -> Iterator[Condition]:
    """Yield conditions that differ in one member."""
    match test:
        case ValueTest():
            every = sorted(words.code_values.get(test.fact, {"true", "false"}))
            for values in changed_set(test.values, every):
                yield replace(test, values=values)
        case Comparison() if test.years:
            yield replace(test, bound=test.bound + 1)
            yield replace(test, op="lt" if test.op == "ge" else "ge")
        case Comparison():
            ops: tuple[Any, ...] = ("lt", "le", "gt", "ge", "eq", "ne")
            yield from (replace(test, op=op) for op in ops)
            yield replace(test, bound=test.bound + 1)
        case PaperTest():
            for facts in changed_set(test.facts, sorted(words.paper_facts)):
                yield replace(test, facts=facts)
            for states in changed_set(test.states, words.paper_states):
                yield replace(test, states=states)
            yield replace(test, negated=not test.negated)
        case DayTest():
            yield DayTest(start=20000101, end=20000102)
        case Known():
            yield Known(fact=other([*words.facts], test.fact))


def lists_of(
    tests: tuple[Condition, ...], words: Vocabulary
) -> Iterator[tuple[Condition, ...]]:
    """Yield lists of conditions that differ in one of them."""
    yield (*tests, Known(fact=[*words.facts][-1]))
    for i, test in enumerate(tests):
        yield (*tests[:i], *tests[i + 1 :])
        for made in conditions(test, words):
            yield (*tests[:i], made, *tests[i + 1 :])


def due_lists(dues: tuple[Due, ...], words: Vocabulary) -> Iterator[tuple[Due, ...]]:
    """Yield duties that differ in one of them, or in a parameter."""
    codes = [*words.obligations]
    yield (*dues, Due(code=codes[-1]))
    for i, due in enumerate(dues):
        yield (*dues[:i], *dues[i + 1 :])
        yield (*dues[:i], replace(due, code=other(codes, due.code)), *dues[i + 1 :])
        changed = replace(due, parameters=(*due.parameters, ("zz", ("a", "b"))))
        yield (*dues[:i], changed, *dues[i + 1 :])


def cases(case: Case, words: Vocabulary) -> Iterator[Case]:  # noqa: C901, PLR0912 - one line a member
    """Yield cases that differ in one member; ids and titles decide nothing."""
    effects = ("prohibit", "review", "require", "permit")
    for field in fields(Case):
        name, now = field.name, getattr(case, field.name)
        match name:
            case "id" | "title":
                continue
            case "citation":
                values: list[Any] = ["Another law 1"]
            case "when":
                values = [*lists_of(now, words)] if case.id else []
            case "effect":
                values = [effect for effect in effects if effect != now]
            case "on_unknown":
                values = [other(["prohibit", "review"], now)]
            case "reviewer":
                values = [other([*words.reviewers], now)]
            case "reason":
                values = [other([*words.reason_codes], now)]
            case "obligations":
                values = [*due_lists(now, words)]
            case "obligations_on":
                values = [
                    {**now, effect: dues}
                    for effect in effects
                    for dues in due_lists(now.get(effect, ()), words)
                ]
            case "reveals":
                every = sorted(words.plain_categories)
                made = changed_set(frozenset(now), every)
                values = [tuple(sorted(told)) for told in made]
            case "reveals_citation":
                values = ["Another law 1"] if case.reveals else []
            case "discretion" | "exercised" | "may_restrict" | "may_expand":
                values = [not now]
            case _:
                pytest.fail(f"nothing is tried of {name}")
        for value in values:
            yield replace(case, **{name: value})


def variants(law: Rule, words: Vocabulary) -> Iterator[Rule]:  # noqa: C901, PLR0912 - one line a member
    """Yield rules that differ from one in a single member."""
    for field in fields(Rule):
        name, now = field.name, getattr(law, field.name)
        match name:
            case "id" | "public_id" | "pack" | "rank" | "title" | "file":
                continue  # what it is called and where it stands, not what it says
            case "citation":
                values: list[Any] = ["Another law 1"]
            case "layer":
                values = [other(["state", "overlay", "record_bar"], now)]
            case "start":
                values = [20010101]
            case "end":
                values = [20990101]
            case "reach":
                values = [*reaches(now, words)]
            case "when":
                values = [*lists_of(now, words)]
            case "cases":
                values = [
                    (*now[:i], made, *now[i + 1 :])
                    for i, case in enumerate(now)
                    for made in cases(case, words)
                ]
                values += [now[1:]] if len(now) > 1 else []
            case "lifted_by":
                facts = frozenset(sorted(words.paper_facts)[:1])
                states = frozenset({words.paper_states[-1]})
                paper = PaperTest(facts=facts, states=states, negated=False)
                values = [(*now, paper), now[1:]]
            case "change":
                values = [(*now, words.change_words[-1]), now[1:]]
            case "reason":
                values = [other([*words.reason_codes], now)]
            case "resists_saving":
                values = [not now]
            case _:
                pytest.fail(f"nothing is tried of {name}")
        for value in values:
            yield replace(law, **{name: value})
