"""``sallyport policy``: decide cases, test them, build bundles, explain rules.

Exit codes: 0 done; 1 a case did not come to what was expected; 2 mistakes in files or
arguments, each named; 4 there is no engine to decide with.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.cli.exit_codes import ExitCode
from gateway.cli.options import AsJson
from gateway.cli.output import fail, rows, show, tell

if TYPE_CHECKING:
    from gateway.policy.law import Rule
    from gateway.policy.pack import Library
    from gateway.policy.trial import Trial

__all__ = [
    "app",
    "build",
    "decide",
    "explain",
    "show_rules",
    "test",
]

app = typer.Typer(
    no_args_is_help=True,
    help="Decide case files without a server, test them, build and explain bundles.",
)

Root = Annotated[
    Path | None,
    typer.Option("--policies", help="Policies folder; by default the one shipped."),
]
Packs = Annotated[
    list[str], typer.Option("--pack", help="A pack of the stack; repeat for more.")
]
Overlay = Annotated[
    str | None, typer.Option("--overlay", help="The local overlay on top.")
]


@app.command()
def decide(case: Path, policies: Root = None, as_json: AsJson = False) -> None:
    """Decide one case file and print both renderings: internal and the requester's."""
    from gateway.policy.screen import requester_view

    (trial,) = _trials([case], policies, as_json=as_json)
    internal = (trial.decision or trial.screen).document()
    outside = [row.document() for row in requester_view(trial.screen, trial.decision)]
    if as_json:
        found: dict[str, Any] = {
            "case": trial.case.id,
            "screen": trial.screen.document(),
            "internal": internal,
            "requester": outside,
            "failures": list(trial.failures),
        }
        show(found, as_json=True)
    else:
        _print(trial)
    if trial.failures:
        fail(ExitCode.NOT_DONE, "\n".join(trial.failures))


@app.command()
def test(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Case files or folders; default all.")
    ] = None,
    policies: Root = None,
    as_json: AsJson = False,
) -> None:
    """Run case files and compare each with what it expects."""
    from gateway.policy.pack import shipped_policies
    from gateway.policy.trial import case_files

    paths = case_files(files or [policies or shipped_policies()])
    if not paths:
        fail(ExitCode.MISTAKES, "no case files there", as_json=as_json)
    trials = _trials(paths, policies, as_json=as_json)
    failed = [trial for trial in trials if trial.failures]
    if as_json:
        found = {
            "cases": len(trials),
            "failed": [
                {"case": trial.case.id, "failures": list(trial.failures)}
                for trial in failed
            ],
        }
        show(found, as_json=True)
    else:
        for trial in failed:
            typer.echo(f"{trial.case.id}: {'; '.join(trial.failures)}")
        tell(f"{len(trials)} cases, {len(failed)} not as expected")
    if failed:
        raise typer.Exit(ExitCode.NOT_DONE)


@app.command()
def build(
    pack: Packs,
    out: Annotated[Path, typer.Option("--out", "-o", help="Where the bundle goes.")],
    overlay: Overlay = None,
    policies: Root = None,
    signing_key: Annotated[
        Path | None,
        typer.Option("--signing-key", help="EC P-256 private key, PEM; signs ES256."),
    ] = None,
    key_id: Annotated[
        str, typer.Option("--key-id", help="Name of the key in the signature.")
    ] = "sallyport",
    as_json: AsJson = False,
) -> None:
    """Build the bundle of a stack; the same files give the same bytes."""
    from gateway.errors import InvalidFile, Unavailable
    from gateway.policy.build import assemble
    from gateway.policy.sign import signed

    library = _library(policies, as_json=as_json)
    try:
        bundle = assemble(library, pack, overlay)
        if signing_key is not None:
            bundle = signed(bundle, pem=signing_key.read_bytes(), key_id=key_id)
        data = bundle.archive()
        out.write_bytes(data)
    except InvalidFile as error:
        fail(ExitCode.MISTAKES, str(error), as_json=as_json)
    except Unavailable as error:
        fail(ExitCode.UNAVAILABLE, str(error), as_json=as_json)
    except (OSError, ValueError) as error:
        fail(ExitCode.MISTAKES, str(error), as_json=as_json)
    found = {
        "revision": bundle.revision,
        "bundle": str(out),
        "bytes": len(data),
        "signed": signing_key is not None,
    }
    show(found, as_json=as_json)


