"""Signed notes (C2SP signed-note v1.0.0).

A note is a text that ends in a newline, an empty line, and one line for each
signature: an em dash, the key's name, and base64 of the key's id and signature.
Lines of unknown keys are kept and ignored; a known key's signature that fails
refuses the whole note.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from audit.b64 import b64decode, b64encode
from audit.errors import CannotTell, Malformed, OtherKeySigned, ProofInvalid
from audit.signer import Signer
from audit.vkey import (
    COSIGNATURE,
    ED25519,
    MLDSA44,
    Verifier,
    key_id,
    key_name_fault,
)

__all__ = [
    "COSIGNATURE",
    "ED25519",
    "MLDSA44",
    "Note",
    "Signature",
    "Verifier",
    "b64decode",
    "b64encode",
    "key_id",
    "key_name_fault",
    "sign_note",
    "signature_line",
]

_PREFIX = "— "
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_MAX_LINES = 100
_MAX_NOTE = 1_000_000
_KEY_ID = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class Signature:
    """One signature line: who, which key, what."""

    name: str
    id: bytes
    signature: bytes

    @property
    def line(self) -> str:
        """The line, as it was read."""
        return f"{_PREFIX}{self.name} {b64encode(self.id + self.signature)}\n"


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
        if _CONTROL.search(whole):
            raise Malformed("note-control")
        text, gap, lines = whole.rpartition("\n\n")
        if not gap or not lines.endswith("\n"):
            raise Malformed("note-no-signatures")
        rows = lines[:-1].split("\n")
        if len(rows) > _MAX_LINES:
            raise Malformed("note-too-many")
        return cls(text=text + "\n", signatures=tuple(map(_signature, rows)))

    def pack(self) -> bytes:
        """Return the note's bytes; of one that was read, the same."""
        lines = "".join(each.line for each in self.signatures)
        return f"{self.text}\n{lines}".encode()

    def signed_by(
        self, name: str, keys: Iterable[Verifier], *, log: str
    ) -> Mapping[str, bytes]:
        """Check the lines of known keys; the key called ``name`` must have signed.

        Raises:
            CannotTell: no key of this name was given, and no line is of a given key;
                those of witnesses do not count, which sign for many logs.
            OtherKeySigned: another key of this name did.
            ProofInvalid: the key did not sign, or a known key's signature fails.
        """
        known = list(keys)
        found = self.verified(key for key in known if key.kind == ED25519)
        if name in found:
            return found
        given = ", ".join(sorted({key.name for key in known}))
        if not given:
            raise CannotTell("no key was given: nobody knows who signed this")
        plain = [key for key in known if key.kind == ED25519]
        if name not in given.split(", ") and not any(map(self.of, plain)):
            raise CannotTell(f"this is of the log {log}; the keys given are of {given}")
        said = f"no signature of the key {name}"
        ours = {key.id for key in known if key.name == name}
        if any(each.name == name and each.id not in ours for each in self.signatures):
            raise OtherKeySigned(
                f"{said} that was given, but of another of that name: if the log"
                " has changed its keys, give those from before too, or those that came"
                " after"
            )
        raise ProofInvalid(said)

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


def signature_line(verifier: Verifier, signature: bytes) -> str:
    """Return the line of a key's signature."""
    return Signature(name=verifier.name, id=verifier.id, signature=signature).line


def sign_note(text: str, signers: Sequence[Signer]) -> bytes:
    """Return a note over ``text``, which ends in a newline."""
    lines = [
        signature_line(signer.verifier, signer.sign(text.encode()))
        for signer in signers
    ]
    return (text + "\n" + "".join(lines)).encode()
