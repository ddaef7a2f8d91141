"""Checkpoints (C2SP tlog-checkpoint v1.0.0) with their time (cosignature/v1).

The log's own key signs the text; a second key of the log, ``<origin>/time``, adds
a cosignature line, which holds the second at which it was made. Lines of others,
known or not, may follow.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from audit.errors import Malformed, ProofInvalid
from audit.merkle import EMPTY_ROOT, HASH_SIZE
from audit.note import (
    COSIGNATURE,
    Note,
    Verifier,
    b64decode,
    b64encode,
    signature_line,
)
from audit.signer import Signer

__all__ = [
    "Checkpoint",
    "Cosigned",
    "cosignature_line",
    "cosignatures",
    "open_checkpoint",
    "sign_checkpoint",
    "tree_size",
]

_TIME = 8
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
            Malformed: ``checkpoint-lines``, ``checkpoint-origin``,
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


def _cosigned_message(text: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


def cosignature_line(text: str, signer: Signer, seconds: int) -> str:
    """Return the cosignature/v1 line of a type 0x04 key over a checkpoint's text."""
    signature = signer.sign(_cosigned_message(text, seconds))
    return signature_line(signer.verifier, seconds.to_bytes(_TIME, "big") + signature)


def sign_checkpoint(
    checkpoint: Checkpoint, *, log: Signer, time: Signer | None, seconds: int
) -> bytes:
    """Return the signed note of a checkpoint, with its time if there is a key."""
    text = checkpoint.text
    lines = signature_line(log.verifier, log.sign(text.encode()))
    if time is not None:
        lines += cosignature_line(text, time, seconds)
    return f"{text}\n{lines}".encode()


def cosignatures(note: Note, keys: Iterable[Verifier]) -> dict[str, int]:
    """Check cosignatures of known keys; return each name with its time in seconds.

    Raises:
        ProofInvalid: a known key's cosignature fails.
    """
    found: dict[str, int] = {}
    for verifier in keys:
        for blob in note.of(verifier):
            seconds = int.from_bytes(blob[:_TIME], "big")
            verifier.verify(_cosigned_message(note.text, seconds), blob[_TIME:])
            found[verifier.name] = seconds
    return found


@dataclass(frozen=True, kw_only=True, slots=True)
class Cosigned:
    """A checkpoint that the log's key signed, and who else did and when."""

    checkpoint: Checkpoint
    note: Note
    times: dict[str, int]

    @property
    def seconds(self) -> int | None:
        """When the log's own time key says it was signed; none if not known."""
        return self.times.get(f"{self.checkpoint.origin}/time")


def open_checkpoint(data: bytes, keys: Iterable[Verifier]) -> Cosigned:
    """Read a checkpoint and check each known key's line.

    The key named like the origin must have signed. If ``keys`` hold the log's
    time key, its line must be there too.

    Raises:
        Malformed: it is no checkpoint.
        CannotTell: no key of this log was given.
        ProofInvalid: a known key's line fails, or one that must be there is not.
    """
    known = list(keys)
    note = Note.parse(data)
    checkpoint = Checkpoint.parse(note.text)
    origin = checkpoint.origin
    note.signed_by(origin, known, log=origin)
    times = cosignatures(note, [key for key in known if key.kind == COSIGNATURE])
    own_time = f"{origin}/time"
    if any(key.name == own_time for key in known) and own_time not in times:
        raise ProofInvalid("no line of the log's time key")
    return Cosigned(checkpoint=checkpoint, note=note, times=times)
