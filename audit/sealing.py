"""The sealed face: epoch keys, their copies for auditors, and sealed records.

An epoch has one random AES-256 key for each part, held in memory only. Before the
first record of an epoch, each key's copies, sealed to every auditor by HPKE (RFC
9180, base mode: X25519, HKDF-SHA256, AES-256-GCM), are on the disk; so whoever
seizes the machine opens at most the current hour, and a gateway nothing it wrote
earlier.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib import import_module
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import (
    X25519PrivateKey,
    X25519PublicKey,
)
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from audit.encoding import Json, encode
from audit.entry import PARTS
from audit.errors import CannotTell, Malformed, ProofInvalid
from audit.keyfiles import Auditor, AuditorKey
from audit.note import b64decode, b64encode

__all__ = [
    "EPOCH_ID",
    "Epoch",
    "SealedRecord",
    "epoch_fault",
    "epoch_key",
    "open_part",
    "side_digest",
]

EPOCH_ID = 16
SUITE = "HPKE-v1 base X25519 HKDF-SHA256 AES-256-GCM"
_LABEL = "sallyport-epoch-key/v1"
_SCHEMA = "sallyport.epoch/1"
_RECORD = b"\x01"
_NONCE = 12
_LENGTH = 4
_SEED = 32
_SEEDS = 256
# An X25519 public key, the sealed 32 bytes and their tag.
_COPY = 32 + 32 + 16


class _Suite(Protocol):
    """What is used of the library's HPKE."""

    def encrypt(
        self, plaintext: bytes, public_key: X25519PublicKey, info: bytes
    ) -> bytes:
        """Seal for a public key."""

    def decrypt(
        self, ciphertext: bytes, private_key: X25519PrivateKey, info: bytes
    ) -> bytes:
        """Open with the private key."""


@cache
def _suite() -> _Suite:
    """Return the suite. Who only verifies may have a library that has no HPKE.

    Raises:
        CannotTell: this one has none.
    """
    try:
        hpke = import_module("cryptography.hazmat.primitives.hpke")
    except ImportError:
        raise CannotTell("this needs a newer cryptography: it has no HPKE") from None
    suite: _Suite = hpke.Suite(
        hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM
    )
    return suite


def _info(origin: str, epoch: str, part: str, auditor: str) -> bytes:
    # Names hold no newline, so these five can't be read as five others.
    return f"{_LABEL}\n{origin}\n{epoch}\n{part}\n{auditor}".encode()


def _bound(origin: str, epoch: str, part: str) -> bytes:
    return f"sallyport-sealed/v1\n{origin}\n{epoch}\n{part}".encode()


class Epoch:
    """The keys of one epoch; the copies that auditors open are ``document``."""

    __slots__ = ("_count", "_parts", "_seeds", "document", "hour", "id")

    def __init__(self, *, origin: str, auditors: Sequence[Auditor], hour: int) -> None:
        self.id = os.urandom(EPOCH_ID)
        self.hour = hour
        self._count = 0
        self._seeds: list[bytes] = []
        name = self.id.hex()
        keys = {part: os.urandom(32) for part in PARTS}
        self._parts = {
            part: (AESGCM(key), _bound(origin, name, part))
            for part, key in keys.items()
        }
        copies = {
            part: {
                auditor.name: b64encode(
                    _suite().encrypt(
                        key, auditor.key, info=_info(origin, name, part, auditor.name)
                    )
                )
                for auditor in auditors
            }
            for part, key in keys.items()
        }
        self.document = encode(
            {
                "schema": _SCHEMA,
                "suite": SUITE,
                "origin": origin,
                "epoch": name,
                "parts": copies,
            }
        )

    def seed(self) -> bytes:
        """Return 32 fresh random bytes for one entry."""
        # Asked of the system for many entries at once: each call gives up the
        # interpreter's lock.
        if not self._seeds:
            block = os.urandom(_SEED * _SEEDS)
            self._seeds = [block[i : i + _SEED] for i in range(0, len(block), _SEED)]
        return self._seeds.pop()

    def seal(self, part: str, plain: bytes) -> bytes:
        """Return nonce and ciphertext of one part of one record."""
        # The key lives only in this object, so a counter never meets a nonce twice.
        self._count += 1
        nonce = self._count.to_bytes(_NONCE, "big")
        cipher, bound = self._parts[part]
        return nonce + cipher.encrypt(nonce, plain, bound)


