"""``sallyport instrument``: what was found out about a legal paper."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.later import later
from gateway.cli.options import AsJson, ConfigPath

__all__ = ["app", "confirm", "papers"]

carry_out = later("gateway.cli.commanding:carry_out")

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
    by: Annotated[str, typer.Option("--by", help="Who confirmed it; sealed.")],
    state: Annotated[
        str, typer.Option(help="What was found out: a state of papers.")
    ] = "issuer_confirmed",
    *,
    config: ConfigPath = Path("sallyport.yaml"),
    as_json: AsJson = False,
) -> None:
    """Record that a paper's issuer confirmed it, or another state of it.

    The digest stays out of the public log: there is only a commitment to it.
    """
    command = {
        "command": "instrument-confirm",
        "document": digest,
        "state": state,
        "by": by,
    }
    carry_out(config, command, as_json=as_json)
