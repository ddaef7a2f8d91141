"""The law of this tree with its case files, read once for all tests of it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import cast

from gateway.policy import Policy
from gateway.policy.case import CaseFile, load_case
from gateway.policy.law import Rule
from gateway.policy.pack import Library, load_library
from gateway.policy.stacks import listed_stacks
from gateway.policy.trial import Stacks, Trial, case_files, run_case
from gateway.yamlfile import read

__all__ = [
    "COUNSEL",
    "POLICIES",
    "STATES",
    "cases",
    "decided",
    "every_rule",
    "folders",
    "library",
    "policy",
    "rules",
    "stacks_of_law",
    "trial",
    "words",
]

POLICIES = Path(__file__).parents[2] / "policies"
FIRST_STATES = ("us-il", "us-ca", "us-tx")
STATES = (
    *FIRST_STATES,
    "model-ordinance",
    "us-ny-dmv",
    "us-wa",
    "us-nj",
    "us-or",
    "us-md",
    "us-ma",
    "us-co",
    "us-ct",
    "us-vt",
    "us-fl",
    "us-ga",
    "us-tn",
    "us-az",
    "us-va",
    "us-ia",
    "us-de",
)
COUNSEL = "example-counsel"
"""The overlay whose counsel turned on what others know from digests."""
EVERY_STACK = listed_stacks(POLICIES)
"""Every stack that is shipped: packs, overlay."""


@cache
def library() -> Library:
    """Return the packs and overlays as they are written."""
    return load_library(POLICIES)


@cache
def cases() -> dict[str, CaseFile]:
    """Return every case file by its path below the policies folder."""
    found = case_files([POLICIES])
    return {path.relative_to(POLICIES).as_posix(): load_case(path) for path in found}


@cache
def folders() -> dict[str, tuple[str, ...]]:
    """Return the names of case files by the pack or overlay whose folder has them."""
    found: dict[str, list[str]] = {}
    for name in cases():
        found.setdefault(name.split("/")[1], []).append(name)
    return {folder: tuple(names) for folder, names in sorted(found.items())}


@cache
def _stacks() -> Stacks:
    return Stacks(library())


def policy(packs: tuple[str, ...], overlay: str | None) -> Policy:
    """Return the policy of a stack, built once for all tests."""
    return _stacks().policy(packs, overlay)


@cache
def rules(packs: tuple[str, ...], overlay: str | None = None) -> tuple[Rule, ...]:
    """Return the rules of a stack with every word looked up."""
    return tuple(library().rules(library().chosen(packs, overlay)))


@cache
def every_rule() -> dict[str, Rule]:
    """Return every rule of every pack and overlay, those that are off included."""
    stacks: list[tuple[tuple[str, ...], str]] = [
        *(((pack,), COUNSEL) for pack in library().packs),
        *(((), overlay) for overlay in library().overlays),
    ]
    return {rule.id: rule for stack in stacks for rule in rules(*stack)}


def stacks_of_law() -> Iterator[tuple[tuple[str, ...], str | None]]:
    """Yield every stack that is shipped."""
    yield from EVERY_STACK


_trials: dict[str, Trial] = {}


async def trial(name: str) -> Trial:
    """Return what a case file comes to; each is decided once."""
    if name not in _trials:
        case = cases()[name]
        law = policy(tuple(case.packs), case.overlay)
        _trials[name] = await run_case(case, law, name)
    return _trials[name]


async def decided() -> dict[tuple[str, str], list[str]]:
    """Return the case files by the (rule, case of the rule) that decided in them."""
    found: dict[tuple[str, str], list[str]] = {}
    for name in cases():
        decision = (await trial(name)).decision
        for ask in decision.asks.values() if decision else ():
            found.setdefault((ask.rule.id, ask.case), []).append(name)
    return found


def forget() -> None:
    """Give back what was built: the stacks take some gigabytes."""
    for kept in (_stacks, rules, every_rule):
        kept.cache_clear()
    _trials.clear()


@cache
def words() -> dict[str, dict[str, object]]:
    """Return the table of prose words."""
    return cast("dict[str, dict[str, object]]", read(POLICIES / "scenario-words.yaml"))
