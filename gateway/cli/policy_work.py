"""The work of ``sallyport policy``; imported when a command is given."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import typer

from gateway.cli.exit_codes import ExitCode
from gateway.cli.output import fail, show, tell
from gateway.cli.policy_files import library_at, mistakes_told, root_of, told_beside
from gateway.errors import InvalidFile, Unavailable
from gateway.policy.build import assemble
from gateway.policy.compare.cases import Unread, read_each
from gateway.policy.decision import AskDecision
from gateway.policy.idlefacts import IdleFacts
from gateway.policy.lint.places import Places
from gateway.policy.proofs import with_kept_proofs
from gateway.policy.readcase import read_case
from gateway.policy.screen import requester_view
from gateway.policy.sign import signed
from gateway.policy.trial import Stacks, Trial, case_files, run_case
from gateway.policy.trials import each_tried

__all__ = ["build", "decide", "run_cases"]


def decide(case: Path, policies: Path | None, *, as_json: bool) -> None:
    """Decide one case file and print both renderings."""
    library = library_at(policies, as_json=as_json)
    stacks = Stacks(library)
    try:
        text = read_case(case, library)
        policy = stacks.policy(text.packs, text.overlay)
        trial = asyncio.run(run_case(text, policy, str(case)))
        notices = IdleFacts(library).notices(text)
    except InvalidFile as error:
        fail(ExitCode.MISTAKES, mistakes_told(error), as_json=as_json)
    except Unavailable as error:
        fail(ExitCode.UNAVAILABLE, str(error), as_json=as_json)
    if as_json:
        show({**_document(trial), "notices": notices}, as_json=True)
    else:
        _print(trial)
        told_beside(notices)
    if trial.failures:
        tell("\n".join(trial.failures))
        raise typer.Exit(ExitCode.NOT_DONE)


def run_cases(
    files: list[Path] | None,
    policies: Path | None,
    *,
    opa: Path | None,
    as_json: bool,
) -> None:
    """Run case files and compare each with what it expects."""
    paths = case_files(files or [root_of(policies)])
    if not paths:
        fail(
            ExitCode.MISTAKES,
            "no case files there: name files, or a folder of them",
            as_json=as_json,
        )
    library = library_at(policies, as_json=as_json)
    cases, unread = read_each(paths, library)
    try:
        came = each_tried(library, cases, opa=opa)
    except Unavailable as error:
        fail(ExitCode.UNAVAILABLE, str(error), as_json=as_json)
    wrong = {**unread, **came.unread}
    unread = {name: wrong[name] for name in map(str, paths) if name in wrong}
    titles = {name: case.id for name, case in cases}
    failed = [
        (name, titles[name], said) for name, said in came.failures.items() if said
    ]
    idle = IdleFacts(library)
    notices = [
        f"{name}: {said}"
        for name, case in (cases if files else ())
        if name in came.failures
        for said in idle.notices(case)
    ]
    _report(len(came.failures), failed, unread, notices, as_json=as_json)
    if unread:
        raise typer.Exit(ExitCode.MISTAKES)
    if failed:
        raise typer.Exit(ExitCode.NOT_DONE)


def _report(
    count: int,
    failed: Sequence[tuple[str, str, Sequence[str]]],
    unread: Unread,
    notices: Sequence[str],
    *,
    as_json: bool,
) -> None:
    """Print how many cases were run, which failed, and which could not be read."""
    places = Places()
    if as_json:
        found: dict[str, Any] = {
            "cases": count,
            "failed": [
                {"case": case, "file": name, "failures": [*said]}
                for name, case, said in failed
            ],
            "unread": [
                {"file": name, "mistakes": [*map(places.said, wrong)]}
                for name, wrong in unread.items()
            ],
            "notices": [*notices],
        }
        show(found, as_json=True)
        return
    for name, case, said in failed:
        at = places.of(f"{name}:expect")
        typer.echo(f"{at.file}:{at.line}: {case}: {'; '.join(said)}")
    told_beside(notices)
    for line in _unread_lines(unread, places):
        tell(line)
    tell(f"{count} cases, {len(failed)} not as expected")
    if unread:
        tell(f"{len(unread)} cases could not be read")


def _unread_lines(unread: Unread, places: Places) -> Iterator[str]:
    """Yield every mistake on a line that names the case's file."""
    for name, wrong in unread.items():
        for mistake in wrong:
            own, said = mistake.path.startswith(name), places.said(mistake)
            yield said if own else f"{name}: {said}"


def build(
    packs: list[str],
    out: Path,
    *,
    overlay: str | None,
    policies: Path | None,
    signing_key: Path | None,
    key_id: str,
    as_json: bool,
) -> None:
    """Build the bundle of a stack."""
    library = library_at(policies, as_json=as_json)
    try:
        bundle = with_kept_proofs(assemble(library, packs, overlay), library.root)
        if signing_key is not None:
            bundle = signed(bundle, pem=signing_key.read_bytes(), key_id=key_id)
        data = bundle.archive()
        out.write_bytes(data)
    except Unavailable as error:
        fail(ExitCode.UNAVAILABLE, str(error), as_json=as_json)
    except (InvalidFile, OSError, ValueError) as error:
        fail(ExitCode.MISTAKES, mistakes_told(error), as_json=as_json)
    found = {
        "revision": bundle.revision,
        "bundle": str(out),
        "bytes": len(data),
        "signed": signing_key is not None,
    }
    show(found, as_json=as_json)


def _document(trial: Trial) -> dict[str, Any]:
    return {
        "case": trial.case.id,
        "screen": trial.screen.document(),
        "internal": (trial.decision or trial.screen).document(),
        "requester": [
            row.document() for row in requester_view(trial.screen, trial.decision)
        ],
        "failures": list(trial.failures),
    }


def _by(made: AskDecision) -> str:
    """Return who decides: a rule with its law, or that none does."""
    if not made.rule.citation:
        return made.rule.title.rstrip(".")
    case = f"#{made.case}" if made.case else ""
    return f"{made.rule.id}{case} ({made.rule.citation})"


def _print(trial: Trial) -> None:
    """Print a case's two renderings in plain lines."""
    typer.echo(f"{trial.case.id}: {trial.case.title}\n\ninternal")
    if trial.decision is None:
        for ask in trial.screen.asks.values():
            needs = ", ".join(sorted(ask.needs)) or "nothing"
            effects = ", ".join(sorted(ask.effects))
            typer.echo(f"  {ask.category} ({ask.use}): {effects}; needs {needs}")
    else:
        for made in trial.decision.asks.values():
            typer.echo(
                f"  {made.category} ({made.kind}, {made.use}): {made.effect},"
                f" {made.outcome}; {made.reason}; {_by(made)}"
            )
            for said in made.layers:
                typer.echo(f"      {said.layer}: {said.effect} by {said.rule}")
            dues = ", ".join(due.code for due in made.obligations)
            typer.echo(f"      obligations: {dues or 'none'}")
    typer.echo("\nthe requester's")
    for row in requester_view(trial.screen, trial.decision):
        typer.echo(f"  {row.category} ({row.kind}, {row.use}): {row.effect}")
        for reason in row.reasons:
            typer.echo(f"      {reason.title} ({reason.citation or reason.code})")
        if row.change:
            typer.echo(f"      would change it: {', '.join(row.change)}")
