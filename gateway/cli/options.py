"""The options that commands share."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated

import typer

__all__ = [
    "AsJson",
    "By",
    "ConfigPath",
    "Expires",
    "Out",
    "Reason",
    "Wait",
    "Words",
    "someone",
]

ConfigPath = Annotated[
    Path,
    typer.Option(
        "--config",
        "-c",
        envvar="SALLYPORT_CONFIG",
        help="The configuration file.",
        show_envvar=True,
    ),
]
"""Where ``sallyport.yaml`` lies."""

AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON, for programs.")]
"""Whether the answer is for a program."""

By = Annotated[
    str, typer.Option("--by", help="Who does this; sealed. By default this user.")
]
"""Who acts."""

Reason = Annotated[
    str, typer.Option("--reason", help="Why: a word of the closed list.")
]
"""Why something is done."""


Expires = Annotated[
    str,
    typer.Option(
        "--expires",
        help="Until when, as 2026-12-01T00:00:00Z. By default seven days from now.",
    ),
]
"""The instant from which an act can't be carried out any more."""

Wait = Annotated[
    float,
    typer.Option(
        "--wait",
        min=0,
        max=3600,
        metavar="SECONDS",
        help="Wait so long for a gateway that is starting; else say that none runs.",
    ),
]
"""How long to wait for a gateway, in seconds."""

Words = Annotated[
    str, typer.Option("--words", help="Why, in free text: signed, and sealed.")
]
"""What people say about an act."""

Out = Annotated[Path | None, typer.Option("--out", help="Where the act's file goes.")]
"""The file that is written."""


def someone(by: str) -> str:
    """Return who acts: as given, else the user of this machine."""
    return by or getpass.getuser()
