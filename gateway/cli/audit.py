"""``sallyport audit``: the log's own commands, as ``python -m audit`` has them."""

from __future__ import annotations

import sys

import typer

__all__ = ["audit"]


def audit(context: typer.Context) -> None:
    """Verify, show, prove, open and publish the log; see ``sallyport audit --help``.

    Exit codes: 0 well, 1 tampering, 2 cannot tell, 3 unwitnessed.
    """
    from audit.cli import main

    sys.exit(main(context.args))
