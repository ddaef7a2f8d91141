"""The small types that settings are made of."""

from __future__ import annotations

import ipaddress
import re
import zoneinfo
from pathlib import Path
from typing import Annotated, cast
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo

__all__ = [
    "NAME",
    "File",
    "Listen",
    "LoopbackListen",
    "Name",
    "Origin",
    "Quorum",
    "Section",
    "TimeZone",
    "Url",
    "address",
    "packaged_policies",
    "written",
]

_MAX_PORT = 65_535


class Section(BaseModel):
    """A part of the configuration: nothing unknown, nothing coerced, frozen."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, validate_default=True
    )


def _absolute(path: Path, info: ValidationInfo) -> Path:
    """Resolve a path against the folder of the configuration file."""
    context: dict[str, Path] = info.context or {}
    return context.get("base", Path.cwd()) / path


def address(listen: str) -> tuple[str, int]:
    """Split ``host:port`` or ``[v6]:port``.

    Raises:
        ValueError: when it is not of that form, or the port is above 65,535.
    """
    match = re.fullmatch(r"(?:\[([0-9a-fA-F:.]+)\]|([^\s:\[\]]+)):(\d{1,5})", listen)
    if match is None or int(match[3]) > _MAX_PORT:
        raise ValueError(f"must be host:port, up to {_MAX_PORT}, as 127.0.0.1:8443")
    return match[1] or match[2], int(match[3])


def _listen(value: str) -> str:
    address(value)
    return value


def _loopback(value: str) -> str:
    host, _ = address(value)
    try:
        local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = host == "localhost"
    if not local:
        raise ValueError("must listen on loopback only, for example 127.0.0.1:9443")
    return value


def _zone(value: str) -> str:
    try:
        zoneinfo.ZoneInfo(value)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(
            f"{value!r} is not a time zone; use a name such as America/Chicago"
        ) from error
    return value


def _url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        raise ValueError("must be an https URL")
    if parts.query or parts.fragment or parts.username or parts.password:
        raise ValueError("must be a plain https URL: no query, fragment or user")
    return value


def written(path: str) -> Path:
    """Return a default path as it would be written in the file.

    Defaults are validated like what is read, and JSON mode reads paths from text;
    the validator makes it the absolute path that the type promises.
    """
    return cast("Path", path)


def packaged_policies() -> Path:
    """Return the rules that came with this installation.

    In a wheel they lie inside the package; in a source tree beside it.
    """
    package = Path(__file__).resolve().parents[1]
    inside = package / "_policies"
    return inside if inside.is_dir() else package.parent / "policies"


File = Annotated[Path, AfterValidator(_absolute)]
"""A path; relative ones are relative to the configuration file."""

NAME = r"^[a-z0-9][a-z0-9_-]{0,63}$"
"""The form of a name of the operator's choosing."""

Name = Annotated[str, Field(pattern=NAME)]
"""A name of the operator's choosing: lower case, digits, ``-`` and ``_``."""

Listen = Annotated[str, AfterValidator(_listen)]
"""Where to listen: ``host:port``."""

LoopbackListen = Annotated[str, AfterValidator(_loopback)]
"""Where to listen, on loopback only."""

TimeZone = Annotated[str, AfterValidator(_zone)]
"""An IANA time zone name."""

Url = Annotated[str, AfterValidator(_url)]
"""An absolute URL without query, fragment or user."""


def _quorum(value: str, info: ValidationInfo) -> str:
    return value if value == "none" else str(_absolute(Path(value), info))


Quorum = Annotated[str, Field(min_length=1), AfterValidator(_quorum)]
"""The word ``none``, or the file that names the witness quorum."""

Origin = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,200}$")]
"""The log's name in every checkpoint: scheme-less, no spaces, no ``+``."""
