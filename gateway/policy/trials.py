"""Runs many cases: each stack once, in processes of their own where there are many.

To build a stack keeps the interpreter busy for half a second, and there are some forty.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import TypeAlias

from gateway.errors import InvalidFile, Mistake
from gateway.policy.case import CaseFile
from gateway.policy.casequestion import case_question
from gateway.policy.compare.deciders import Decider, EmbeddedDecider, OpaDecider
from gateway.policy.compare.past import past_of
from gateway.policy.facade import Policy
from gateway.policy.pack import DEFAULT_PACK, Library, load_library
from gateway.policy.trial import Stacks, run_case

__all__ = ["MANY", "Cases", "Failures", "tried", "tried_apart", "tried_here"]

MANY = 8
"""From so many stacks on other processes are worth their start."""
WORKERS = 2

Cases: TypeAlias = Sequence[tuple[str, CaseFile]]
"""Cases with the names of their files."""
Failures: TypeAlias = dict[str, tuple[str, ...]]
"""Each file's name with what is not as its case expects."""


def tried(library: Library, cases: Cases, *, opa: Path | None = None) -> Failures:
    """Return each case by its file's name, with what is not as it expects.

    Args:
        library: the folder of the cases' packs.
        cases: the cases.
        opa: the program of OPA: then it has to decide each case as the engine here.

    Raises:
        InvalidFile: for words that the vocabulary does not have.
        Unavailable: when an engine does not answer.
    """
    stacks: dict[tuple[tuple[str, ...], str | None], list[tuple[str, CaseFile]]] = {}
    for name, case in cases:
        key = (tuple(sorted({DEFAULT_PACK, *case.packs})), case.overlay)
        stacks.setdefault(key, []).append((name, case))
    if len(stacks) < MANY:
        return tried_here(library, cases, opa)
    # The largest first, each to whoever has least: so all end at about the same time.
    parts: list[list[tuple[str, CaseFile]]] = [[] for _ in range(WORKERS)]
    weights = [0] * WORKERS
    for same in sorted(stacks.values(), key=len, reverse=True):
        least = weights.index(min(weights))
        parts[least] += same
        weights[least] += STACK_WEIGHT + len(same)
    with ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn")) as pool:
        roots, programs = [library.root] * WORKERS, [opa] * WORKERS
        came = [*pool.map(tried_apart, roots, parts, programs)]
    if mistakes := [mistake for _, wrong in came for mistake in wrong]:
        raise InvalidFile(mistakes)
    found = {name: failures for one, _ in came for name, failures in one.items()}
    return {name: found[name] for name, _ in cases}


STACK_WEIGHT = 200
"""What building a stack costs, in cases."""


def tried_apart(
    root: Path, cases: Cases, opa: Path | None
) -> tuple[Failures, list[Mistake]]:
    """Run cases in a process that begins with nothing; mistakes are told apart."""
    try:
        return tried_here(load_library(root), cases, opa), []
    except InvalidFile as error:
        return {}, [*error.mistakes]


def tried_here(library: Library, cases: Cases, opa: Path | None = None) -> Failures:
    """Run cases in this process; as :func:`tried`."""
    stacks = Stacks(library)
    mistakes: list[Mistake] = []
    ready: list[tuple[str, CaseFile, Policy]] = []
    for name, case in cases:
        try:
            ready.append((name, case, stacks.policy(case.packs, case.overlay)))
        except InvalidFile as error:
            mistakes += error.mistakes
    found = asyncio.run(_run(ready, mistakes))
    if mistakes:
        raise InvalidFile([*dict.fromkeys(mistakes)])
    if opa is not None:
        found |= _disagreeing(stacks, cases, opa, found)
    return found


async def _run(
    ready: Sequence[tuple[str, CaseFile, Policy]], mistakes: list[Mistake]
) -> Failures:
    """Run cases one by one; what does not read is added to the mistakes."""
    found: Failures = {}
    for name, case, policy in ready:
        try:
            found[name] = (await run_case(case, policy, name)).failures
        except InvalidFile as error:
            mistakes += error.mistakes
    return found


def _disagreeing(
    stacks: Stacks, cases: Cases, opa: Path, found: Mapping[str, tuple[str, ...]]
) -> Failures:
    """Return the cases that OPA decides otherwise, with that as one more failure."""
    groups: dict[tuple[tuple[str, ...], str | None], list[tuple[str, CaseFile]]] = {}
    for name, case in cases:
        groups.setdefault((tuple(case.packs), case.overlay), []).append((name, case))
    other: Failures = {}
    for (packs, overlay), same in groups.items():
        bundle = stacks.policy(packs, overlay).bundle
        asked = [
            past_of(*case_question(case, bundle.vocabulary, name)).question
            for name, case in same
        ]
        here, there = _both((EmbeddedDecider(bundle), OpaDecider(bundle, opa)), asked)
        for (name, _), one, two in zip(same, here, there, strict=True):
            if one != two:
                other[name] = (*found[name], "OPA decides otherwise")
    return other


def _both(deciders: Iterable[Decider], asked: Sequence[bytes]) -> list[list[object]]:
    """Return what each decider says of the same questions."""
    return [[*decider.decide(asked)] for decider in deciders]
