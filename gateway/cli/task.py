"""``sallyport task``: what the law makes somebody do, each with its clock."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.later import later
from gateway.cli.options import AsJson, ConfigPath

__all__ = ["app", "listed"]

carry_out = later("gateway.cli.commanding:carry_out")

app = typer.Typer(
    rich_markup_mode=None,
    no_args_is_help=True,
    help="See what the law makes somebody do.",
)


@app.callback()
def _group() -> None:
    """Be a group although there is one command."""


@app.command("list")
def listed(
    state: Annotated[str, typer.Option(help="open, done or cancelled.")] = "open",
    *,
    config: ConfigPath = Path("sallyport.yaml"),
    as_json: AsJson = False,
) -> None:
    """List tasks, the first due first; answer_after_fault is an answer still owed."""
    carry_out(config, {"command": "task-list", "state": state}, as_json=as_json)
