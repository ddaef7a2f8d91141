"""``sallyport policy``: what officers do with the written law.

Exit codes: 0 done; 1 a case did not come to what was expected, lint found errors, or
something does not hold for every question; 2 mistakes in files or arguments, each
named, whatever else was found; 4 there is no engine to decide with, or no solver to
prove with.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli import policy_change, policy_force
from gateway.cli.later import later
from gateway.cli.options import AsJson

__all__ = ["app"]

app = typer.Typer(
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Write, read, try and build the rules, without a server.",
)

Root = Annotated[
    Path | None,
    typer.Option("--policies", help="Policies folder; by default the one shipped."),
]
Packs = Annotated[
    list[str], typer.Option("--pack", help="A pack of the stack; repeat for more.")
]
SomePacks = Annotated[
    list[str] | None,
    typer.Option("--pack", help="A pack of the stack; repeat for more."),
]
Overlay = Annotated[
    str | None, typer.Option("--overlay", help="The local overlay on top.")
]
Cases = Annotated[
    list[Path] | None, typer.Argument(help="Case files or folders; default all.")
]
Opa = Annotated[
    Path | None,
    typer.Option("--opa", help="The program of OPA: it must decide each alike."),
]
Out = Annotated[Path, typer.Option("--out", "-o", help="Where the bundle goes.")]
SigningKey = Annotated[
    Path | None,
    typer.Option(
        "--sign", "--signing-key", help="EC P-256 private key, PEM; signs ES256."
    ),
]
KeyId = Annotated[
    str, typer.Option("--key-id", help="Name of the key in the signature.")
]

do_decide = later("gateway.cli.policy_work:decide")
do_test = later("gateway.cli.policy_work:run_cases")
do_build = later("gateway.cli.policy_work:build")
do_lint = later("gateway.cli.policy_reading:lint_files")
do_list = later("gateway.cli.policy_reading:list_rules")
do_say = later("gateway.cli.policy_reading:say_rule")
do_explain = later("gateway.cli.policy_reading:explain")
do_new = later("gateway.cli.policy_reading:new_overlay")


@app.command()
def decide(
    case: Annotated[Path, typer.Argument(help="A case file.")],
    *,
    policies: Root = None,
    as_json: AsJson = False,
) -> None:
    """Decide one case file and print both renderings: internal and the requester's."""
    do_decide(case, policies, as_json=as_json)


@app.command("test")
def run_cases(
    files: Cases = None,
    *,
    policies: Root = None,
    opa: Opa = None,
    as_json: AsJson = False,
) -> None:
    """Run case files and compare each with what it expects.

    A case with mistakes, which are all named, keeps no other from being run. Ends with
    2 if there is one, else with 1 if a case did not come to what it expects.
    """
    do_test(files, policies, opa=opa, as_json=as_json)


@app.command()
def lint(
    *,
    pack: SomePacks = None,
    overlay: Overlay = None,
    policies: Root = None,
    why: Annotated[
        bool,
        typer.Option("--explain", help="Say why each matters, and how to mend it."),
    ] = False,
    prove: Annotated[
        bool,
        typer.Option(
            "--prove",
            help="Also look by proof, for every question; needs the extra prove.",
        ),
    ] = False,
    as_of: Annotated[
        str, typer.Option("--as-of", help="Day to judge by, YYYY-MM-DD; else today.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Look for what is wrong in packs and overlays; takes no side.

    Without --pack, everything in the folder: each overlay on the packs that it says it
    is written on; with --overlay alone, that one. Ends with 1 if there are errors;
    warnings alone end with 0.
    """
    do_lint(
        policies,
        pack or [],
        overlay,
        as_of=as_of,
        prove=prove,
        explain=why,
        as_json=as_json,
    )


@app.command()
def show(
    rule: Annotated[
        str | None, typer.Argument(help="A rule, to be read as a sentence.")
    ] = None,
    *,
    pack: SomePacks = None,
    overlay: Overlay = None,
    policies: Root = None,
    as_json: AsJson = False,
) -> None:
    """Say a rule as a sentence; or list the rules of a stack: layer, effects, law."""
    if (rule is None) == (not pack):
        raise typer.BadParameter("name a rule, or packs with --pack")
    if rule is not None:
        do_say(rule, policies, as_json=as_json)
    else:
        do_list(pack, overlay, policies, as_json=as_json)


@app.command()
def explain(
    case: Annotated[Path, typer.Argument(help="A case file.")],
    *,
    policies: Root = None,
    trace: Annotated[
        bool, typer.Option("--trace", help="Add what the evaluator saw and answered.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Say why a case comes to what it does: who spoke, what failed, what would help."""
    do_explain(case, policies, trace=trace, as_json=as_json)


@app.command("new-overlay")
def new_overlay(
    name: Annotated[str, typer.Argument(help="Its id, such as our-county.")],
    *,
    on: Annotated[
        list[str],
        typer.Option("--on", help="A pack that it stands on; repeat for more."),
    ],
    policies: Annotated[
        Path,
        typer.Option("--policies", help="Folder to write into; made where it is new."),
    ],
    title: Annotated[str, typer.Option("--title", help="How people call it.")] = "",
    as_json: AsJson = False,
) -> None:
    """Write a commented starting point for rules of your own."""
    do_new(name, on, policies, title=title, as_json=as_json)


app.command()(policy_change.diff)
app.command()(policy_change.prove)
app.command()(policy_change.leaks)
app.command()(policy_force.replay)


@app.command()
def build(
    *,
    pack: Packs,
    out: Out,
    overlay: Overlay = None,
    policies: Root = None,
    signing_key: SigningKey = None,
    key_id: KeyId = "sallyport",
    as_json: AsJson = False,
) -> None:
    """Build the bundle of a stack; the same files give the same bytes."""
    do_build(
        pack,
        out,
        overlay=overlay,
        policies=policies,
        signing_key=signing_key,
        key_id=key_id,
        as_json=as_json,
    )


app.command()(policy_force.verify)
app.command()(policy_force.activate)
app.command()(policy_force.rollback)
app.command()(policy_force.history)
