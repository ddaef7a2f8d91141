"""``sallyport activate``: put the files as they are now into force."""

from __future__ import annotations

from pathlib import Path

from gateway.cli.later import later
from gateway.cli.options import AsJson, By, ConfigPath, Reason, someone

__all__ = ["activate"]

carry_out = later("gateway.cli.commanding:carry_out")


def activate(
    *,
    config: ConfigPath = Path("sallyport.yaml"),
    reason: Reason = "scheduled",
    by: By = "",
    as_json: AsJson = False,
) -> None:
    """Put the files as they are now into force.

    Manifest and policy bundle together; one log entry. The first one begins the log.
    """
    command = {"command": "activate", "reason": reason, "by": someone(by)}
    carry_out(config, command, as_json=as_json, create=True)
