"""The log's keys and the auditors', and the files they lie in.

A log signs with three keys: ``<origin>`` its checkpoints, ``<origin>/receipt`` its
receipts, ``<origin>/time`` the time of its checkpoints. An auditor has an X25519
key that sealed parts are sealed to; the gateway only knows its public half.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import (
    X25519PrivateKey,
    X25519PublicKey,
)

from audit.errors import KeyFileRefused, Malformed
from audit.note import (
    COSIGNATURE,
    ED25519,
    Verifier,
    b64decode,
    b64encode,
    key_name_fault,
)
from audit.signer import SeedSigner, Signer

__all__ = [
    "Auditor",
    "AuditorKey",
    "LogKeys",
    "read_secret",
    "read_vkeys",
    "write_public",
    "write_secret",
]

# 0xff is the note format's type for what has no number; an identifier follows.
_AUDITOR_TYPE = b"\xffsallyport-auditor-x25519\x00"
_AUDITOR_SECRET = "AUDITOR+KEY+"  # noqa: S105 - a marker that begins a key's text
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_KEY_SIZE = 32


@dataclass(frozen=True, kw_only=True, slots=True)
class LogKeys:
    """The three signing keys of a log; their names follow from its origin."""

    log: Signer
    receipt: Signer
    time: Signer

    def __post_init__(self) -> None:
        origin = self.origin
        wanted = {
            "log": (self.log, origin, ED25519),
            "receipt": (self.receipt, f"{origin}/receipt", ED25519),
            "time": (self.time, f"{origin}/time", COSIGNATURE),
        }
        for role, (signer, name, kind) in wanted.items():
            if (signer.verifier.name, signer.verifier.kind) != (name, kind):
                raise KeyFileRefused(f"the {role} key is not one of {origin}")

    @property
    def origin(self) -> str:
        """The log's name."""
        return self.log.verifier.name

    @property
    def verifiers(self) -> tuple[Verifier, ...]:
        """The public halves: log, receipt, time."""
        return (self.log.verifier, self.receipt.verifier, self.time.verifier)

    @classmethod
    def generate(cls, origin: str) -> LogKeys:
        """Return new keys for a log of this name."""
        return cls(
            log=SeedSigner.generate(origin),
            receipt=SeedSigner.generate(f"{origin}/receipt"),
            time=SeedSigner.generate(f"{origin}/time", COSIGNATURE),
        )

    @classmethod
    def read(cls, folder: Path) -> LogKeys:
        """Read ``log.key``, ``receipt.key`` and ``time.key`` of a folder.

        Raises:
            KeyFileRefused: one is missing, readable by others, or no such key.
        """
        return cls(
            log=_signer(folder / "log.key"),
            receipt=_signer(folder / "receipt.key"),
            time=_signer(folder / "time.key"),
        )

    def write(self, folder: Path) -> None:
        """Write the keys (0600) and, beside them, ``log.vkey`` and ``log.vkeys``.

        ``log.vkey`` is the one line that any C2SP tool takes; ``log.vkeys`` has all
        three public keys. No file is ever replaced.
        """
        folder.mkdir(parents=True, exist_ok=True)
        for role in ("log", "receipt", "time"):
            signer = getattr(self, role)
            if isinstance(signer, SeedSigner):  # a token keeps its own
                write_secret(folder / f"{role}.key", signer.secret_text + "\n")
        lines = [verifier.text + "\n" for verifier in self.verifiers]
        write_public(folder / "log.vkey", lines[0])
        write_public(folder / "log.vkeys", "".join(lines))


def _signer(path: Path) -> SeedSigner:
    text = read_secret(path)
    try:
        return SeedSigner.parse(text)
    except Malformed as error:
        raise KeyFileRefused(f"{path.name}: {error.reason}") from None