@app.command("show")
def show_rules(
    pack: Packs,
    overlay: Overlay = None,
    policies: Root = None,
    as_json: AsJson = False,
) -> None:
    """List the rules of a stack: layer, effects, dates, citation."""
    found = [
        {
            "rule": rule.id,
            "layer": rule.layer,
            "effects": ", ".join(dict.fromkeys(c.effect for c in reversed(rule.cases))),
            "citation": rule.citation,
        }
        for rule in _rules(policies, pack, overlay, as_json=as_json)
    ]
    if as_json:
        show(found, as_json=True)
    else:
        typer.echo("\n".join(rows(found)))


@app.command()
def explain(
    rule: Annotated[str, typer.Argument(help="Rule id, or rule#case.")],
    policies: Root = None,
    as_json: AsJson = False,
) -> None:
    """Say in sentences what a rule says, whom it reaches, and its exceptions."""
    from gateway.policy.explain import explained
    from gateway.yamlfile import nearest

    library = _library(policies, as_json=as_json)
    name = rule.partition("#")[0]
    every = {
        found.id: found
        for overlay in [None, *library.overlays]
        for found in _resolved(library, list(library.packs), overlay, as_json=as_json)
    }
    if name not in every:
        problem = f"{name} is no rule here; {nearest(name, every)}".rstrip("; ")
        fail(ExitCode.MISTAKES, problem, as_json=as_json)
    sentences = explained(every[name], library.vocabulary)
    if as_json:
        show({"rule": name, "sentences": sentences}, as_json=True)
    else:
        typer.echo("\n".join(sentences))


def _library(policies: Path | None, *, as_json: bool) -> Library:
    from gateway.errors import InvalidFile
    from gateway.policy.pack import load_library, shipped_policies

    try:
        return load_library(policies or shipped_policies())
    except InvalidFile as error:
        fail(ExitCode.MISTAKES, str(error), as_json=as_json)


def _rules(
    policies: Path | None, packs: list[str], overlay: str | None, *, as_json: bool
) -> list[Rule]:
    library = _library(policies, as_json=as_json)
    return _resolved(library, packs, overlay, as_json=as_json)


def _resolved(
    library: Library, packs: list[str], overlay: str | None, *, as_json: bool
) -> list[Rule]:
    from gateway.errors import InvalidFile

    try:
        return library.rules(library.chosen(packs, overlay))
    except InvalidFile as error:
        fail(ExitCode.MISTAKES, str(error), as_json=as_json)


def _trials(paths: list[Path], policies: Path | None, *, as_json: bool) -> list[Trial]:
    """Run case files; every mistake of every file is named at once."""
    from gateway.errors import InvalidFile, Mistake, Unavailable
    from gateway.policy.case import load_case
    from gateway.policy.trial import Stacks, run_case

    stacks = Stacks(_library(policies, as_json=as_json))
    mistakes: list[Mistake] = []

    async def run() -> list[Trial]:
        found: list[Trial] = []
        for path in paths:
            try:
                case = load_case(path)
                policy = stacks.policy(case.packs, case.overlay)
                found.append(await run_case(case, policy, str(path)))
            except InvalidFile as error:
                mistakes.extend(error.mistakes)
        return found

    try:
        trials = asyncio.run(run())
    except Unavailable as error:
        fail(ExitCode.UNAVAILABLE, str(error), as_json=as_json)
    if mistakes:
        lines = dict.fromkeys(map(str, mistakes))
        fail(ExitCode.MISTAKES, "\n".join(lines), as_json=as_json)
    return trials


def _print(trial: Trial) -> None:
    """Print a case's two renderings in plain lines."""
    from gateway.policy.screen import requester_view

    typer.echo(f"{trial.case.id}: {trial.case.title}\n\ninternal")
    if trial.decision is None:
        for ask in trial.screen.asks.values():
            needs = ", ".join(sorted(ask.needs)) or "nothing"
            effects = ", ".join(sorted(ask.effects))
            typer.echo(f"  {ask.category} ({ask.use}): {effects}; needs {needs}")
    else:
        for made in trial.decision.asks.values():
            case = f"#{made.case}" if made.case else ""
            typer.echo(
                f"  {made.category} ({made.kind}, {made.use}): {made.effect},"
                f" {made.outcome}; {made.reason}; {made.rule.id}{case}"
                f" ({made.rule.citation})"
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
