"""``sallyport activate``: have the files as they are now put into force."""

from __future__ import annotations

from pathlib import Path

from gateway.cli.later import later
from gateway.cli.options import AsJson, ConfigPath, Expires, Out, Reason, Words

__all__ = ["activate"]

draft = later("gateway.cli.act_work:draft")


def activate(
    *,
    config: ConfigPath = Path("sallyport.yaml"),
    reason: Reason = "scheduled",
    expires: Expires = "",
    words: Words = "",
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Write the act that puts the files as they are now into force.

    Manifest and policy bundle together. Two people sign it (sallyport act sign), and
    sallyport act submit carries it out.
    """
    command = {
        "command": "draft-activation",
        "reason": reason,
        "expires": expires,
        "words": words,
    }
    draft(config, command, out=out, as_json=as_json)
