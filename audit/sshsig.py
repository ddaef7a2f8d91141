"""Signatures of ``ssh-keygen -Y sign`` (OpenSSH PROTOCOL.sshsig), Ed25519 only.

Many people hold a key that OpenSSH made, some of them in a security key (FIDO2) that
does not give it away: ``ssh-keygen`` signs with either, and the program that asks
never sees the private key. Two types are read::

    ssh-ed25519                  a key in a file, or in an agent
    sk-ssh-ed25519@openssh.com   a key in a security key: somebody touched it

What is signed is not the text but a short frame with the text's SHA-512 and a
namespace, so a signature made for anything else (a commit, a log-in) is none here.
"""

from __future__ import annotations

import base64
import binascii
import struct
from dataclasses import dataclass
from hashlib import sha256, sha512

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from audit.b64 import b64encode
from audit.errors import Malformed, ProofInvalid
from audit.vkey import key_id, key_name_fault

__all__ = ["NAMESPACE", "SshVerifier", "read_armor", "read_public"]

NAMESPACE = "sallyport-act"
"""What ``ssh-keygen -n`` is given: signatures for anything else do not count."""

# 0xff is the note format's type for what has no number; an identifier follows.
SSH_TYPE = 0xFF
_IDENTIFIER = b"sallyport-sshsig\x00"
_MAGIC = b"SSHSIG"
_PLAIN = b"ssh-ed25519"
_TOUCHED = b"sk-ssh-ed25519@openssh.com"
_PRESENT = 0x01
"""The flag of a security key that says somebody touched it."""
_BEGIN = "-----BEGIN SSH SIGNATURE-----"
_END = "-----END SSH SIGNATURE-----"
_KEY_SIZE = 32
_SIGNATURE_SIZE = 64


@dataclass(frozen=True, kw_only=True, slots=True)
class SshVerifier:
    """An OpenSSH public key with the name it signs under."""

    name: str
    public: bytes
    """The 32 bytes of the Ed25519 key."""
    application: bytes | None = None
    """What a security key's key is for, such as ``ssh:``; none for a plain key."""

    @property
    def blob(self) -> bytes:
        """The public key as OpenSSH writes it."""
        if self.application is None:
            return _string(_PLAIN) + _string(self.public)
        return _string(_TOUCHED) + _string(self.public) + _string(self.application)

    @property
    def id(self) -> bytes:
        """The key's id in signature lines."""
        return key_id(self.name, SSH_TYPE, _IDENTIFIER + self.blob)

    @property
    def text(self) -> str:
        """The key as one line: ``name+hash+base64``."""
        body = bytes([SSH_TYPE]) + _IDENTIFIER + self.blob
        return f"{self.name}+{self.id.hex()}+{b64encode(body)}"

    @classmethod
    def parse(cls, text: str) -> SshVerifier | None:
        """Read such a line; none if it is of a key of another type.

        Raises:
            Malformed: ``ssh-key`` or ``vkey-hash``.
        """
        name, _, rest = text.partition("+")
        _, _, encoded = rest.partition("+")
        try:
            body = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            return None
        head = bytes([SSH_TYPE]) + _IDENTIFIER
        if not body.startswith(head):
            return None
        key = _key(name, body[len(head) :])
        if key.text != text:
            raise Malformed("vkey-hash")
        return key

    def verify(self, message: bytes, signature: bytes) -> None:
        """Check a signature, as :func:`read_armor` returns it.

        Raises:
            ProofInvalid: it is of another key, for another purpose or another text,
                or it does not hold.
        """
        try:
            self._verify(message, signature)
        except (Malformed, InvalidSignature, ValueError):
            raise ProofInvalid(f"the signature of {self.name} does not hold") from None

    def _verify(self, message: bytes, signature: bytes) -> None:
        blob, hashing, inner = _parts(signature)
        digest = {b"sha512": sha512, b"sha256": sha256}[hashing](message).digest()
        signed = _MAGIC + b"".join(
            map(_string, (NAMESPACE.encode(), b"", hashing, digest))
        )
        reader = _Reader(inner)
        kind, raw = reader.string(), reader.string()
        if self.application is not None:
            flags, counter = reader.take(1), reader.take(4)
            if not flags[0] & _PRESENT:
                raise Malformed("ssh-signature", "nobody touched the security key")
            about = sha256(self.application).digest()
            signed = about + flags + counter + sha256(signed).digest()
        reader.end()
        if blob != self.blob or kind != _Reader(blob).string():
            raise Malformed("ssh-signature", "of another key")
        if len(raw) != _SIGNATURE_SIZE:
            raise Malformed("ssh-signature", "length")
        Ed25519PublicKey.from_public_bytes(self.public).verify(raw, signed)