def side_digest(sealed: bytes) -> bytes:
    """Return what a leaf's ``side`` says of one sealed part."""
    return sha256(sealed).digest()


@dataclass(frozen=True, kw_only=True, slots=True)
class SealedRecord:
    """The sealed parts of one entry as stored; a part that is absent is empty."""

    epoch: bytes
    parts: tuple[bytes, ...]

    def pack(self) -> bytes:
        """Return the stored bytes."""
        out = [_RECORD, self.epoch]
        for part in self.parts:
            out.append(len(part).to_bytes(_LENGTH, "big"))
            out.append(part)
        return b"".join(out)

    @classmethod
    def parse(cls, data: bytes) -> SealedRecord:
        """Read a stored record.

        Raises:
            Malformed: ``sealed-version`` or ``sealed-length``.
        """
        if data[:1] != _RECORD:
            raise Malformed("sealed-version")
        at = 1 + EPOCH_ID
        parts: list[bytes] = []
        for _ in PARTS:
            start = at + _LENGTH
            end = start + int.from_bytes(data[at:start], "big")
            if end > len(data):
                raise Malformed("sealed-length")
            parts.append(data[start:end])
            at = end
        if at != len(data):
            raise Malformed("sealed-length")
        return cls(epoch=data[1 : 1 + EPOCH_ID], parts=tuple(parts))


def epoch_fault(document: bytes, *, origin: str, epoch: bytes) -> str:
    """Return what is wrong with an epoch's document as far as no key is needed.

    Whether its copies open, only an auditor's key can tell.
    """
    try:
        value: dict[str, Json] = json.loads(document)
        said = (value["schema"], value["suite"], value["origin"], value["epoch"])
        copies = [value["parts"][part] for part in PARTS]
        lengths = {
            len(b64decode(copy, "epoch-document"))
            for part in copies
            for copy in part.values()
        }
    except (ValueError, KeyError, TypeError, AttributeError, Malformed):
        return "does not read"
    if said != (_SCHEMA, SUITE, origin, epoch.hex()):
        return "is of another log, epoch or suite"
    if lengths != {_COPY} or not all(copies):
        return "holds no copy, or one of a wrong length"
    return ""


def epoch_key(document: bytes, part: str, key: AuditorKey) -> AESGCM:
    """Open an auditor's copy of one part's epoch key.

    Raises:
        Malformed: ``epoch-document``.
        CannotTell: there is no copy for this auditor, or it does not open.
    """
    name = key.auditor.name
    try:
        value: dict[str, Json] = json.loads(document)
        if value["schema"] != _SCHEMA or value["suite"] != SUITE:
            raise Malformed("epoch-document")
        origin, epoch, copies = value["origin"], value["epoch"], value["parts"][part]
        copy = copies.get(name)
        info = _info(origin, epoch, part, name)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Malformed("epoch-document") from None
    if not isinstance(copy, str):
        others = ", ".join(sorted(map(str, copies)))
        raise CannotTell(f"the {part} key is sealed to {others}, not to {name}")
    try:
        sealed = b64decode(copy, "epoch-document")
        return AESGCM(_suite().decrypt(sealed, key.key, info=info))
    except (InvalidTag, ValueError):
        raise CannotTell(
            f"the copy of the {part} key for {name} does not open with this key"
        ) from None


def open_part(
    cipher: AESGCM, sealed: bytes, *, origin: str, epoch: bytes, part: str
) -> bytes:
    """Decrypt one part of one record; ``ProofInvalid`` if it was altered."""
    bound = _bound(origin, epoch.hex(), part)
    try:
        return cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], bound)
    except (InvalidTag, ValueError):
        raise ProofInvalid(f"part {part} does not open") from None
