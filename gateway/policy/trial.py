"""Runs case files: decides them and says what is not as expected."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway.policy.build import draft
from gateway.policy.case import CaseFile
from gateway.policy.casequestion import case_question
from gateway.policy.decision import AskDecision, Decision
from gateway.policy.facade import Policy
from gateway.policy.pack import Library
from gateway.policy.screen import Screen

__all__ = ["Stacks", "Trial", "case_files", "run_case"]

FEDERAL = frozenset({"us-federal", "agency-default"})
"""Packs that lie below every other: where another is in force, its silence counts."""
DEFAULT = frozenset({"agency-default"})


@dataclass(frozen=True, kw_only=True, slots=True)
class _Words:
    """What words of a case mean in its stack: reasons, and whose silence counts."""

    means: Mapping[str, str]
    packs: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial:
    """What one case came to; ``failures`` is empty if all is as expected."""

    case: CaseFile
    screen: Screen
    decision: Decision | None
    failures: tuple[str, ...]


class Stacks:
    """Policies by their packs and overlay, each built once."""

    def __init__(self, library: Library) -> None:
        """Take the library they are built from."""
        self._library = library
        self._built: dict[tuple[frozenset[str], str | None], Policy] = {}

    def policy(self, packs: Sequence[str], overlay: str | None) -> Policy:
        """Return the policy of a stack.

        Raises:
            InvalidFile: when the stack's files have mistakes.
            Unavailable: without an embedded engine.
        """
        key = (frozenset(packs), overlay)
        if key not in self._built:
            bundle = draft(self._library, packs, overlay)
            self._built[key] = Policy(bundle=bundle)
        return self._built[key]


def case_files(paths: Iterable[Path]) -> list[Path]:
    """Return the case files among paths.

    Of a folder, all in the scenarios folders below it; if there is none, all in it and
    in folders below, but those of a pack.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            below = sorted(path.rglob("scenarios/*.yaml"))
            pack = any(path.rglob("pack.yaml"))
            found += below or ([] if pack else sorted(path.rglob("*.yaml")))
        else:
            found.append(path)
    return found


async def run_case(case: CaseFile, policy: Policy, name: str) -> Trial:
    """Decide one case.

    Raises:
        InvalidFile: for words or values that are not in the vocabulary.
        Unavailable: when the engine does not answer.
    """
    question, vector = case_question(case, policy.vocabulary, name)
    screen = await policy.screen(question)
    decision = None
    if vector is not None:
        (decision,) = await policy.decide(question, [vector])
    words = _Words(
        means={
            code: reason.means
            for code, reason in policy.vocabulary.reason_codes.items()
            if reason.means
        },
        packs=frozenset(case.packs) - FEDERAL or frozenset(case.packs) - DEFAULT,
    )
    failures = [
        *_outside(screen, decision),
        *_unexpected(case, screen, decision, words),
    ]
    return Trial(case=case, screen=screen, decision=decision, failures=tuple(failures))


def _outside(screen: Screen, decision: Decision | None) -> Iterator[str]:
    """Yield each ask whose decision the screen did not allow; there should be none."""
    for key, ask in decision.asks.items() if decision else ():
        effect = ask.effect
        if effect == "permit" and ask.outcome == "wait":
            effect = "permit_discretion"
        if effect not in screen.asks[key].effects:
            yield f"{ask.category}: {effect} is outside the screen"


def _unexpected(
    case: CaseFile,
    screen: Screen,
    decision: Decision | None,
    words: _Words,
) -> Iterator[str]:
    settled = decision or screen.as_decision()
    if settled is None:
        yield from _undecided(case, screen)
        return
    asks = [ask for ask in settled.asks.values() if ask.use == "release"]
    by_category = {ask.category: ask for ask in asks}
    expect = case.expect
    if expect.effect == "partial":
        if len({ask.outcome for ask in asks}) < MORE_THAN_ONE:
            yield "expected outcomes that differ"
    else:
        for category, word in _each(expect.effect, by_category):
            yield from _effect(by_category.get(category), category, word, words)
    for category, word in _each(expect.outcome, by_category):
        found = by_category.get(category)
        if found is None or found.outcome != word:
            got = found.outcome if found else "not asked"
            yield f"{category}: expected outcome {word}, got {got}"
    yield from _missing(case, asks)


MORE_THAN_ONE = 2


def _undecided(case: CaseFile, screen: Screen) -> Iterator[str]:
    """Yield failures of a case whose facts are pending and needed."""
    by_category = {a.category: a for a in screen.asks.values() if a.use == "release"}
    for category, word in _each(case.expect.effect, by_category):
        found = by_category.get(category)
        if found is None or {e.partition("_")[0] for e in found.effects} != {word}:
            got = ", ".join(sorted(found.effects)) if found else "not asked"
            yield f"{category}: expected {word}, got {got}"


def _each(
    expected: str | Mapping[str, str] | None, categories: Iterable[str]
) -> list[tuple[str, str]]:
    if expected is None:
        return []
    if isinstance(expected, str):
        return [(category, expected) for category in categories]
    return list(expected.items())


def _effect(
    ask: AskDecision | None, category: str, word: str, words: _Words
) -> Iterator[str]:
    if ask is None:
        yield f"{category}: was not asked"
    elif not _as_expected(ask, word, words):
        case = f"#{ask.case}" if ask.case else ""
        yield f"{category}: expected {word}, got {ask.effect} by {ask.rule.id}{case}"


def _as_expected(ask: AskDecision, word: str, words: _Words) -> bool:
    """Tell whether a decision is what a word of a case file says."""
    layers = {said.layer for said in ask.layers}
    match word:
        case "none":
            return ask.effect != "require"
        case "fall_through":
            return not any(
                said.rule.startswith(f"{pack}.")
                for said in ask.layers
                for pack in words.packs
            )
        case "alert" | "lint_error":
            return words.means.get(ask.reason) == word
        case "permit":
            # What verified process requires is permitted too.
            return ask.effect == "permit" or (
                ask.effect == "require" and "process" in layers
            )
        case _:
            return ask.effect == word


def _missing(case: CaseFile, asks: Sequence[AskDecision]) -> Iterator[str]:
    due = {obligation.code for ask in asks for obligation in ask.obligations}
    reasons = {ask.reason for ask in asks}
    reviewers = {ask.reviewer for ask in asks} - {""}
    for code in case.expect.obligations:
        if code not in due:
            got = ", ".join(sorted(due)) or "none"
            yield f"obligation {code} is missing; got {got}"
    for code in case.expect.reasons:
        if code not in reasons:
            yield f"reason {code} is missing; got {', '.join(sorted(reasons))}"
    if case.expect.reviewer is not None and case.expect.reviewer not in reviewers:
        got = ", ".join(sorted(reviewers)) or "none"
        yield f"reviewer {case.expect.reviewer} is missing; got {got}"
