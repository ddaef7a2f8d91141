"""One ``state.key`` file yields the keys for everything that is stored or compared."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gateway.config import read_secret
from gateway.errors import InvalidFile, Mistake

__all__ = ["StateKeys", "create_state_key"]

KEY_BYTES = 32
"""Length of the file, and of each key that it yields."""


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class StateKeys:
    """Keys by HKDF-SHA-256 (RFC 5869); one for each use, so none serves two.

    ``reviews`` wraps the key of each stored request, ``archive`` seals archived
    questions, ``dedup`` makes retries recognisable, ``papers`` finds a paper's act,
    ``acts`` seals the cached acts, ``asked`` makes the digests of people asked about,
    ``pseudonyms`` is for the redaction transform.
    """

    reviews: bytes
    archive: bytes
    dedup: bytes
    papers: bytes
    acts: bytes
    asked: bytes
    pseudonyms: bytes

    @classmethod
    def derive(cls, secret: bytes) -> StateKeys:
        """Derive every key from the 32 bytes of the file."""
        return cls(**{item.name: _derived(secret, item.name) for item in fields(cls)})

    @classmethod
    def read(cls, path: Path) -> StateKeys:
        """Read the file and derive every key.

        Raises:
            InvalidFile: when it is missing, open to others or not 32 bytes long.
        """
        secret = read_secret(path)
        if len(secret) != KEY_BYTES:
            problem = f"is not {KEY_BYTES} bytes long"
            raise InvalidFile([Mistake(path=str(path), problem=problem)])
        return cls.derive(secret)


def create_state_key(path: Path) -> None:
    """Create a state key, mode 0600.

    Raises:
        FileExistsError: rather than replace a key: what it protects would be lost.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(os.urandom(KEY_BYTES))


def _derived(secret: bytes, use: str) -> bytes:
    info = f"sallyport-state/v1 {use}".encode()
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(
        secret
    )
