"""``sallyport policy``: decide and test cases, build bundles, explain and prove rules.

Exit codes: 0 done; 1 a case did not come to what was expected, or something does not
hold for every question; 2 mistakes in files or arguments, each named; 4 there is no
engine to decide with, or no solver to prove with.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.later import later
from gateway.cli.options import AsJson

__all__ = ["app"]

app = typer.Typer(
    rich_markup_mode=None,
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
Cases = Annotated[
    list[Path] | None, typer.Argument(help="Case files or folders; default all.")
]
Out = Annotated[Path, typer.Option("--out", "-o", help="Where the bundle goes.")]
SomePacks = Annotated[
    list[str] | None,
    typer.Option("--pack", help="A pack of the stack; repeat for more."),
]
CaseFolder = Annotated[
    Path | None,
    typer.Option("--cases", help="Folder for what was found, as case files."),
]
SigningKey = Annotated[
    Path | None,
    typer.Option("--signing-key", help="EC P-256 private key, PEM; signs ES256."),
]
KeyId = Annotated[
    str, typer.Option("--key-id", help="Name of the key in the signature.")
]

do_decide = later("gateway.cli.policy_work:decide")
do_test = later("gateway.cli.policy_work:run_cases")
do_build = later("gateway.cli.policy_work:build")
do_show = later("gateway.cli.policy_work:list_rules")
do_explain = later("gateway.cli.policy_work:explain")
do_prove = later("gateway.cli.policy_proving:prove")
do_leaks = later("gateway.cli.policy_proving:list_leaks")
do_compare = later("gateway.cli.policy_proving:compare_laws")


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
    files: Cases = None, *, policies: Root = None, as_json: AsJson = False
) -> None:
    """Run case files and compare each with what it expects."""
    do_test(files, policies, as_json=as_json)


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


@app.command("show")
def list_rules(
    *,
    pack: Packs,
    overlay: Overlay = None,
    policies: Root = None,
    as_json: AsJson = False,
) -> None:
    """List the rules of a stack: layer, effects, citation."""
    do_show(pack, overlay, policies, as_json=as_json)


@app.command()
def explain(
    rule: Annotated[str, typer.Argument(help="Rule id, or rule#case.")],
    *,
    policies: Root = None,
    as_json: AsJson = False,
) -> None:
    """Say in sentences what a rule says, whom it reaches, and its exceptions."""
    do_explain(rule, policies, as_json=as_json)


@app.command()
def prove(
    *,
    pack: SomePacks = None,
    overlay: Overlay = None,
    policies: Root = None,
    write: Annotated[
        bool,
        typer.Option("--write", help="Keep the proofs in the folder, by revision."),
    ] = False,
    cases: CaseFolder = None,
    as_json: AsJson = False,
) -> None:
    """Prove what the law must keep to, for every question it can be asked.

    Without --pack and --overlay, for each stack that the folder's stacks.yaml lists.
    What does not hold is shown by a case file. Needs the extra prove.
    """
    do_prove(pack or [], overlay, policies, write=write, cases=cases, as_json=as_json)


@app.command()
def leaks(
    *,
    pack: Packs,
    overlay: Overlay = None,
    policies: Root = None,
    as_json: AsJson = False,
) -> None:
    """List what answers tell of a record's facts, by family, and who declares it.

    Ends with 1 if an answer tells what no rule declares. Needs the extra prove.
    """
    do_leaks(pack, overlay, policies, as_json=as_json)


@app.command()
def diff(
    before: Annotated[Path, typer.Argument(help="A bundle, as it was.")],
    after: Annotated[Path, typer.Argument(help="A bundle, as it would be.")],
    *,
    prove: Annotated[
        bool,
        typer.Option(
            "--prove", help="Compare for every question; needs the extra prove."
        ),
    ] = False,
    cases: CaseFolder = None,
    as_json: AsJson = False,
) -> None:
    """Compare two bundles: which lets more out, of what, to whom."""
    if not prove:
        raise typer.BadParameter("say --prove: bundles are compared by proof")
    do_compare(before, after, cases=cases, as_json=as_json)
