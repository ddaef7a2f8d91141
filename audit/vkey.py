"""Public keys of signed notes (C2SP signed-note v1.0.0), in Go's text form.

Three kinds: Ed25519 over a note's text (0x01), and the timestamped cosignatures of
C2SP tlog-cosignature, Ed25519 (0x04) and ML-DSA-44 (0x06, FIPS 204).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import sha256
from importlib import import_module
from types import MappingProxyType
from typing import Protocol

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from audit.b64 import b64decode, b64encode
from audit.errors import CannotTell, Malformed, ProofInvalid

__all__ = [
    "COSIGNATURE",
    "ED25519",
    "MLDSA44",
    "SEED_SIZE",
    "SIGNATURE_SIZES",
    "MlDsa",
    "MlDsaPrivateKey",
    "MlDsaPublicKey",
    "Verifier",
    "key_id",
    "key_name_fault",
    "key_parts",
    "mldsa",
]

ED25519 = 0x01
COSIGNATURE = 0x04
MLDSA44 = 0x06

SEED_SIZE = 32
"""Bytes of a private key's seed, of any kind."""

_PUBLIC_SIZES: Mapping[int, int] = MappingProxyType(
    {ED25519: 32, COSIGNATURE: 32, MLDSA44: 1312}
)
SIGNATURE_SIZES: Mapping[int, int] = MappingProxyType(
    {ED25519: 64, COSIGNATURE: 64, MLDSA44: 2420}
)
"""Bytes of a bare signature by kind of key, without a cosignature's time."""

_KEY_ID = 4


def key_name_fault(name: str) -> bool:
    """Whether a key may not have this name (empty, with a space or a plus)."""
    return (
        not name
        or "+" in name
        or not name.isprintable()
        or any(letter.isspace() for letter in name)
    )


def key_id(name: str, kind: int, public: bytes) -> bytes:
    """Return the four bytes that stand for a key in signature lines."""
    return sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:_KEY_ID]


class MlDsaPublicKey(Protocol):
    """What is used of the library's public keys."""

    def verify(self, signature: bytes, data: bytes) -> None:
        """Raise ``InvalidSignature`` if it does not hold."""

    def public_bytes_raw(self) -> bytes:
        """Return the key."""


class MlDsaPrivateKey(Protocol):
    """What is used of the library's private keys."""

    def sign(self, data: bytes) -> bytes:
        """Return a signature; two over the same data differ."""

    def public_key(self) -> MlDsaPublicKey:
        """Return the public half."""


class _Private(Protocol):
    def from_seed_bytes(self, data: bytes) -> MlDsaPrivateKey: ...


class _Public(Protocol):
    def from_public_bytes(self, data: bytes) -> MlDsaPublicKey: ...


class MlDsa(Protocol):
    """What is used of the library's module."""

    MLDSA44PrivateKey: _Private
    MLDSA44PublicKey: _Public


@cache
def mldsa() -> MlDsa:
    """Return the library's ML-DSA. Who only verifies may have one that has none.

    Raises:
        CannotTell: this one has none.
    """
    try:
        module: MlDsa = import_module("cryptography.hazmat.primitives.asymmetric.mldsa")
        module.MLDSA44PrivateKey.from_seed_bytes(bytes(SEED_SIZE))
    except (ImportError, UnsupportedAlgorithm):
        raise CannotTell("this needs a newer cryptography: it has no ML-DSA") from None
    return module


@lru_cache(maxsize=64)
def _loaded(kind: int, public: bytes) -> Ed25519PublicKey | MlDsaPublicKey:
    """Return a key as the library takes it; loading costs as much as verifying."""
    if kind == MLDSA44:
        return mldsa().MLDSA44PublicKey.from_public_bytes(public)
    return Ed25519PublicKey.from_public_bytes(public)


@dataclass(frozen=True, kw_only=True, slots=True)
class Verifier:
    """A public key with the name it signs under."""

    name: str
    kind: int
    public: bytes

    @property
    def id(self) -> bytes:
        """The key's id in signature lines."""
        return key_id(self.name, self.kind, self.public)

    @property
    def text(self) -> str:
        """The key as one line: ``name+hash+base64``."""
        body = bytes([self.kind]) + self.public
        return f"{self.name}+{self.id.hex()}+{b64encode(body)}"

    def verify(self, message: bytes, signature: bytes) -> None:
        """Check a signature over a message.

        Raises:
            ProofInvalid: it does not hold.
            CannotTell: the key is ML-DSA and this library has none.
        """
        try:
            _loaded(self.kind, self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            raise ProofInvalid(f"the signature of {self.name} does not hold") from None

    @classmethod
    def parse(cls, text: str) -> Verifier:
        """Read a verifier key (types 0x01, 0x04 and 0x06).

        Raises:
            Malformed: ``vkey-parts``, ``vkey-name``, ``vkey-base64``, ``vkey-type``,
                ``vkey-length`` or ``vkey-hash``.
        """
        line = text.strip("\n")
        name, kind, public = key_parts(line, "vkey")
        if len(public) != _PUBLIC_SIZES[kind]:
            raise Malformed("vkey-length")
        if line.split("+", 2)[1] != key_id(name, kind, public).hex():
            raise Malformed("vkey-hash")
        return cls(name=name, kind=kind, public=public)


def key_parts(text: str, what: str) -> tuple[str, int, bytes]:
    """Read ``name+hash+base64(type, key)``; the hash is for the caller to check.

    Raises:
        Malformed: ``...-parts``, ``...-name``, ``...-base64`` or ``...-type``, after
            the word in ``what``.
    """
    parts = text.split("+", 2)
    if len(parts) != 3:  # noqa: PLR2004 - name, hash, key
        raise Malformed(f"{what}-parts")
    name, _, encoded = parts
    if key_name_fault(name):
        raise Malformed(f"{what}-name")
    body = b64decode(encoded, f"{what}-base64")
    if not body or body[0] not in _PUBLIC_SIZES:
        raise Malformed(f"{what}-type")
    return name, body[0], body[1:]
