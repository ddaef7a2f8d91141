"""``sallyport policy``: from a draft to rules in force, and back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.later import later
from gateway.cli.options import (
    AsJson,
    By,
    ConfigPath,
    Expires,
    Out,
    Reason,
    Words,
    someone,
)

__all__ = ["activate", "history", "replay", "rollback", "verify"]

do_replay = later("gateway.cli.policy_replaying:replay")
do_verify = later("gateway.cli.policy_enforcing:verify")
do_activate = later("gateway.cli.policy_enforcing:activate")
do_rollback = later("gateway.cli.policy_enforcing:rollback")
do_history = later("gateway.cli.policy_enforcing:history")

Draft = Annotated[
    Path, typer.Option("--bundle", help="The draft: a bundle, made by policy build.")
]
Against = Annotated[
    Path | None,
    typer.Option(
        "--against", help="A bundle to compare with; by default what is in force."
    ),
]
Since = Annotated[
    str, typer.Option("--since", help="First day of past questions, YYYY-MM-DD.")
]
Requests = Annotated[
    Path | None,
    typer.Option(
        "--requests", help="Past questions of a file, instead of the archive."
    ),
]
Opa = Annotated[
    Path | None,
    typer.Option("--opa", help="The program of OPA: its engine decides, not ours."),
]
CONFIG = Path("sallyport.yaml")


def replay(
    *,
    bundle: Draft,
    against: Against = None,
    since: Since = "",
    requests: Requests = None,
    opa: Opa = None,
    config: ConfigPath = CONFIG,
    by: By = "",
    as_json: AsJson = False,
) -> None:
    """Put past questions to a draft, and count what opens and what closes.

    Those of the archive, whose counts are rounded, and whose reading is an entry of
    the log; or those of a file.
    """
    do_replay(
        config,
        bundle,
        against=against,
        since=since,
        requests=requests,
        opa=opa,
        by=someone(by),
        as_json=as_json,
    )


def verify(
    bundle: Annotated[Path, typer.Argument(help="A bundle (.tar.gz).")],
    *,
    key: Annotated[
        Path,
        typer.Option("--key", help="The public key, PEM, that must have signed it."),
    ],
    as_json: AsJson = False,
) -> None:
    """Check a bundle's signature, files and revision; say what it is made of."""
    do_verify(bundle, key, as_json=as_json)


def activate(
    *,
    config: ConfigPath = CONFIG,
    since: Since = "",
    reason: Reason = "legal_change",
    expires: Expires = "",
    words: Words = "",
    out: Out = None,
    by: By = "",
    as_json: AsJson = False,
) -> None:
    """Look at the rules as they are now, and write the act that puts them into force.

    Lint without errors, every case as expected, proofs that hold, and past questions
    put to them: the act names all of that. Two people sign it (sallyport act sign),
    and sallyport act submit carries it out. With files edited
    afterwards it can't be carried out.
    """
    do_activate(
        config,
        since=since,
        reason=reason,
        expires=expires,
        words=words,
        out=out,
        by=someone(by),
        as_json=as_json,
    )


def rollback(
    number: Annotated[int, typer.Argument(help="The activation to go back to.")],
    *,
    config: ConfigPath = CONFIG,
    discard: Annotated[
        bool, typer.Option("--discard", help="Lose changes that were never in force.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Put the rules of an earlier activation back into the policies folder.

    They come into force again by a new activation: sallyport policy activate.
    """
    do_rollback(config, number, discard=discard, as_json=as_json)


def history(*, config: ConfigPath = CONFIG, as_json: AsJson = False) -> None:
    """List which rules came into force when, why, and who signed."""
    do_history(config, as_json=as_json)
