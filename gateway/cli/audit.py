"""``sallyport audit``: the log's own commands, as ``python -m audit`` has them."""

from __future__ import annotations

import sys

import typer

from gateway.cli.later import later

__all__ = ["audit"]

run_audit = later("audit.cli:main")


def audit(context: typer.Context) -> None:
    """Verify, show, prove, open and publish the log.

    Exit codes: 0 well, 1 tampering, 2 cannot tell, 3 unwitnessed.
    """
    sys.exit(run_audit(context.args))
