"""Checkpoints (C2SP tlog-checkpoint v1.0.0) and their cosignatures (tlog-cosignature).

The log's own keys sign: Ed25519 over the text, and ML-DSA-44 over origin, size and
root. A further key of the log, ``<origin>/time``, adds an Ed25519 cosignature. The
last two lines hold the second at which they were made. Lines of others, known or not,
may follow.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from audit.errors import CannotTell, Malformed, ProofInvalid
from audit.merkle import EMPTY_ROOT, HASH_SIZE
from audit.note import (
    COSIGNATURE,
    ED25519,
    MLDSA44,
    Note,
    Verifier,
    b64decode,
    b64encode,
    signature_line,
)
from audit.signer import Signer
from audit.vkey import SIGNATURE_SIZES

__all__ = [
    "Checkpoint",
    "Cosigned",
    "cosignature_line",
    "cosignatures",
    "cosigned_message",
    "open_checkpoint",
    "sign_checkpoint",
    "tree_size",
    "without_mldsa",
]

_TIME = 8
_LAST_TIME = (1 << 63) - 1
_LABEL = b"subtree/v1\n\x00"
_MOST_NAME = 255
_HEAD = 3
_MAX_SIZE = 1 << 63


def tree_size(text: str, reason: str) -> int:
    """Read a decimal number without sign or leading zeros, below 2^63."""
    if not text.isascii() or not text.isdigit() or (text[0] == "0" and text != "0"):
        raise Malformed(reason)
    # Longer texts are refused before int() has to read them.
    if len(text) > len(str(_MAX_SIZE)) or int(text) >= _MAX_SIZE:
        raise Malformed(reason)
    return int(text)


@dataclass(frozen=True, kw_only=True, slots=True)
class Checkpoint:
    """What a checkpoint says: this log had this many entries and this root."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root)}\n"

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Read a checkpoint's text; extension lines are allowed and not kept.

        Raises:
            Malformed: ``checkpoint-lines``,
                ``checkpoint-size``, ``checkpoint-root`` or ``checkpoint-empty``.
        """
        lines = text.removesuffix("\n").split("\n")
        if len(lines) < _HEAD or not text.endswith("\n") or not all(lines):
            raise Malformed("checkpoint-lines")
        size = tree_size(lines[1], "checkpoint-size")
        root = b64decode(lines[2], "checkpoint-root")
        if len(root) != HASH_SIZE:
            raise Malformed("checkpoint-root")
        if size == 0 and root != EMPTY_ROOT:
            raise Malformed("checkpoint-empty")
        return cls(origin=lines[0], size=size, root=root)


def cosigned_message(
    key: Verifier, checkpoint: Checkpoint, text: str, at: int
) -> bytes:
    """Return what a cosigner's signature of a checkpoint is over.

    Args:
        key: whose signature; ML-DSA covers its name too.
        checkpoint: what ``text`` says.
        text: the checkpoint's whole text; ML-DSA does not cover extension lines.
        at: the time in the line, Unix seconds.

    Raises:
        Malformed: ``cosignature-name``, longer than ML-DSA's message can hold.
    """
    if key.kind == COSIGNATURE:
        return f"cosignature/v1\ntime {at}\n{text}".encode()
    names = (key.name.encode(), checkpoint.origin.encode())
    if max(map(len, names)) > _MOST_NAME:
        raise Malformed("cosignature-name")
    cosigner, origin = (bytes([len(name)]) + name for name in names)
    start, end = (size.to_bytes(8, "big") for size in (0, checkpoint.size))
    time = at.to_bytes(_TIME, "big")
    return b"".join((_LABEL, cosigner, time, origin, start, end, checkpoint.root))


def cosignature_line(text: str, signer: Signer, seconds: int) -> str:
    """Return the cosignature line of a type 0x04 or 0x06 key over a checkpoint."""
    key = signer.verifier
    message = cosigned_message(key, Checkpoint.parse(text), text, seconds)
    return signature_line(key, seconds.to_bytes(_TIME, "big") + signer.sign(message))


def sign_checkpoint(
    checkpoint: Checkpoint,
    *,
    log: Signer,
    time: Signer | None,
    mldsa: Signer | None = None,
    seconds: int,
) -> bytes:
    """Return the signed note of a checkpoint, with a line of each key there is.

    Two notes of the same checkpoint differ: ML-DSA signatures are randomised. So a
    note is kept and served again, never made again.
    """
    text = checkpoint.text
    lines = signature_line(log.verifier, log.sign(text.encode()))
    for signer in (time, mldsa):
        if signer is not None:
            lines += cosignature_line(text, signer, seconds)
    return f"{text}\n{lines}".encode()


@dataclass(frozen=True, kw_only=True, slots=True)
class Cosigned:
    """A checkpoint that the log's key signed, and who else did and when."""

    checkpoint: Checkpoint
    note: Note
    times: Mapping[Verifier, int]
    """Known cosigners whose line holds, with its time in Unix seconds."""
    unchecked: tuple[Verifier, ...] = ()
    """Known cosigners whose line can't be tried: this cryptography has no ML-DSA."""

    @property
    def seconds(self) -> int | None:
        """When the log's own time key says it was signed; none if not known."""
        name = f"{self.checkpoint.origin}/time"
        return next((at for key, at in self.times.items() if key.name == name), None)


