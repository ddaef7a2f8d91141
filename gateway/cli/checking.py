"""The work of ``sallyport check``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from audit.changes import POLICY
from gateway.cli.changed import changed_since
from gateway.cli.commanding import configured
from gateway.cli.exit_codes import ExitCode
from gateway.cli.expiring import certificates_looked_at
from gateway.cli.finding import Verdict
from gateway.cli.output import fail, show, tell
from gateway.cli.usable import unusable
from gateway.cli.worth_a_look import worth_a_look
from gateway.clock import SystemClock
from gateway.config import Config, resolved
from gateway.errors import GatewayError, InvalidFile, Mistake
from gateway.in_force import Written, read_files

__all__ = ["check_files"]


def check_files(path: Path, *, everything: bool, as_json: bool) -> None:
    """Print what the files come to, or end with every mistake named.

    Args:
        path: the configuration file.
        everything: list every setting and file, not only a summary.
        as_json: print JSON, always with everything.
    """
    config = configured(path, as_json=as_json)
    mistakes = list(unusable(config))
    try:
        written = read_files(config)
    except InvalidFile as error:
        _end([*mistakes, *error.mistakes], as_json=as_json)
    except GatewayError as error:
        fail(ExitCode.UNAVAILABLE, str(error), as_json=as_json)
    if mistakes:
        _end(mistakes, as_json=as_json)
    warnings = [*map(str, worth_a_look(config, written)), *_refused(config)]
    changed = changed_since(config, written)
    if as_json:
        found = {**_found(config, written), "changed": changed, "warnings": warnings}
        show(found, as_json=True)
        return
    show(_found(config, written) if everything else _summary(written), as_json=False)
    for line in map("warning: {}".format, warnings):
        tell(line)
    if changed:
        tell(f"changed since the activation in force: {', '.join(changed)}")
    tell(_last(config, warnings, changed))


def _refused(config: Config) -> Iterator[str]:
    """Yield the certificates that nobody takes: they ended, or lack what they need."""
    for item in certificates_looked_at(config, SystemClock()):
        if item.verdict is Verdict.WRONG:
            yield str(item)


def _end(mistakes: list[Mistake], *, as_json: bool) -> NoReturn:
    """End with every mistake, each once."""
    said = "\n".join(dict.fromkeys(map(str, mistakes)))
    fail(ExitCode.MISTAKES, said, as_json=as_json)


def _last(config: Config, warnings: list[str], changed: list[str] | None) -> str:
    """Return the last line: how it went, and what is to be done, if anything is."""
    number = f"{len(warnings)} warning{'s' if len(warnings) > 1 else ''}"
    well = f"no mistakes, {number}" if warnings else "no mistakes"
    command = (
        "sallyport policy activate"
        if POLICY in (changed or ())
        else "sallyport activate"
    )
    todo = (
        "These files are in force already."
        if changed == []
        else f"{command} writes the act that puts these files into force."
    )
    return f"{config.path.name}: {well}. {todo}"


def _summary(written: Written) -> dict[str, Any]:
    return {
        "datasets": sorted(written.catalogue.datasets),
        "agencies": len(list(written.registry.agencies)),
        "policy": written.bundle.revision,
        "manifest": written.manifest.digest,
    }


def _found(config: Config, written: Written) -> dict[str, Any]:
    return {
        "configuration": resolved(config),
        "files": dict(sorted(written.manifest.files)),
        "datasets": sorted(written.catalogue.datasets),
        "policy": written.bundle.revision,
        "manifest": written.manifest.digest,
    }
