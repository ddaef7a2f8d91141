"""``sallyport instrument``: what was found out about a legal paper."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.later import later
from gateway.cli.options import AsJson, ConfigPath, Expires, Out, Reason, Words

__all__ = ["app", "confirm", "papers", "record"]

carry_out = later("gateway.cli.commanding:carry_out")
draft = later("gateway.cli.act_work:draft")

app = typer.Typer(
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Record what was found out about papers.",
)


@app.callback()
def papers() -> None:
    """Record what was found out about legal papers."""


@app.command()
def confirm(
    digest: Annotated[str, typer.Argument(help="SHA-256 of the document, in hex.")],
    *,
    config: ConfigPath = Path("sallyport.yaml"),
    reason: Reason = "verified",
    expires: Expires = "",
    words: Words = "",
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Write the act that a registered paper's issuer confirmed it; two people sign it.

    The digest stays out of the public log: there is only a commitment to it.
    """
    command = {
        "command": "draft-paper",
        "document": digest,
        "reason": reason,
        "expires": expires,
        "words": words,
    }
    draft(config, command, out=out, as_json=as_json)


@app.command()
def record(
    digest: Annotated[str, typer.Argument(help="SHA-256 of the document, in hex.")],
    state: Annotated[str, typer.Argument(help="What was found out: a state.")],
    *,
    by: Annotated[str, typer.Option("--by", help="Who found it out; sealed.")],
    config: ConfigPath = Path("sallyport.yaml"),
    as_json: AsJson = False,
) -> None:
    """Record anything else that was found out about a paper: it can only close."""
    command = {
        "command": "instrument-record",
        "document": digest,
        "state": state,
        "by": by,
    }
    carry_out(config, command, as_json=as_json)
