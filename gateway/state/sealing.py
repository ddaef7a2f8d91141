"""Sealing what a requester wrote: a key for each row, itself sealed."""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.errors import GatewayError

__all__ = ["CannotOpen", "open_row", "seal_row"]

_NONCE = 12


class CannotOpen(GatewayError):
    """A sealed row was altered, belongs elsewhere, or its key is another's."""


def seal_row(key: bytes, row: str, data: bytes) -> tuple[bytes, bytes]:
    """Seal data under a fresh AES-256-GCM key, bound to the row's identifier.

    Returns:
        The row's key sealed under ``key``, and the sealed data. Forgetting the first
        forgets the second, backups of the second included.
    """
    own = AESGCM.generate_key(256)
    return _seal(key, row, own), _seal(own, row, data)


def open_row(key: bytes, row: str, row_key: bytes, sealed: bytes) -> bytes:
    """Open what :func:`seal_row` returned.

    Raises:
        CannotOpen: when anything of it was changed or moved to another row.
    """
    try:
        own = _open(key, row, row_key)
        return _open(own, row, sealed)
    except (InvalidTag, ValueError) as error:
        raise CannotOpen(f"row {row} cannot be opened") from error


def _seal(key: bytes, row: str, data: bytes) -> bytes:
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, data, row.encode())


def _open(key: bytes, row: str, sealed: bytes) -> bytes:
    return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], row.encode())
