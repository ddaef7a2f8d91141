"""Private keys that sign under a name: one protocol, wherever the key lies.

A key is a seed that this process holds (:class:`SeedSigner`), or one that never
leaves a token (:mod:`audit.tokens`). Whoever signs takes a :class:`Signer`.
"""

from __future__ import annotations

from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.b64 import b64encode
from audit.errors import Malformed
from audit.vkey import (
    ED25519,
    MLDSA44,
    SEED_SIZE,
    MlDsaPrivateKey,
    Verifier,
    key_name_fault,
    key_parts,
    mldsa,
)

__all__ = ["SECRET", "SeedSigner", "Signer"]

SECRET = "PRIVATE+KEY+"  # noqa: S105 - what a private key's text begins with


class Signer(Protocol):
    """A private key with the name it signs under."""

    @property
    def verifier(self) -> Verifier:
        """The public half, with the name and the kind of signature."""

    def sign(self, message: bytes) -> bytes:
        """Return the bare signature over a message.

        Raises:
            KeyFileRefused: a token does not answer or no longer has the key.
        """


class SeedSigner:
    """A private key in this process's memory."""

    __slots__ = ("_key", "_seed", "verifier")

    def __init__(self, *, name: str, kind: int, seed: bytes) -> None:
        if key_name_fault(name):
            raise Malformed("skey-name")
        self._seed = seed
        self._key: Ed25519PrivateKey | MlDsaPrivateKey
        if kind == MLDSA44:
            self._key = mldsa().MLDSA44PrivateKey.from_seed_bytes(seed)
        else:
            self._key = Ed25519PrivateKey.from_private_bytes(seed)
        public = self._key.public_key().public_bytes_raw()
        self.verifier = Verifier(name=name, kind=kind, public=public)

    @classmethod
    def generate(cls, name: str, kind: int = ED25519) -> SeedSigner:
        """Return a new key."""
        seed = Ed25519PrivateKey.generate().private_bytes_raw()
        return cls(name=name, kind=kind, seed=seed)

    @classmethod
    def parse(cls, text: str) -> SeedSigner:
        """Read ``PRIVATE+KEY+name+hash+base64(type, seed)``.

        Raises:
            Malformed: ``skey-parts``, ``skey-name``, ``skey-base64``, ``skey-type``,
                ``skey-length`` or ``skey-hash``.
            CannotTell: the key is ML-DSA and this library has none.
        """
        line = text.strip("\n")
        if not line.startswith(SECRET):
            raise Malformed("skey-parts")
        rest = line.removeprefix(SECRET)
        name, kind, seed = key_parts(rest, "skey")
        if len(seed) != SEED_SIZE:
            raise Malformed("skey-length")
        signer = cls(name=name, kind=kind, seed=seed)
        if rest.split("+", 2)[1] != signer.verifier.id.hex():
            raise Malformed("skey-hash")
        return signer

    @property
    def secret_text(self) -> str:
        """The key as one line for a file only its owner reads."""
        body = b64encode(bytes([self.verifier.kind]) + self._seed)
        return f"{SECRET}{self.verifier.name}+{self.verifier.id.hex()}+{body}"

    def __repr__(self) -> str:
        return f"SeedSigner({self.verifier.text})"

    def sign(self, message: bytes) -> bytes:
        """Return the signature."""
        return self._key.sign(message)
