"""Runs many cases: each stack once, in processes of their own where there are many.

To build a stack keeps the interpreter busy for half a second, and there are some forty.
A case with mistakes keeps no other from being run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import TypeAlias

from gateway.errors import InvalidFile, Mistake
from gateway.policy.case import CaseFile
from gateway.policy.casequestion import case_question
from gateway.policy.compare.cases import Unread
from gateway.policy.compare.deciders import Decider, EmbeddedDecider, OpaDecider
from gateway.policy.compare.past import past_of
from gateway.policy.facade import Policy
from gateway.policy.pack import DEFAULT_PACK, Library, load_library
from gateway.policy.trial import Stacks, run_case

__all__ = [
    "MANY",
    "Cases",
    "Failures",
    "Tried",
    "each_tried",
    "tried",
    "tried_apart",
    "tried_here",
]

MANY = 8
"""From so many stacks on other processes are worth their start."""
WORKERS = 2

Cases: TypeAlias = Sequence[tuple[str, CaseFile]]
"""Cases with the names of their files."""
Failures: TypeAlias = dict[str, tuple[str, ...]]
"""Each file's name with what is not as its case expects."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Tried:
    """What cases came to, and the mistakes of those that could not be asked."""

    failures: Failures
    unread: Unread


def tried(library: Library, cases: Cases) -> Failures:
    """Return each case by its file's name, with what is not as it expects.

    Raises:
        InvalidFile: with every mistake of every case and stack.
        Unavailable: when the engine does not answer.
    """
    came = each_tried(library, cases)
    if came.unread:
        wrong = [mistake for said in came.unread.values() for mistake in said]
        raise InvalidFile([*dict.fromkeys(wrong)])
    return came.failures


def each_tried(library: Library, cases: Cases, *, opa: Path | None = None) -> Tried:
    """Run each case that can be asked; what is wrong in the others is told apart.

    Args:
        library: the folder of the cases' packs.
        cases: the cases.
        opa: the program of OPA: then it has to decide each case as the engine here.

    Raises:
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
    found = {name: said for one in came for name, said in one.failures.items()}
    unread = {name: wrong for one in came for name, wrong in one.unread.items()}
    return Tried(
        failures={name: found[name] for name, _ in cases if name in found},
        unread={name: unread[name] for name, _ in cases if name in unread},
    )


STACK_WEIGHT = 200
"""What building a stack costs, in cases."""


def tried_apart(root: Path, cases: Cases, opa: Path | None) -> Tried:
    """Run cases in a process that begins with nothing; as :func:`tried_here`."""
    return tried_here(load_library(root), cases, opa)


def tried_here(library: Library, cases: Cases, opa: Path | None = None) -> Tried:
    """Run cases in this process; as :func:`each_tried`."""
    stacks = Stacks(library)
    unread: Unread = {}
    ready: list[tuple[str, CaseFile, Policy]] = []
    for name, case in cases:
        try:
            ready.append((name, case, stacks.policy(case.packs, case.overlay)))
        except InvalidFile as error:
            unread[name] = tuple(_in_case(name, wrong) for wrong in error.mistakes)
    found = asyncio.run(_run(ready, unread))
    if opa is not None:
        asked = [(name, case) for name, case in cases if name in found]
        found |= _disagreeing(stacks, asked, opa, found)
    return Tried(failures=found, unread=unread)


def _in_case(name: str, mistake: Mistake) -> Mistake:
    """Return a mistake of a stack by its place in the case that names the stack."""
    own = mistake.path in {"packs", "overlay"}
    return replace(mistake, path=f"{name}:{mistake.path}") if own else mistake


async def _run(
    ready: Sequence[tuple[str, CaseFile, Policy]], unread: Unread
) -> Failures:
    """Run cases one by one; those that cannot be asked are added to the unread."""
    found: Failures = {}
    for name, case, policy in ready:
        try:
            found[name] = (await run_case(case, policy, name)).failures
        except InvalidFile as error:
            unread[name] = error.mistakes
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