def read_secret(path: Path) -> str:
    """Return a key file's text, if only its owner may read it.

    Raises:
        KeyFileRefused: it is missing, readable by others, or not text.
    """
    try:
        with path.open("rb") as file:
            if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & _OTHERS:
                raise KeyFileRefused(f"{path.name}: others may read it (chmod 600)")
            return file.read().decode("ascii")
    except OSError as error:
        raise KeyFileRefused(f"{path.name}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise KeyFileRefused(f"{path.name}: not text") from None


def _create(path: Path, text: str, mode: int) -> None:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except OSError as error:
        raise KeyFileRefused(f"{path.name}: {error.strerror}") from None
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(text)


def write_secret(path: Path, text: str) -> None:
    """Create a file that only its owner may read; ``KeyFileRefused`` if it exists."""
    _create(path, text, 0o600)


def write_public(path: Path, text: str) -> None:
    """Create a file that all may read; ``KeyFileRefused`` if it exists."""
    _create(path, text, 0o644)


def read_vkeys(paths: Iterable[Path]) -> list[Verifier]:
    """Read files of verifier keys, one a line.

    Raises:
        KeyFileRefused: a file can't be read or holds none.
        Malformed: a line is no verifier key.
    """
    keys: list[Verifier] = []
    for path in paths:
        try:
            lines = path.read_text("utf-8").split("\n")
        except (OSError, UnicodeDecodeError):
            raise KeyFileRefused(f"{path.name}: can't be read") from None
        found = [Verifier.parse(line) for line in lines if line.strip()]
        if not found:
            raise KeyFileRefused(f"{path.name}: no key in it")
        keys += found
    return keys


@dataclass(frozen=True, kw_only=True, slots=True)
class Auditor:
    """Somebody who may open sealed parts: a name and an X25519 public key."""

    name: str
    public: bytes

    @property
    def text(self) -> str:
        """The public key as one line: ``name+hash+base64``."""
        body = _AUDITOR_TYPE + self.public
        digest = sha256(self.name.encode() + b"\n" + body).hexdigest()[:8]
        return f"{self.name}+{digest}+{b64encode(body)}"

    @property
    def key(self) -> X25519PublicKey:
        """The key in the form that HPKE takes."""
        return X25519PublicKey.from_public_bytes(self.public)

    @classmethod
    def parse(cls, text: str) -> Auditor:
        """Read an auditor's public key.

        Raises:
            Malformed: ``auditor-parts``, ``auditor-name``, ``auditor-base64``,
                ``auditor-type`` or ``auditor-hash``.
        """
        name, body = _auditor_parts(text.strip())
        auditor = cls(name=name, public=body)
        if auditor.text != text.strip():
            raise Malformed("auditor-hash")
        return auditor


def _auditor_parts(text: str) -> tuple[str, bytes]:
    parts = text.split("+", 2)
    if len(parts) != 3:  # noqa: PLR2004 - name, hash, key
        raise Malformed("auditor-parts")
    if key_name_fault(parts[0]):
        raise Malformed("auditor-name")
    body = b64decode(parts[2], "auditor-base64")
    if not body.startswith(_AUDITOR_TYPE) or len(body) != len(_AUDITOR_TYPE) + 32:
        raise Malformed("auditor-type")
    return parts[0], body[len(_AUDITOR_TYPE) :]


class AuditorKey:
    """An auditor's private key; it never comes near a gateway."""

    __slots__ = ("auditor", "key")

    def __init__(self, *, name: str, secret: bytes) -> None:
        if key_name_fault(name):
            raise Malformed("auditor-name")
        self.key = X25519PrivateKey.from_private_bytes(secret)
        public = self.key.public_key().public_bytes_raw()
        self.auditor = Auditor(name=name, public=public)

    @classmethod
    def generate(cls, name: str) -> AuditorKey:
        """Return a new key."""
        secret = X25519PrivateKey.generate().private_bytes_raw()
        return cls(name=name, secret=secret)

    @property
    def secret_text(self) -> str:
        """The key as one line for a file only its owner reads."""
        body = _AUDITOR_TYPE + self.key.private_bytes_raw()
        digest = self.auditor.text.split("+", 2)[1]
        return f"{_AUDITOR_SECRET}{self.auditor.name}+{digest}+{b64encode(body)}"

    def __repr__(self) -> str:
        return f"AuditorKey({self.auditor.text})"

    @classmethod
    def read(cls, path: Path) -> AuditorKey:
        """Read a private key file.

        Raises:
            KeyFileRefused: it is missing, readable by others, or no such key.
        """
        text = read_secret(path).strip()
        try:
            name, secret = _auditor_parts(text.removeprefix(_AUDITOR_SECRET))
            key = cls(name=name, secret=secret)
        except Malformed as error:
            raise KeyFileRefused(f"{path.name}: {error.reason}") from None
        if key.secret_text != text:
            raise KeyFileRefused(f"{path.name}: not an auditor's private key")
        return key
