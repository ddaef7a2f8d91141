"""What officers wait for: lint, build, every case, past answers under other rules."""

from __future__ import annotations

import contextlib
import datetime as dt
import gc
import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import product
from pathlib import Path
from typing import TypeVar

from gateway.cli.main import settle_command
from gateway.policy import Ask, Question, Vector
from gateway.policy.build import assemble
from gateway.policy.compare.aside import AsideDecider
from gateway.policy.compare.cases import read_cases
from gateway.policy.compare.deciders import Decider, EmbeddedDecider, OpaDecider
from gateway.policy.compare.past import Past, past_of
from gateway.policy.compare.sides import Side, built, side_of_stack
from gateway.policy.compare.tally import tallied
from gateway.policy.lint.whole import lint
from gateway.policy.pack import Library, load_library
from gateway.policy.stacks import listed_stacks
from gateway.policy.trial import case_files
from gateway.policy.trials import tried, tried_here
from gateway.policy.vocabulary import Value, Vocabulary
from scripts.bench.figure import Figure

__all__ = ["figures", "past_questions"]

ROOT = Path(__file__).resolve().parents[2]
POLICIES = ROOT / "policies"
OPA = ROOT / ".tools" / "bin" / "opa"
STACK: tuple[tuple[str, ...], str] = (("us-federal", "us-ca"), "example-county")
GOAL_LINT_S = 5
GOAL_BUILD_S = 5
GOAL_TEST_S = 20
GOAL_REPLAY = 2_000

REQUESTERS = ("ice_ero", "ice_hsi", "cbp_usbp", "local_le", "state_le", "usms")
PURPOSES = (
    "immigration_civil",
    "release_notification",
    "criminal_investigation",
    "warrant_execution",
    "custody_transfer",
)
KINDS = ("read_fields", "notify")
FIELDS = (
    "release_date",
    "release_time",
    "custody_status",
    "housing_location",
    "court_date",
    "booking_charges",
    "booking_number",
    "name",
    "dob",
    "home_address",
    "photo",
    "immigration_status",
)
"""Twelve asked at once."""
FACTS: tuple[dict[str, Value], ...] = tuple(
    {
        "sealed": sealed,
        "juvenile": juvenile,
        "protected_1367": protected,
        "conviction_ca_7282_5_a": convicted,
    }
    for sealed, juvenile, protected, convicted in product((False, True), repeat=4)
)
CHANNELS = ("api", "phone", "email")
AGREEMENTS = ("none", "in_force", "expired")

CORES = min(2, os.cpu_count() or 1)
_READ: list[Library] = []

PART = 5
"""Every so many is decided whole, for comparison."""

T = TypeVar("T")


def past_questions(vocabulary: Vocabulary) -> list[Past]:
    """Return 8,640 different questions of a jail, each with one record."""
    found = []
    for channel, requester, purpose, kind, agreement, facts in product(
        CHANNELS, REQUESTERS, PURPOSES, KINDS, AGREEMENTS, FACTS
    ):
        question = Question.build(
            vocabulary=vocabulary,
            day=20260120,
            custodian="sheriff",
            dataset_kind="jail",
            requester_class=requester,
            facts={
                "channel": channel,
                "purpose": purpose,
                "agreement": agreement,
                "person_named": True,
            },
            asks=[
                Ask(kind=kind, use="release", category=field, facts={})
                for field in FIELDS
            ],
        )
        found.append(past_of(question, Vector(facts=facts, categories={})))
    return found


def _seconds(work: Callable[[], T]) -> tuple[float, T]:
    began = time.perf_counter()
    came = work()
    return time.perf_counter() - began, came


@contextlib.contextmanager
def _command() -> Iterator[None]:
    """Have the collector as an officer's commands have it."""
    before = gc.get_threshold()
    settle_command()
    try:
        yield
    finally:
        gc.set_threshold(*before)


