"""``sallyport check``: read every file, name every mistake, print what it comes to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from gateway.cli.commanding import configured
from gateway.cli.exit_codes import ExitCode
from gateway.cli.options import AsJson, ConfigPath
from gateway.cli.output import fail, show, tell

if TYPE_CHECKING:
    from gateway.config import Config

__all__ = ["check"]


def check(config: ConfigPath = Path("sallyport.yaml"), as_json: AsJson = False) -> None:
    """Read the whole configuration, resolve it, and print the manifest's digest.

    Changes nothing and asks nobody: it works while a gateway runs and while none does.
    """
    from gateway.errors import InvalidFile

    loaded = configured(config, as_json=as_json)
    try:
        found = _found(loaded)
    except InvalidFile as error:
        fail(ExitCode.MISTAKES, str(error), as_json=as_json)
    show(found, as_json=as_json)
    if not as_json:
        tell("no mistakes; what is in force is what was activated: sallyport status")


def _found(config: Config) -> dict[str, Any]:
    from gateway.config import resolved
    from gateway.in_force import read_files

    written = read_files(config)
    return {
        "configuration": resolved(config),
        "files": dict(sorted(written.manifest.files)),
        "datasets": sorted(written.catalogue.datasets),
        "policy": written.bundle.revision,
        "manifest": written.manifest.digest,
    }
