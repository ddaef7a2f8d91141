"""``sallyport policy``: what a law does, and a change of it, before it is made."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.later import later
from gateway.cli.options import AsJson

__all__ = ["diff", "leaks", "prove"]

do_diff = later("gateway.cli.policy_compare:diff")
do_prove = later("gateway.cli.policy_proving:prove")
do_leaks = later("gateway.cli.policy_proving:list_leaks")
do_compare = later("gateway.cli.policy_proving:compare_laws")

Law = Annotated[Path, typer.Argument(help="A policies folder, or a bundle (.tar.gz).")]
SomePacks = Annotated[
    list[str] | None,
    typer.Option("--pack", help="Compare one stack: a pack of it; repeat for more."),
]
Overlay = Annotated[
    str | None, typer.Option("--overlay", help="The local overlay of that stack.")
]
Root = Annotated[
    Path | None,
    typer.Option("--policies", help="Policies folder; by default the one shipped."),
]
Packs = Annotated[
    list[str], typer.Option("--pack", help="A pack of the stack; repeat for more.")
]
StackOverlay = Annotated[
    str | None, typer.Option("--overlay", help="The local overlay on top.")
]
CaseFolder = Annotated[
    Path | None,
    typer.Option("--cases", help="Folder for what was found, as case files."),
]
Found = Annotated[
    Path | None,
    typer.Option("--found", help="With --prove: folder for what was found, as cases."),
]
Cases = Annotated[
    list[Path] | None,
    typer.Option("--cases", help="Case files or folders; by default the new folder's."),
]
Requests = Annotated[
    Path | None,
    typer.Option("--requests", help="Past questions, one a line, as JSON."),
]


def diff(
    before: Law,
    after: Law,
    *,
    pack: SomePacks = None,
    overlay: Overlay = None,
    cases: Cases = None,
    requests: Requests = None,
    prove: Annotated[
        bool,
        typer.Option(
            "--prove",
            help="Compare two bundles for every question; needs the extra prove.",
        ),
    ] = False,
    found: Found = None,
    as_json: AsJson = False,
) -> None:
    """Say what changed between two laws, and which decisions it changes.

    Rules that are new, gone or other, in words; then the case files, and the requests
    of a file if one is named, that come to something else. With --prove: which bundle
    lets more out, of what, to whom, whatever is asked.
    """
    if prove:
        do_compare(before, after, cases=found, as_json=as_json)
        return
    do_diff(
        before,
        after,
        pack or [],
        overlay,
        cases=cases or [],
        requests=requests,
        as_json=as_json,
    )


def prove(
    *,
    pack: SomePacks = None,
    overlay: StackOverlay = None,
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


def leaks(
    *,
    pack: Packs,
    overlay: StackOverlay = None,
    policies: Root = None,
    as_json: AsJson = False,
) -> None:
    """List what answers tell of a record's facts, by family, and who declares it.

    Ends with 1 if an answer tells what no rule declares. Needs the extra prove.
    """
    do_leaks(pack, overlay, policies, as_json=as_json)