def figures() -> Iterator[Figure]:
    """Measure lint, test and replay on everything that is shipped."""
    with _command():
        yield from _figures()


def _figures() -> Iterator[Figure]:
    reading, library = _seconds(lambda: load_library(POLICIES))
    packs = len(library.packs)
    today = dt.date(2026, 5, 1)
    linting, _ = _seconds(lambda: lint(POLICIES, today=today))
    yield Figure(
        name=f"officer: lint of {packs} packs",
        value=linting,
        unit="s",
        baseline={"reading them alone, s": reading},
        goal=f"<= {GOAL_LINT_S}",
        met=linting <= GOAL_LINT_S,
    )
    yield _builds(library)
    yield _cases(library)
    yield from _replays(library)


def _builds(library: Library) -> Figure:
    """Build the bundle of every stack that is shipped, conformance answers and all."""
    # The largest first, so that at the end nobody waits long for the other.
    stacks = sorted(
        listed_stacks(POLICIES),
        key=lambda stack: -len(library.rules(library.chosen(*stack))),
    )
    _READ.append(library)
    alone, _ = _seconds(lambda: [*map(_build, stacks)])
    fork = multiprocessing.get_context("fork")  # each has the library already

    def both() -> list[str]:
        with ProcessPoolExecutor(CORES, mp_context=fork) as pool:
            return [*pool.map(_build, stacks)]

    building, _ = _seconds(both)
    return Figure(
        name=f"officer: build of {len(stacks)} bundles, {CORES} at a time",
        value=building,
        unit="s",
        baseline={"one after the other, s": alone},
        goal=f"<= {GOAL_BUILD_S}",
        met=building <= GOAL_BUILD_S,
    )


def _build(stack: tuple[tuple[str, ...], str | None]) -> str:
    return assemble(_READ[0], *stack).revision


def _cases(library: Library) -> Figure:
    """Run every case of every pack."""
    cases = read_cases(case_files([POLICIES]))
    testing, _ = _seconds(lambda: tried(library, cases))
    alone, _ = _seconds(lambda: tried_here(library, cases))
    return Figure(
        name=f"officer: test of {len(cases)} cases",
        value=testing,
        unit="s",
        baseline={"in one process, s": alone},
        goal=f"<= {GOAL_TEST_S}",
        met=testing <= GOAL_TEST_S,
    )


def _replays(library: Library) -> Iterator[Figure]:
    """Put past questions to the rules with the county's own, and without them."""
    before = built(side_of_stack(library, *STACK), library)
    after = built(side_of_stack(library, STACK[0], None), library)
    asked = past_questions(before.vocabulary)
    engines: dict[str, Callable[[], tuple[Decider, Decider]]] = {
        "embedded": lambda: (
            EmbeddedDecider(before.deciding),
            AsideDecider(after.deciding),
        ),
    }
    if OPA.exists():
        engines["OPA's own engine"] = lambda: (
            OpaDecider(before.deciding, OPA),
            OpaDecider(after.deciding, OPA),
        )
    else:
        print("officer: .tools/bin/opa is not there; make tools", file=sys.stderr)
    for engine, deciders in engines.items():
        yield _replay(engine, before, after, deciders(), asked)


def _replay(
    engine: str,
    before: Side,
    after: Side,
    deciders: tuple[Decider, Decider],
    asked: list[Past],
) -> Figure:
    """Put different questions to both, only what changed, and everything."""
    some, tally = _seconds(lambda: tallied(before, after, deciders, asked))
    part = asked[::PART]
    whole, _ = _seconds(lambda: tallied(before, after, deciders, part, every=True))
    return Figure(
        name=f"officer: replay of {tally.distinct} different questions, {engine}",
        value=len(asked) / some,
        unit="questions/s",
        baseline={
            "each decided whole under both, questions/s": len(part) / whole,
            "questions that the change reaches": tally.decided,
        },
        goal=f">= {GOAL_REPLAY}",
        met=len(asked) / some >= GOAL_REPLAY,
    )
