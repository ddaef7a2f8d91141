"""``sallyport review``: requests that wait for a person."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.later import later
from gateway.cli.options import AsJson, ConfigPath

__all__ = ["app", "listed", "show"]

carry_out = later("gateway.cli.commanding:carry_out")

app = typer.Typer(
    rich_markup_mode=None,
    no_args_is_help=True,
    help="See requests that wait for a person.",
)


@app.command("list")
def listed(
    state: Annotated[
        str, typer.Option(help="waiting, approved, denied, expired, withdrawn or all.")
    ] = "waiting",
    *,
    config: ConfigPath = Path("sallyport.yaml"),
    as_json: AsJson = False,
) -> None:
    """List requests that wait, the first due first."""
    carry_out(config, {"command": "review-list", "state": state}, as_json=as_json)


@app.command()
def show(
    exchange: Annotated[str, typer.Argument(help="The exchange's identifier.")],
    *,
    config: ConfigPath = Path("sallyport.yaml"),
    as_json: AsJson = False,
) -> None:
    """Show one of them; what was asked stays sealed."""
    command = {"command": "review-show", "exchange": exchange}
    carry_out(config, command, as_json=as_json)
