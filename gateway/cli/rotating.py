"""What ``sallyport rotate-keys`` does."""

from __future__ import annotations

import os
from pathlib import Path

from audit import AuditError, LogLocked, LogMissing
from gateway.cli.calling import NoGateway, call
from gateway.cli.commanding import configured
from gateway.cli.exit_codes import ExitCode
from gateway.cli.output import fail, show
from gateway.clock import SystemClock
from gateway.config import Config
from gateway.errors import InvalidFile
from gateway.ledger import rotate_keys

__all__ = ["carry_through"]


def _runs(config: Config) -> bool:
    """Whether a gateway answers here: a log on a server has no lock."""
    try:
        call(config.control.socket, {"command": "status"})
    except NoGateway:
        return False
    except OSError:
        pass
    return True


def carry_through(
    path: Path, folder: Path, *, reason: str, by: str, as_json: bool
) -> None:
    """Change the keys, say which entry announces it, and what is left to do."""
    config = configured(path, as_json=as_json)
    if _runs(config):
        problem = (
            "a gateway runs here: stop it first, and every other that shares the log"
        )
        fail(ExitCode.UNAVAILABLE, problem, as_json=as_json)
    if not folder.is_dir():
        made = f"sallyport audit keygen {folder} --origin {config.log.origin}"
        fail(
            ExitCode.NOT_DONE,
            f"{folder} is no folder; make the new keys first: {made}",
            as_json=as_json,
        )
    try:
        entry = rotate_keys(
            config,
            folder,
            reason=reason,
            by=by,
            uid=os.getuid(),
            clock=SystemClock(),
        )
    except InvalidFile as error:
        fail(ExitCode.MISTAKES, str(error), as_json=as_json)
    except LogLocked:
        problem = "another process has the log: stop the gateway first"
        fail(ExitCode.UNAVAILABLE, problem, as_json=as_json)
    except LogMissing:
        problem = "there is no log yet, and no key of it to change"
        fail(ExitCode.NOT_DONE, problem, as_json=as_json)
    except AuditError as error:
        fail(ExitCode.NOT_DONE, str(error), as_json=as_json)
    said = f"name the files of {folder} under log.keys, then run: sallyport activate"
    show({"entry": entry, "said": said}, as_json=as_json)
