"""``sallyport check``: read every file, name every mistake, print what it comes to."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.later import later
from gateway.cli.options import AsJson, ConfigPath

__all__ = ["check"]

check_files = later("gateway.cli.checking:check_files")

Everything = Annotated[
    bool, typer.Option("--all", help="List every setting and file as resolved.")
]
"""Whether the whole listing is wanted."""


def check(
    *,
    config: ConfigPath = Path("sallyport.yaml"),
    everything: Everything = False,
    as_json: AsJson = False,
) -> None:
    """Read every file, print what it comes to and the digest.

    Loads all that serve would load: certificates, keys, papers, rules, datasets; says
    which files are others than those in force, where the log is in a folder.
    Changes nothing and asks nobody: it works while a gateway runs and while none does.
    """
    check_files(config, everything=everything, as_json=as_json)
