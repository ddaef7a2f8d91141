"""``sallyport task``: what the law makes somebody do, each with its clock."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.later import later
from gateway.cli.options import AsJson, By, ConfigPath, someone

__all__ = ["app", "close", "listed"]

carry_out = later("gateway.cli.commanding:carry_out")

_AT_A_TIME = 1000
"""How many of a kind one command closes."""

app = typer.Typer(
    rich_markup_mode=None,
    no_args_is_help=True,
    help="See what the law makes somebody do, and say that it is done.",
)


@app.command("list")
def listed(
    state: Annotated[str, typer.Option(help="open, done or cancelled.")] = "open",
    *,
    do: Annotated[
        str, typer.Option(help="Only what says that this is to be done.")
    ] = "",
    said: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="Only with this of the rule's words."),
    ] = None,
    exchange: Annotated[
        str, typer.Option(help="Only what this exchange brought.")
    ] = "",
    overdue: Annotated[
        bool, typer.Option("--overdue", help="Only what is past its time.")
    ] = False,
    most: Annotated[int, typer.Option(help="How many at most.")] = 1000,
    config: ConfigPath = Path("sallyport.yaml"),
    as_json: AsJson = False,
) -> None:
    """List tasks, the first due first; answer_after_fault is an answer still owed."""
    command = {
        "command": "task-list",
        "state": state,
        "do": do,
        "said": [*(said or ())],
        "exchange": exchange,
        "overdue": overdue,
        "most": most,
    }
    carry_out(config, command, as_json=as_json, most=most)


@app.command()
def close(
    tasks: Annotated[
        list[str] | None, typer.Argument(help="Their identifiers in the list.")
    ] = None,
    *,
    do: Annotated[
        str,
        typer.Option(help="Instead: all that say this is to be done; 1000 a time."),
    ] = "",
    said: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUE", help="With --do: those with this of the rule's words."
        ),
    ] = None,
    exchange: Annotated[
        str, typer.Option(help="With --do: those that this exchange brought.")
    ] = "",
    cancelled: Annotated[
        bool,
        typer.Option("--cancelled", help="They need not be done; --words says why."),
    ] = False,
    words: Annotated[
        str, typer.Option("--words", help="What was done, or why not; sealed.")
    ] = "",
    by: By = "",
    config: ConfigPath = Path("sallyport.yaml"),
    as_json: AsJson = False,
) -> None:
    """Say that tasks were done: each becomes an entry that says who says so."""
    command = {
        "command": "task-close",
        "tasks": [*(tasks or ())],
        "do": do,
        "said": [*(said or ())],
        "exchange": exchange,
        "state": "cancelled" if cancelled else "done",
        "words": words,
        "by": someone(by),
    }
    carry_out(config, command, as_json=as_json, most=_AT_A_TIME if do else 0)
