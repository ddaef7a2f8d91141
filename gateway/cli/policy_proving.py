"""The work of ``sallyport policy prove``, ``leaks`` and ``diff --prove``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_all_start_methods, get_context
from pathlib import Path
from typing import Any, TypeAlias

import typer
import yaml

from gateway.cli.exit_codes import ExitCode
from gateway.cli.output import fail, show, tell
from gateway.errors import GatewayError, InvalidFile, Mistake
from gateway.policy.build import build
from gateway.policy.bundle import Bundle
from gateway.policy.pack import shipped_policies
from gateway.policy.proofs import keep_proofs
from gateway.policy.prove import (
    Case,
    Difference,
    Leak,
    Mistranslated,
    Proof,
    compare,
    leaks,
    proved,
)
from gateway.policy.stacks import Stack, listed_stacks

__all__ = ["compare_laws", "list_leaks", "prove"]

SHOWN = 12
"""Digits of a revision that people are shown."""


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
            rows.append(_row(stack, revision, proofs))
            if not as_json:
                _print(stack, revision, proofs)
            if cases is not None:
                found = [case for p in proofs for b in p.broken_by for case in b.cases]
                _keep_cases(cases, _name(stack), found)
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
    with ProcessPoolExecutor(mp_context=get_context(FORK)) as pool:
        waiting = [pool.submit(_or_why, root, stack, write=write) for stack in stacks]
        for stack, future in zip(stacks, waiting, strict=True):
            outcome = future.result()
            if isinstance(outcome, str):
                raise InvalidFile([Mistake(path=_name(stack), problem=outcome)])
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
        declared = {"declared": proof.holds, "broken_by": _broken(proof)}
        show({**declared, "leaks": [leak.document() for leak in found]}, as_json=True)
    else:
        for line in _told(found):
            typer.echo(line)
        tell("\n".join(_said(proof)))
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
    for line in _compared(found):
        typer.echo(line)


def _read(path: Path) -> Bundle:
    """Return the bundle in a file."""
    return Bundle.read(path.read_bytes())


@contextmanager
def _failing(*, as_json: bool) -> Iterator[None]:
    """End with the exit code and the sentence of what goes wrong within."""
    try:
        yield
    except Mistranslated as error:
        fail(ExitCode.NOT_DONE, str(error), as_json=as_json)
    except (InvalidFile, OSError, ValueError) as error:
        fail(ExitCode.MISTAKES, str(error), as_json=as_json)
    except GatewayError as error:
        fail(ExitCode.UNAVAILABLE, str(error), as_json=as_json)


def _row(stack: Stack, revision: str, proofs: Sequence[Proof]) -> dict[str, Any]:
    packs, overlay = stack
    return {
        "packs": [*packs],
        "overlay": overlay or "",
        "revision": revision,
        "holds": all(proof.holds for proof in proofs),
        "proofs": [
            {**proof.document(), "broken_by": _broken(proof)} for proof in proofs
        ],
    }


def _broken(proof: Proof) -> list[dict[str, Any]]:
    return [
        {"says": one.says, "cases": [dict(case) for case in one.cases]}
        for one in proof.broken_by
    ]


def _name(stack: Stack) -> str:
    packs, overlay = stack
    return " + ".join([*packs, *([overlay] if overlay else [])]) or "agency-default"


def _print(stack: Stack, revision: str, proofs: Sequence[Proof]) -> None:
    """Print how the proofs of a stack went, and each that failed with its cases."""
    failed = [proof for proof in proofs if not proof.holds]
    holding = f"{len(proofs) - len(failed)} claims hold for every question"
    less = f", {len(failed)} do not" if failed else ""
    typer.echo(f"{_name(stack)} ({revision[:SHOWN]}): {holding}{less}")
    for proof in proofs:
        for note in proof.notes:
            typer.echo(f"  {proof.id}: {note}")
    for proof in failed:
        for line in _said(proof):
            typer.echo(f"  {line}")


def _said(proof: Proof) -> Iterator[str]:
    """Yield a proof in lines: that it holds, or all that breaks it."""
    if proof.holds:
        yield f"{proof.id}: {proof.says} It holds for every question."
        return
    cited = f" ({proof.citation})" if proof.citation else ""
    yield f"{proof.id}: {proof.says}{cited} It does not hold:"
    for one in proof.broken_by:
        yield f"  {one.says}"
        for case in one.cases:
            yield from (f"    {line}" for line in written(case).splitlines())


def written(case: Case) -> str:
    """Return a case file as text."""
    return yaml.safe_dump(
        dict(case), sort_keys=False, default_flow_style=None, width=100
    )


def _keep_cases(folder: Path, name: str, cases: Iterable[Case]) -> None:
    """Write case files into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for case in cases:
        path = folder / f"{name.replace(' + ', '_')}.{case['id']}.yaml"
        path.write_text(written(case))


def _told(found: Sequence[Leak]) -> Iterator[str]:
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
            case = f"#{one.case}" if one.case else ""
            words = ", ".join(one.categories)
            yield f"      {one.rule}{case} declares {words} ({one.citation})"


TELLS = {
    "release": "told by what is released",
    "wait": "told by whether it waits for a person",
    "": "no answer tells it",
}


def _compared(found: Difference) -> Iterator[str]:
    """Yield how two laws differ, each change with its smallest question in words."""
    yield f"{found.after[:SHOWN]} is {VERDICTS[found.verdict]} {found.before[:SHOWN]}"
    for which, words in (("before", found.only_before), ("after", found.only_after)):
        if words:
            yield f"words that are only in the one {which}: {', '.join(words)}"
    for change in found.changes:
        verdict = change.verdict.replace("_", " ")
        yield f"{change.category} for {change.family}: {verdict}"
        for way, example in change.examples.items():
            outcomes = " then ".join(
                next(iter(case["expect"]["outcome"].values()), "")
                if "expect" in case
                else "?"
                for case in (example.before, example.after)
            )
            yield f"  {way.replace('_', ' ')}: {in_words(example.before)}: {outcomes}"


VERDICTS = {
    "equivalent": "equivalent to",
    "stricter": "never looser than",
    "looser": "never stricter than",
    "incomparable": "both stricter and looser than",
    "other_effect": "as open always, by other effects, as",
}


def in_words(case: Case) -> str:
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
