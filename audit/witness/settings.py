"""What a witness is set up with: a TOML file, every mistake in it named at once.

::

    listen = "127.0.0.1:7380"
    database = "witness.db"
    keys = ["witness.key"]

    [[logs]]
    vkeys = "county.vkey"

Paths are relative to the file.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from audit.encoding import Json
from audit.errors import AuditError, CannotTell, KeyFileRefused, Malformed
from audit.keyfiles import read_signer, read_vkeys
from audit.signer import Signer
from audit.vkey import COSIGNATURE, ED25519, MLDSA44, Verifier

__all__ = ["KnownLog", "Settings", "read_settings"]

PER_MINUTE = 600
"""A log that asks for each of its checkpoints, four a second, stays well below."""

_LISTEN = re.compile(
    r"(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]+)):([0-9]{1,5})", re.ASCII
)
_LAST_PORT = 65_535
_TOP = {"listen", "database", "keys", "certificate", "private_key", "logs"}
_LOG = {"vkeys", "per_minute"}


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownLog:
    """A log that is witnessed."""

    origin: str
    keys: tuple[Verifier, ...]
    per_minute: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """A witness's whole configuration."""

    host: str
    port: int
    database: Path
    signers: tuple[Signer, ...]
    logs: Mapping[str, KnownLog]
    certificate: Path | None = None
    private_key: Path | None = None


def read_settings(path: Path) -> Settings:
    """Read a witness's configuration.

    Raises:
        CannotTell: naming every mistake, each with its place.
    """
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise CannotTell(f"{path.name}: {error.strerror}") from None
    except ValueError as error:  # not UTF-8, or not TOML
        raise CannotTell(f"{path.name}: {error}") from None
    reading = _Reading(folder=path.parent)
    found = reading.settings(document)
    if found is None:
        lines = (f"{path.name}: {each}" for each in reading.mistakes)
        raise CannotTell("\n".join(lines))
    return found


@dataclass(kw_only=True, slots=True)
class _Reading:
    folder: Path
    mistakes: list[str] = field(default_factory=list)

    def settings(self, document: Mapping[str, Json]) -> Settings | None:
        """Return what the document says, or none where it has mistakes."""
        self._unknown("", document, _TOP)
        host, port = self._listen(document.get("listen"))
        database = self._path("database", document.get("database"))
        signers = tuple(self._signers(document.get("keys")))
        logs = {each.origin: each for each in self._logs(document.get("logs"))}
        tls = [
            self._path(name, document[name]) if name in document else None
            for name in ("certificate", "private_key")
        ]
        if (tls[0] is None) != (tls[1] is None):
            self.mistakes.append("certificate and private_key belong together")
        if self.mistakes or database is None:
            return None
        return Settings(
            host=host,
            port=port,
            database=database,
            signers=signers,
            logs=logs,
            certificate=tls[0],
            private_key=tls[1],
        )

    def _unknown(self, place: str, table: Mapping[str, Json], known: set[str]) -> None:
        self.mistakes += [
            f"{place}{name}: is not a setting; known are {', '.join(sorted(known))}"
            for name in sorted(table.keys() - known)
        ]

    def _listen(self, value: Json) -> tuple[str, int]:
        match = _LISTEN.fullmatch(value) if isinstance(value, str) else None
        if match is None or int(match[3]) > _LAST_PORT:
            self.mistakes.append("listen: is to be host:port, as 127.0.0.1:7380")
            return "", 0
        return match[1] or match[2], int(match[3])

    def _path(self, place: str, value: Json) -> Path | None:
        if not isinstance(value, str) or not value:
            self.mistakes.append(f"{place}: is to be a file's path")
            return None
        return self.folder / value

    def _signers(self, value: Json) -> Iterator[Signer]:
        if not isinstance(value, list) or not value:
            self.mistakes.append("keys: is to be a list of key files, one at least")
            return
        for place, each in enumerate(value):
            signer = self._signer(f"keys.{place}", each)
            if signer is None:
                continue
            if signer.verifier.kind in {COSIGNATURE, MLDSA44}:
                yield signer
            else:
                self.mistakes.append(f"keys.{place}: is no key that cosigns")

    def _signer(self, place: str, value: Json) -> Signer | None:
        path = self._path(place, value)
        if path is None:
            return None
        try:
            return read_signer(path)
        except Malformed as error:
            self.mistakes.append(f"{place}: {path.name}: {error}")
        except (KeyFileRefused, CannotTell) as error:
            self.mistakes.append(f"{place}: {error}")
        return None

    def _logs(self, value: Json) -> Iterator[KnownLog]:
        if not isinstance(value, list) or not value:
            self.mistakes.append("logs: is to be a list of logs, one at least")
            return
        origins: set[str] = set()
        for place, table in enumerate(value):
            if not isinstance(table, dict):
                self.mistakes.append(f"logs.{place}: is to be a table")
                continue
            self._unknown(f"logs.{place}.", table, _LOG)
            log = self._log(f"logs.{place}", table)
            if log is not None and log.origin in origins:
                self.mistakes.append(f"logs.{place}: {log.origin} is named twice")
            elif log is not None:
                origins.add(log.origin)
                yield log

    def _log(self, place: str, table: Mapping[str, Json]) -> KnownLog | None:
        per_minute = table.get("per_minute", PER_MINUTE)
        if type(per_minute) is not int or per_minute < 1:
            self.mistakes.append(f"{place}.per_minute: is to be a number, 1 or more")
            return None
        path = self._path(f"{place}.vkeys", table.get("vkeys"))
        if path is None:
            return None
        try:
            keys = read_vkeys([path])
        except Malformed as error:
            self.mistakes.append(f"{place}.vkeys: {path.name}: {error}")
            return None
        except AuditError as error:
            self.mistakes.append(f"{place}.vkeys: {error}")
            return None
        origins = {key.name for key in keys if _of_a_log(key)}
        if len(origins) != 1:
            self.mistakes.append(f"{place}.vkeys: {path.name}: is of no one log")
            return None
        [origin] = origins
        signing = tuple(key for key in keys if key.name == origin)
        return KnownLog(origin=origin, keys=signing, per_minute=per_minute)


def _of_a_log(key: Verifier) -> bool:
    """Whether a key signs checkpoints: not receipts, not their time."""
    receipt = key.kind == ED25519 and key.name.endswith("/receipt")
    return key.kind in {ED25519, MLDSA44} and not receipt
