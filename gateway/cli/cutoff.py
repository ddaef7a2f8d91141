"""``sallyport cutoff``: stop releasing at once, see what is stopped, let it go."""

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

__all__ = ["add", "app", "lift", "listed"]

carry_out = later("gateway.cli.commanding:carry_out")
draft = later("gateway.cli.act_work:draft")

app = typer.Typer(
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Stop releasing at once, and let it go.",
)


@app.command()
def add(
    scope: Annotated[str, typer.Argument(help="all, family, agency or dataset.")],
    name: Annotated[str, typer.Argument(help="Which one; nothing for all.")] = "",
    *,
    config: ConfigPath = Path("sallyport.yaml"),
    reason: Reason = "security_incident",
    by: By = "",
    as_json: AsJson = False,
) -> None:
    """Stop releasing to a family or agency, from a dataset, or everything."""
    command = {
        "command": "cutoff-add",
        "scope": scope,
        "name": name,
        "reason": reason,
        "by": someone(by),
    }
    carry_out(config, command, as_json=as_json)


@app.command("list")
def listed(
    *, config: ConfigPath = Path("sallyport.yaml"), as_json: AsJson = False
) -> None:
    """List the cut-offs in force."""
    carry_out(config, {"command": "cutoff-list"}, as_json=as_json)


@app.command()
def lift(
    number: Annotated[int, typer.Argument(help="Its number in the list.")],
    *,
    config: ConfigPath = Path("sallyport.yaml"),
    reason: Reason = "resolved",
    expires: Expires = "",
    words: Words = "",
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Write the act that lets a cut-off go; two people sign it."""
    command = {
        "command": "draft-lift",
        "number": number,
        "reason": reason,
        "expires": expires,
        "words": words,
    }
    draft(config, command, out=out, as_json=as_json)
