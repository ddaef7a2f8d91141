"""Looks at a draft before anybody signs for it: lint, cases, proofs, as one gate."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path

from gateway.policy.bundle import Bundle
from gateway.policy.case import CaseFile, load_case
from gateway.policy.gate import Gate, Replay, gate_of
from gateway.policy.lint.whole import lint
from gateway.policy.pack import DEFAULT_PACK, Library
from gateway.policy.proofs import held_of, unproved
from gateway.policy.trial import case_files
from gateway.policy.trials import tried

__all__ = ["cases_of_stack", "examined"]


def examined(
    library: Library,
    bundle: Bundle,
    stack: tuple[Sequence[str], str | None],
    *,
    today: dt.date,
    replay: Replay,
) -> Gate:
    """Return the state of a draft: what was found in its files and by its cases.

    Args:
        library: the folder that the draft was built from.
        bundle: the draft, with its proofs if there are any.
        stack: its packs and overlay.
        today: the day verifications are measured against.
        replay: the report on past answers, or ``FIRST_RULES``.

    Raises:
        InvalidFile: for a case file with mistakes.
        Unavailable: without an embedded engine.
    """
    packs, overlay = stack
    below = tuple(sorted({DEFAULT_PACK, *packs}))
    cases = [*cases_of_stack(library, below, overlay)]
    failures = tried(library, cases)
    by_id: dict[str, tuple[str, ...]] = {}
    for name, case in cases:  # what fails is hidden by no other case of its id
        by_id[case.id] = (*by_id.get(case.id, ()), *failures[name])
    return gate_of(
        policy=bundle.revision,
        packs=library.chosen(packs, overlay),
        findings=lint(library.root, today=today, stacks=[(below, overlay)]),
        tried=by_id,
        proofs=held_of(bundle),
        unproved=unproved(bundle),
        replay=replay,
    )


def cases_of_stack(
    library: Library, packs: Sequence[str], overlay: str | None
) -> Iterator[tuple[str, CaseFile]]:
    """Yield the cases, in the folders of a stack, that its own packs decide.

    Raises:
        InvalidFile: for a case file with mistakes.
    """
    folders: list[Path] = [library.packs[word].folder for word in packs]
    folders += [library.overlays[overlay].folder] if overlay else []
    for path in case_files(folders):
        case = load_case(path)
        if {*case.packs} <= {*packs} and case.overlay in {None, overlay}:
            yield str(path), case
