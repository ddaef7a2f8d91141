"""``sallyport doctor``: look at every part and say what to do about it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.later import later
from gateway.cli.options import AsJson, ConfigPath

__all__ = ["doctor"]

look = later("gateway.cli.looking:look")

Allow = Annotated[
    bool,
    typer.Option(
        "--allow-unwitnessed", help="Exit 0 where it would be 3; still says so."
    ),
]
"""Whether an unwitnessed log is well enough."""


def doctor(
    *,
    config: ConfigPath = Path("sallyport.yaml"),
    allow_unwitnessed: Allow = False,
    as_json: AsJson = False,
) -> None:
    """Look at every part, say what is wrong and what to do about it.

    Files, keys, certificates, agreements, gateway, activation, folders, disk, ports,
    clock, rules, OPA, issuers, sources, state and log. Releases nothing and changes
    nothing; works while a gateway runs and while none does. Run it as the gateway's
    user. Ends with 0 (well, maybe with warnings), 1 (something is wrong) or 3 (well,
    but unwitnessed). With --json each finding has part, verdict (well, warning,
    unwitnessed or wrong), sentence and advice.
    """
    look(config, allow_unwitnessed=allow_unwitnessed, as_json=as_json)
