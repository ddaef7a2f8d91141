"""What ``sallyport policy prove``, ``leaks`` and ``diff --prove`` found, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import yaml

from gateway.policy.prove import Case, Difference, Leak, Proof
from gateway.policy.prove.results import Change, Example, case_name
from gateway.policy.stacks import Stack

__all__ = [
    "broken_row",
    "case_text",
    "difference_lines",
    "leak_lines",
    "proof_lines",
    "proof_row",
    "proof_told",
    "stack_name",
]

SHOWN = 12
"""Digits of a revision that people are shown."""


def proof_row(stack: Stack, revision: str, proofs: Sequence[Proof]) -> dict[str, Any]:
    """Return what was proved of a stack as plain data."""
    packs, overlay = stack
    return {
        "packs": [*packs],
        "overlay": overlay or "",
        "revision": revision,
        "holds": all(proof.holds for proof in proofs),
        "proofs": [
            {**proof.document(), "broken_by": broken_row(proof)} for proof in proofs
        ],
    }


def broken_row(proof: Proof) -> list[dict[str, Any]]:
    """Return what breaks a claim as plain data."""
    return [
        {"says": one.says, "cases": [dict(case) for case in one.cases]}
        for one in proof.broken_by
    ]


def stack_name(stack: Stack) -> str:
    """Return a stack as people call it."""
    packs, overlay = stack
    return " + ".join([*packs, *([overlay] if overlay else [])]) or "agency-default"


def proof_lines(stack: Stack, revision: str, proofs: Sequence[Proof]) -> Iterator[str]:
    """Yield how the proofs of a stack went, and each that failed with its cases."""
    failed = [proof for proof in proofs if not proof.holds]
    holding = f"{len(proofs) - len(failed)} claims hold for every question"
    less = f", {len(failed)} do not" if failed else ""
    yield f"{stack_name(stack)} ({revision[:SHOWN]}): {holding}{less}"
    for proof in proofs:
        yield from (f"  {proof.id}: {note}" for note in proof.notes)
    for proof in failed:
        yield from (f"  {line}" for line in proof_told(proof))


def proof_told(proof: Proof) -> Iterator[str]:
    """Yield a proof in lines: that it holds, or all that breaks it."""
    if proof.holds:
        yield f"{proof.id}: {proof.says} It holds for every question."
        return
    cited = f" ({proof.citation})" if proof.citation else ""
    yield f"{proof.id}: {proof.says}{cited} It does not hold:"
    for one in proof.broken_by:
        yield f"  {one.says}"
        for case in one.cases:
            yield from (f"    {line}" for line in case_text(case).splitlines())


def case_text(case: Case) -> str:
    """Return a case file as text."""
    return yaml.safe_dump(
        dict(case), sort_keys=False, default_flow_style=None, width=100
    )


def leak_lines(found: Sequence[Leak]) -> Iterator[str]:
    """Yield what is told: by family and datasets, facts told alike on one line."""
    groups: dict[tuple[object, ...], list[Leak]] = {}
    for leak in found:
        key = (leak.family, leak.fact, leak.tells, leak.declared)
        groups.setdefault(key, []).append(leak)
    family = ""
    for leaks_ in groups.values():
        first = leaks_[0]
        if first.family != family:
            family = first.family
            yield family
        datasets = ", ".join(word for leak in leaks_ for word in leak.datasets)
        yield f"  {first.fact} of {datasets}: {TELLS[first.tells]}"
        for one in first.declared:
            words = ", ".join(one.categories)
            name = case_name(one.rule, one.case)
            yield f"      {name} declares {words} ({one.citation})"


TELLS = {
    "release": "told by what is released",
    "wait": "told by whether it waits for a person",
    "": "no answer tells it",
}


def difference_lines(found: Difference) -> Iterator[str]:
    """Yield how two laws differ, each change with its smallest question in words.

    Categories that differ alike are told together, with the question of the first.
    """
    yield f"{found.after[:SHOWN]} is {VERDICTS[found.verdict]} {found.before[:SHOWN]}"
    for which, words in (("before", found.only_before), ("after", found.only_after)):
        if words:
            yield f"words that are only in the one {which}: {', '.join(words)}"
    groups: dict[tuple[object, ...], list[Change]] = {}
    for change in found.changes:
        turns = [(way, _turn(one)) for way, one in change.examples.items()]
        key = (change.family, change.verdict, *turns)
        groups.setdefault(key, []).append(change)
    for alike in groups.values():
        first = alike[0]
        categories = ", ".join(change.category for change in alike)
        yield f"{categories} for {first.family}: {first.verdict.replace('_', ' ')}"
        of = f" {first.category};" if len(alike) > 1 else ""
        for way, example in first.examples.items():
            question = _in_words(example.before)
            yield f"  {way.replace('_', ' ')}:{of} {question}: {_turn(example)}"


def _turn(example: Example) -> str:
    """Return what a question came to, and what it would."""
    return f"{_comes_to(example.before)}, then {_comes_to(example.after)}"


VERDICTS = {
    "equivalent": "equivalent to",
    "stricter": "stricter than",
    "looser": "looser than",
    "incomparable": "stricter here and looser there than",
    "other_effect": "as open for every question, by other effects, as",
}


def _in_words(case: Case) -> str:
    """Return a case in one line: where, what, who, and what is said."""
    request: dict[str, Any] = dict(case["request"])
    kinds, purpose = request.pop("kinds"), request.pop("purpose")
    request.pop("categories", None)
    match = request.pop("match", None)
    parts = [
        f"{case['custodian']}, {case['dataset']}, {', '.join(kinds)}",
        f"{case['requester']['class']} for {purpose} on {case['day']}",
        *([f"found by {', '.join(match)}"] if match else []),
        *(f"{p['type']} by {p['signer']} {p['state']}" for p in case.get("papers", [])),
        *(f"{fact} {_word(value)}" for fact, value in request.items()),
        *(f"{fact} {_word(value)}" for fact, value in _facts(case).items()),
    ]
    return "; ".join(parts)


def _facts(case: Case) -> dict[str, Any]:
    own = case.get("category_facts", {}).values()
    return {**case.get("facts", {}), **{f: v for some in own for f, v in some.items()}}


def _word(value: object) -> str:
    return str(value).lower()


def _comes_to(case: Case) -> str:
    """Return effect and outcome of a case; a file expects none of how one is found."""
    expected = case.get("expect", {})
    words = [word for said in expected.values() for word in said.values()]
    return " and ".join(dict.fromkeys(words)) or "another answer"
