"""Signed notes (C2SP signed-note v1.0.0) and their keys, in Go's text forms.

A note is a text that ends in a newline, an empty line, and one line for each
signature: an em dash, the key's name, and base64 of the key's id and signature.
Lines of unknown keys are kept and ignored; a known key's signature that fails
refuses the whole note.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from audit.errors import CannotTell, Malformed, ProofInvalid

__all__ = [
    "COSIGNATURE",
    "ED25519",
    "Note",
    "Signature",
    "Signer",
    "Verifier",
    "b64decode",
    "b64encode",
    "key_id",
    "key_name_fault",
    "sign_note",
]

ED25519 = 0x01
COSIGNATURE = 0x04
_PREFIX = "— "
_MAX_LINES = 100
_MAX_NOTE = 1_000_000
_KEY_ID = 4
_KEY_SIZE = 32


def b64encode(data: bytes) -> str:
    """Return standard base64 with padding."""
    return base64.b64encode(data).decode("ascii")


def b64decode(text: str, reason: str) -> bytes:
    """Read standard base64; only the one spelling that encoding gives is taken.

    Raises:
        Malformed: with ``reason``.
    """
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Malformed(reason) from None
    if b64encode(data) != text:
        raise Malformed(reason)
    return data


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
        """Check an Ed25519 signature; ``ProofInvalid`` if it fails."""
        try:
            key = Ed25519PublicKey.from_public_bytes(self.public)
            key.verify(signature, message)
        except (InvalidSignature, ValueError):
            raise ProofInvalid(f"the signature of {self.name} does not hold") from None

    @classmethod
    def parse(cls, text: str) -> Verifier:
        """Read a verifier key (types 0x01 and 0x04).

        Raises:
            Malformed: ``vkey-parts``, ``vkey-name``, ``vkey-base64``, ``vkey-type``,
                ``vkey-length`` or ``vkey-hash``.
        """
        name, kind, body = _key_parts(text.strip("\n"), "vkey")
        if text.strip("\n").split("+", 2)[1] != key_id(name, kind, body).hex():
            raise Malformed("vkey-hash")
        return cls(name=name, kind=kind, public=body)


def _key_parts(text: str, what: str) -> tuple[str, int, bytes]:
    parts = text.split("+", 2)
    if len(parts) != 3:  # noqa: PLR2004 - name, hash, key
        raise Malformed(f"{what}-parts")
    name, _, encoded = parts
    if key_name_fault(name):
        raise Malformed(f"{what}-name")
    body = b64decode(encoded, f"{what}-base64")
    if not body or body[0] not in {ED25519, COSIGNATURE}:
        raise Malformed(f"{what}-type")
    if len(body) != 1 + _KEY_SIZE:
        raise Malformed(f"{what}-length")
    return name, body[0], body[1:]


class Signer:
    """A private Ed25519 key with the name it signs under."""

    __slots__ = ("_key", "_seed", "verifier")

    def __init__(self, *, name: str, kind: int, seed: bytes) -> None:
        if key_name_fault(name):
            raise Malformed("skey-name")
        self._seed = seed
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        public = self._key.public_key().public_bytes_raw()
        self.verifier = Verifier(name=name, kind=kind, public=public)

    @classmethod
    def generate(cls, name: str, kind: int = ED25519) -> Signer:
        """Return a new key."""
        seed = Ed25519PrivateKey.generate().private_bytes_raw()
        return cls(name=name, kind=kind, seed=seed)

    @classmethod
    def parse(cls, text: str) -> Signer:
        """Read ``PRIVATE+KEY+name+hash+base64``; ``Malformed("skey-...")`` if bad."""
        head, rest = text.strip("\n")[:12], text.strip("\n")[12:]
        if head != "PRIVATE+KEY+":
            raise Malformed("skey-parts")
        name, kind, seed = _key_parts(rest, "skey")
        signer = cls(name=name, kind=kind, seed=seed)
        if rest.split("+", 2)[1] != signer.verifier.id.hex():
            raise Malformed("skey-hash")
        return signer

    @property
    def secret_text(self) -> str:
        """The key as one line for a file only its owner reads."""
        body = b64encode(bytes([self.verifier.kind]) + self._seed)
        return f"PRIVATE+KEY+{self.verifier.name}+{self.verifier.id.hex()}+{body}"

    def __repr__(self) -> str:
        return f"Signer({self.verifier.text})"

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte signature."""
        return self._key.sign(message)

    def line(self, signature: bytes) -> str:
        """Return a signature line of this key."""
        blob = b64encode(self.verifier.id + signature)
        return f"{_PREFIX}{self.verifier.name} {blob}\n"


