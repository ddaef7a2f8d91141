"""``sallyport demo``: a synthetic county, real requests, and the log's proof."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.later import later
from gateway.cli.options import AsJson

__all__ = ["app", "demo", "token"]

show_demo = later("gateway.cli.demonstrating:show_demo")
show_token = later("gateway.cli.demonstrating:show_token")

app = typer.Typer(
    help="Show the main job on a synthetic county, within a minute.",
    invoke_without_command=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

_DEFAULT_RECORDS = 300
_MOST_RECORDS = 1_000_000


@app.callback()
def demo(
    context: typer.Context,
    *,
    directory: Annotated[
        Path | None,
        typer.Option(
            "--dir", help="Leave everything in this new folder; else it is removed."
        ),
    ] = None,
    serve: Annotated[
        bool, typer.Option("--serve", help="Stay up afterwards, with curl calls.")
    ] = False,
    records: Annotated[
        int,
        typer.Option(
            "--records", min=40, max=_MOST_RECORDS, help="People in the county."
        ),
    ] = _DEFAULT_RECORDS,
    as_json: AsJson = False,
    no_colour: Annotated[
        bool, typer.Option("--no-colour", "--no-color", help="Never use colour.")
    ] = False,
) -> None:
    """Show the main job on a synthetic county, within a minute."""
    if context.invoked_subcommand is None:
        show_demo(
            directory=directory,
            serve=serve,
            records=records,
            as_json=as_json,
            colour=not no_colour,
        )


@app.command()
def token(
    name: Annotated[str, typer.Argument(help="The requester, as its folder is named.")],
    *,
    directory: Annotated[Path, typer.Option("--dir", help="The demo's folder.")],
) -> None:
    """Mint a new token for a requester; it lives ten minutes."""
    show_token(directory, name)
