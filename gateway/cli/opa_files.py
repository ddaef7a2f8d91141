"""The work of ``sallyport opa config``."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from gateway.cli.commanding import configured
from gateway.cli.exit_codes import ExitCode
from gateway.cli.output import fail, show
from gateway.config import address
from gateway.errors import InvalidFile
from gateway.policy.credentials import read_credentials
from gateway.policy.opaconfig import opa_files, start_command

__all__ = ["write_files"]


def write_files(path: Path, out: Path, *, as_json: bool) -> None:
    """Write both files, or end with what stands in the way."""
    config = configured(path, as_json=as_json)
    if config.opa is None:
        problem = f"{config.path.name} has no section opa: no engine to configure"
        fail(ExitCode.MISTAKES, problem, as_json=as_json)
    _, port = address(config.admin.listen)
    if not port:
        problem = f"{config.path.name}:admin.listen: names no port, so OPA finds none"
        fail(ExitCode.MISTAKES, problem, as_json=as_json)
    try:
        known = read_credentials(config.opa)
        files = opa_files(
            admin=f"http://{config.admin.listen}",
            key_id=config.opa.key_id,
            public_key=known.public_key,
            token=known.token,
        )
        out.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (out / name).write_text(text)
    except InvalidFile as error:
        fail(ExitCode.MISTAKES, str(error), as_json=as_json)
    except OSError as error:
        fail(ExitCode.MISTAKES, f"{out}: {error.strerror}", as_json=as_json)
    found = {
        "files": [str(out / name) for name in files],
        "start": start_command(str(out), urlsplit(config.opa.url).netloc),
    }
    show(found, as_json=as_json)
