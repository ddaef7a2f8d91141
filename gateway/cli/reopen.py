"""``sallyport reopen``: answer again after the gateway closed itself."""

from __future__ import annotations

from pathlib import Path

from gateway.cli.later import later
from gateway.cli.options import AsJson, By, ConfigPath, Reason, someone

__all__ = ["reopen"]

carry_out = later("gateway.cli.commanding:carry_out")


def reopen(
    *,
    config: ConfigPath = Path("sallyport.yaml"),
    reason: Reason = "resolved",
    by: By = "",
    as_json: AsJson = False,
) -> None:
    """Answer again after the gateway closed itself.

    After a policy engine was caught saying something wrong, look first: the log has the
    question and both answers, for an auditor to replay. Each engine is asked its known
    questions; while one is wrong, it stays closed. After a start with a state that is
    older than the log, put back the newest copy first, if there is a newer one;
    approvals in it are withdrawn, to be asked for anew. One log entry.
    """
    command = {"command": "reopen", "reason": reason, "by": someone(by)}
    carry_out(config, command, as_json=as_json)
