"""The work of ``sallyport check``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gateway.cli.commanding import configured
from gateway.cli.exit_codes import ExitCode
from gateway.cli.output import fail, show, tell
from gateway.config import Config, resolved
from gateway.errors import InvalidFile
from gateway.in_force import read_files

__all__ = ["check_files"]


def check_files(path: Path, *, as_json: bool) -> None:
    """Print what the files come to, or end with every mistake named."""
    config = configured(path, as_json=as_json)
    try:
        found = _found(config)
    except InvalidFile as error:
        fail(ExitCode.MISTAKES, str(error), as_json=as_json)
    show(found, as_json=as_json)
    if not as_json:
        tell("no mistakes; what is in force is what was activated: sallyport status")


def _found(config: Config) -> dict[str, Any]:
    written = read_files(config)
    return {
        "configuration": resolved(config),
        "files": dict(sorted(written.manifest.files)),
        "datasets": sorted(written.catalogue.datasets),
        "policy": written.bundle.revision,
        "manifest": written.manifest.digest,
    }