def cosignatures(note: Note, keys: Iterable[Verifier]) -> Cosigned:
    """Check the cosignatures of known keys on a checkpoint; other keys are passed by.

    Whether the log itself has signed is not looked at. Of several lines of one key,
    all must hold and the latest time counts.

    Raises:
        Malformed: the text is no checkpoint, or a line of a known key no cosignature:
            ``cosignature-length`` or ``cosignature-time``.
        ProofInvalid: a known key's cosignature fails.
    """
    checkpoint = Checkpoint.parse(note.text)
    times: dict[Verifier, int] = {}
    unchecked: list[Verifier] = []
    for key in keys:
        blobs = note.of(key) if key.kind != ED25519 else []
        for blob in blobs:
            at, signature = _timestamped(key, blob)
            message = cosigned_message(key, checkpoint, note.text, at)
            try:
                key.verify(message, signature)
            except CannotTell:
                unchecked.append(key)
            else:
                times[key] = max(at, times.get(key, 0))
    return Cosigned(
        checkpoint=checkpoint, note=note, times=times, unchecked=tuple(unchecked)
    )


def _timestamped(key: Verifier, blob: bytes) -> tuple[int, bytes]:
    if len(blob) != _TIME + SIGNATURE_SIZES[key.kind]:
        raise Malformed("cosignature-length", key.name)
    at = int.from_bytes(blob[:_TIME], "big")
    if at > _LAST_TIME:
        raise Malformed("cosignature-time", key.name)
    return at, blob[_TIME:]


def open_checkpoint(
    data: bytes, keys: Iterable[Verifier], *, shortened: bool = False
) -> Cosigned:
    """Read a checkpoint and check each known key's line.

    The Ed25519 key named like the origin must have signed. If ``keys`` hold the log's
    time key, its line must be there too; so must that of its ML-DSA key, unless the
    checkpoint is ``shortened`` (:func:`without_mldsa`).

    Raises:
        Malformed: it is no checkpoint.
        CannotTell: no key of this log was given.
        ProofInvalid: a known key's line fails, or one that must be there is not.
    """
    known = list(keys)
    note = Note.parse(data)
    origin = Checkpoint.parse(note.text).origin
    note.signed_by(origin, known, log=origin)
    found = cosignatures(note, known)
    there = {(key.name, key.kind) for key in (*found.times, *found.unchecked)}
    own = {(f"{origin}/time", COSIGNATURE): "time"}
    if not shortened:
        own[origin, MLDSA44] = "ML-DSA"
    given = {(key.name, key.kind) for key in known}
    for role, word in own.items():
        if role in given and role not in there:
            raise ProofInvalid(f"no line of the log's {word} key")
    return found


def without_mldsa(data: bytes) -> bytes:
    """Return a checkpoint without its ML-DSA lines, which are 3.3 KB each.

    Raises:
        Malformed: it is no note.
    """
    note = Note.parse(data)
    length = _TIME + SIGNATURE_SIZES[MLDSA44]
    kept = [each for each in note.signatures if len(each.signature) != length]
    return Note(text=note.text, signatures=tuple(kept)).pack()