@dataclass(frozen=True, kw_only=True, slots=True)
class Signature:
    """One signature line: who, which key, what."""

    name: str
    id: bytes
    signature: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Note:
    """A parsed note. ``text`` ends in a newline and is what was signed."""

    text: str
    signatures: tuple[Signature, ...]

    @classmethod
    def parse(cls, data: bytes) -> Note:
        """Read a note strictly; no signature is checked here.

        Raises:
            Malformed: ``note-too-long``, ``note-utf8``, ``note-control``,
                ``note-no-signatures``, ``note-too-many``, ``note-line``,
                ``note-name``, ``note-base64`` or ``note-short-signature``.
        """
        if len(data) > _MAX_NOTE:
            raise Malformed("note-too-long")
        try:
            whole = data.decode()
        except UnicodeDecodeError:
            raise Malformed("note-utf8") from None
        if any(ord(c) < 0x20 and c != "\n" for c in whole):  # noqa: PLR2004 - ASCII
            raise Malformed("note-control")
        text, gap, lines = whole.rpartition("\n\n")
        if not gap or not lines.endswith("\n"):
            raise Malformed("note-no-signatures")
        rows = lines[:-1].split("\n")
        if len(rows) > _MAX_LINES:
            raise Malformed("note-too-many")
        return cls(text=text + "\n", signatures=tuple(map(_signature, rows)))

    def signed_by(
        self, name: str, keys: Iterable[Verifier], *, log: str
    ) -> Mapping[str, bytes]:
        """Check the lines of known keys; the key called ``name`` must have signed.

        Raises:
            CannotTell: no key of this name was given, and no line is of a given key.
            ProofInvalid: the key did not sign, or a known key's signature fails.
        """
        known = list(keys)
        found = self.verified(key for key in known if key.kind == ED25519)
        if name in found:
            return found
        given = ", ".join(sorted({key.name for key in known}))
        if not given:
            raise CannotTell("no key was given: nobody knows who signed this")
        if name not in given.split(", ") and not any(map(self.of, known)):
            raise CannotTell(f"this is of the log {log}; the keys given are of {given}")
        raise ProofInvalid(f"no signature of the key {name}")

    def of(self, verifier: Verifier) -> list[bytes]:
        """Return the signatures whose line names this key."""
        return [
            each.signature
            for each in self.signatures
            if each.name == verifier.name and each.id == verifier.id
        ]

    def verified(self, keys: Iterable[Verifier]) -> Mapping[str, bytes]:
        """Check plain signatures (type 0x01) of known keys; return them by name.

        Raises:
            ProofInvalid: a known key's signature fails.
        """
        found: dict[str, bytes] = {}
        for verifier in keys:
            for signature in self.of(verifier):
                verifier.verify(self.text.encode(), signature)
                found[verifier.name] = signature
        return found


def _signature(row: str) -> Signature:
    if not row.startswith(_PREFIX):
        raise Malformed("note-line")
    name, space, encoded = row[len(_PREFIX) :].partition(" ")
    if not space:
        raise Malformed("note-line")
    if key_name_fault(name):
        raise Malformed("note-name")
    blob = b64decode(encoded, "note-base64")
    if len(blob) <= _KEY_ID:
        raise Malformed("note-short-signature")
    return Signature(name=name, id=blob[:_KEY_ID], signature=blob[_KEY_ID:])


def sign_note(text: str, signers: Sequence[Signer]) -> bytes:
    """Return a note over ``text``, which ends in a newline."""
    lines = [signer.line(signer.sign(text.encode())) for signer in signers]
    return (text + "\n" + "".join(lines)).encode()
