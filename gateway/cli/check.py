"""``sallyport check``: read every file, name every mistake, print what it comes to."""

from __future__ import annotations

from pathlib import Path

from gateway.cli.later import later
from gateway.cli.options import AsJson, ConfigPath

__all__ = ["check"]

check_files = later("gateway.cli.checking:check_files")


def check(
    *, config: ConfigPath = Path("sallyport.yaml"), as_json: AsJson = False
) -> None:
    """Read every file, print what it comes to and the digest.

    Changes nothing and asks nobody: it works while a gateway runs and while none does.
    """
    check_files(config, as_json=as_json)
