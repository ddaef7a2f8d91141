"""The work of ``sallyport policy prove``, ``leaks`` and ``diff --prove``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_all_start_methods, get_context
from pathlib import Path
from typing import Any, TypeAlias

import typer

from gateway.cli.exit_codes import ExitCode
from gateway.cli.output import fail, show, tell
from gateway.cli.policy_files import mistakes_told
from gateway.cli.policy_found import (
    broken_row,
    case_text,
    difference_lines,
    leak_lines,
    proof_lines,
    proof_row,
    proof_told,
    stack_name,
)
from gateway.errors import GatewayError, InvalidFile, Mistake
from gateway.policy.build import build, read_once
from gateway.policy.bundle import Bundle
from gateway.policy.pack import shipped_policies
from gateway.policy.proofs import keep_proofs
from gateway.policy.prove import (
    Case,
    Mistranslated,
    Proof,
    compare,
    leaks,
    proved,
)
from gateway.policy.stacks import Stack, listed_stacks

__all__ = ["compare_laws", "list_leaks", "prove"]


def prove(
    packs: Sequence[str],
    overlay: str | None,
    policies: Path | None,
    *,
    write: bool,
    cases: Path | None,
    as_json: bool,
) -> None:
    """Prove what is claimed of a stack, or of every stack that the folder lists."""
    root = policies or shipped_policies()
    rows: list[dict[str, Any]] = []
    with _failing(as_json=as_json):
        stacks = [(tuple(packs), overlay)] if packs or overlay else listed_stacks(root)
        for stack, (revision, proofs) in _each(root, stacks, write=write):
            rows.append(proof_row(stack, revision, proofs))
            if not as_json:
                typer.echo("\n".join(proof_lines(stack, revision, proofs)))
            if cases is not None:
                found = [case for p in proofs for b in p.broken_by for case in b.cases]
                _keep_cases(cases, stack_name(stack), found)
    if as_json:
        show(rows, as_json=True)
    if not all(row["holds"] for row in rows):
        raise typer.Exit(ExitCode.NOT_DONE)


FORK = "fork"

Outcome: TypeAlias = tuple[str, Sequence[Proof]]
"""The revision of a stack, and what was proved of it."""


def _each(
    root: Path, stacks: Sequence[Stack], *, write: bool
) -> Iterator[tuple[Stack, Outcome]]:
    """Yield what comes of each stack in order; several are proved at a time."""
    if len(stacks) == 1 or FORK not in get_all_start_methods():
        for stack in stacks:
            yield stack, _prove_one(root, stack, write=write)
        return
    # Nothing else runs in a command, so a fork is safe, and has read all it needs.
    read_once(root)
    with ProcessPoolExecutor(mp_context=get_context(FORK)) as pool:
        waiting = [pool.submit(_or_why, root, stack, write=write) for stack in stacks]
        for stack, future in zip(stacks, waiting, strict=True):
            outcome = future.result()
            if isinstance(outcome, str):
                raise InvalidFile([Mistake(path=stack_name(stack), problem=outcome)])
            yield stack, outcome


def _prove_one(root: Path, stack: Stack, *, write: bool) -> Outcome:
    """Build a stack and prove what is claimed of it; keep the proofs if asked to."""
    bundle, proofs = proved(build(root, *stack))
    if write:
        keep_proofs(bundle, root)
    return bundle.revision, proofs


def _or_why(root: Path, stack: Stack, *, write: bool) -> Outcome | str:
    """Return what comes of a stack, or a sentence: errors do not travel whole."""
    try:
        return _prove_one(root, stack, write=write)
    except GatewayError as error:
        return str(error)


def list_leaks(
    packs: Sequence[str], overlay: str | None, policies: Path | None, *, as_json: bool
) -> None:
    """List what answers tell of records, and prove that rules declare it."""
    with _failing(as_json=as_json):
        bundle = build(policies or shipped_policies(), packs, overlay)
        proof, found = leaks(bundle)
    if as_json:
        declared = {"declared": proof.holds, "broken_by": broken_row(proof)}
        show({**declared, "leaks": [leak.document() for leak in found]}, as_json=True)
    else:
        for line in leak_lines(found):
            typer.echo(line)
        tell("\n".join(proof_told(proof)))
    if not proof.holds:
        raise typer.Exit(ExitCode.NOT_DONE)


def compare_laws(
    before: Path, after: Path, *, cases: Path | None, as_json: bool
) -> None:
    """Compare two bundles for every question."""
    with _failing(as_json=as_json):
        found = compare(_read(before), _read(after))
        if cases is not None:
            for change in found.changes:
                for example in change.examples.values():
                    _keep_cases(cases, "before", [example.before])
                    _keep_cases(cases, "after", [example.after])
    if as_json:
        show(found.document(), as_json=True)
        return
    for line in difference_lines(found):
        typer.echo(line)


def _read(path: Path) -> Bundle:
    """Return the bundle in a file."""
    if path.is_dir():
        problem = "is a folder; --prove compares bundles: sallyport policy build"
        raise InvalidFile([Mistake(path=str(path), problem=problem)])
    try:
        return Bundle.read(path.read_bytes())
    except (OSError, ValueError) as error:
        problem = f"is no bundle ({error})"
        raise InvalidFile([Mistake(path=str(path), problem=problem)]) from error


@contextmanager
def _failing(*, as_json: bool) -> Iterator[None]:
    """End with the exit code and the sentence of what goes wrong within."""
    try:
        yield
    except Mistranslated as error:
        fail(ExitCode.NOT_DONE, str(error), as_json=as_json)
    except (InvalidFile, OSError, ValueError) as error:
        fail(ExitCode.MISTAKES, mistakes_told(error), as_json=as_json)
    except GatewayError as error:
        fail(ExitCode.UNAVAILABLE, str(error), as_json=as_json)


def _keep_cases(folder: Path, name: str, cases: Iterable[Case]) -> None:
    """Write case files into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for case in cases:
        path = folder / f"{name.replace(' + ', '_')}.{case['id']}.yaml"
        path.write_text(case_text(case))