def read_public(name: str, line: str) -> SshVerifier:
    """Read a ``.pub`` file of OpenSSH as the key of somebody called ``name``.

    Raises:
        Malformed: ``vkey-name``, or ``ssh-key``: it is no Ed25519 key.
    """
    if key_name_fault(name):
        raise Malformed("vkey-name")
    words = line.split()
    try:
        blob = base64.b64decode(words[1], validate=True)
    except (IndexError, binascii.Error, ValueError):
        raise Malformed("ssh-key") from None
    return _key(name, blob)


def read_armor(name: str, armor: str) -> tuple[SshVerifier, bytes]:
    """Read what ``ssh-keygen -Y sign`` wrote: whose it is, and the signature.

    Raises:
        Malformed: ``ssh-signature``, or ``ssh-key``: it is not of an Ed25519 key.
    """
    lines = armor.strip().splitlines()
    if len(lines) < 3 or (lines[0], lines[-1]) != (_BEGIN, _END):  # noqa: PLR2004 - a frame and what is in it
        raise Malformed("ssh-signature")
    try:
        signature = base64.b64decode("".join(lines[1:-1]), validate=True)
    except (binascii.Error, ValueError):
        raise Malformed("ssh-signature") from None
    blob, _, _ = _parts(signature)
    return _key(name, blob), signature


def _parts(signature: bytes) -> tuple[bytes, bytes, bytes]:
    """Return public key, hash and inner signature of a frame for our namespace."""
    reader = _Reader(signature)
    if reader.take(6) != _MAGIC or reader.take(4) != struct.pack(">I", 1):
        raise Malformed("ssh-signature")
    blob, namespace, reserved = reader.string(), reader.string(), reader.string()
    hashing, inner = reader.string(), reader.string()
    reader.end()
    if namespace != NAMESPACE.encode() or reserved:
        raise Malformed("ssh-signature", f"not made for the namespace {NAMESPACE}")
    if hashing not in {b"sha512", b"sha256"}:
        raise Malformed("ssh-signature", "hash")
    return blob, hashing, inner


def _key(name: str, blob: bytes) -> SshVerifier:
    """Read an OpenSSH public key blob.

    Raises:
        Malformed: ``ssh-key``: it is no Ed25519 key.
    """
    try:
        reader = _Reader(blob)
        kind, public = reader.string(), reader.string()
        application = reader.string() if kind == _TOUCHED else None
        reader.end()
    except Malformed:
        raise Malformed("ssh-key") from None
    if kind not in {_PLAIN, _TOUCHED} or len(public) != _KEY_SIZE:
        raise Malformed("ssh-key", "not an Ed25519 key")
    return SshVerifier(name=name, public=public, application=application)


def _string(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


class _Reader:
    """Takes the parts of an SSH structure from the front.

    Raises:
        Malformed: ``ssh-signature``, where something is missing or left over.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, length: int) -> bytes:
        start, self._at = self._at, self._at + length
        if self._at > len(self._data):
            raise Malformed("ssh-signature")
        return self._data[start : self._at]

    def string(self) -> bytes:
        (length,) = struct.unpack(">I", self.take(4))
        return self.take(length)

    def end(self) -> None:
        if self._at != len(self._data):
            raise Malformed("ssh-signature")
