"""``sallyport policy``: what a change does before it is made."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.later import later
from gateway.cli.options import AsJson

__all__ = ["diff"]

do_diff = later("gateway.cli.policy_compare:diff")

Law = Annotated[Path, typer.Argument(help="A policies folder, or a bundle (.tar.gz).")]
SomePacks = Annotated[
    list[str] | None,
    typer.Option("--pack", help="Compare one stack: a pack of it; repeat for more."),
]
Overlay = Annotated[
    str | None, typer.Option("--overlay", help="The local overlay of that stack.")
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
    as_json: AsJson = False,
) -> None:
    """Say what changed between two laws, and which decisions it changes.

    Rules that are new, gone or other, in words; then the case files, and the requests
    of a file if one is named, that come to something else.
    """
    do_diff(
        before,
        after,
        pack or [],
        overlay,
        cases=cases or [],
        requests=requests,
        as_json=as_json,
    )
