"""``sallyport rotate-keys``: give the log new signing keys."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.later import later
from gateway.cli.options import AsJson, By, ConfigPath, Reason, someone

__all__ = ["rotate_keys"]

carry_through = later("gateway.cli.rotating:carry_through")


def rotate_keys(
    folder: Annotated[
        Path, typer.Argument(help="The new keys: what audit keygen made.")
    ],
    *,
    config: ConfigPath = Path("sallyport.yaml"),
    reason: Reason = "scheduled",
    by: By = "",
    as_json: AsJson = False,
) -> None:
    """Give the log new signing keys; the gateway must be stopped.

    The old keys announce the new ones in an entry, the last one that they sign for.
    Then name the new files in the configuration and activate it.
    """
    carry_through(config, folder, reason=reason, by=someone(by), as_json=as_json)
