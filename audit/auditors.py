"""Auditors' keys: sealed parts are sealed to them, and the gateway can't open them."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import (
    X25519PrivateKey,
    X25519PublicKey,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from audit.b64 import b64decode, b64encode
from audit.errors import KeyFileRefused, Malformed
from audit.privatefiles import read_secret
from audit.vkey import key_name_fault

__all__ = ["Auditor", "AuditorKey"]

# 0xff is the note format's type for what has no number; an identifier follows.
_AUDITOR_TYPE = b"\xffsallyport-auditor-x25519\x00"
_AUDITOR_SECRET = "AUDITOR+KEY+"  # noqa: S105 - a marker that begins a key's text


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


def _raw(key: X25519PrivateKey) -> bytes:
    """Return a private key's bytes; libraries of auditors may be some years old."""
    return key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())


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
        public = self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.auditor = Auditor(name=name, public=public)

    @classmethod
    def generate(cls, name: str) -> AuditorKey:
        """Return a new key."""
        secret = _raw(X25519PrivateKey.generate())
        return cls(name=name, secret=secret)

    @property
    def secret_text(self) -> str:
        """The key as one line for a file only its owner reads."""
        body = _AUDITOR_TYPE + _raw(self.key)
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
            # What it is then wrong in is of no use to who gave another kind of key.
            own = text.startswith(_AUDITOR_SECRET)
            said = error if own else "not an auditor's private key"
            raise KeyFileRefused(f"{path.name}: {said}") from None
        if key.secret_text != text:
            raise KeyFileRefused(f"{path.name}: not an auditor's private key")
        return key
