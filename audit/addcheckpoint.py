"""What a log and a witness say to each other (C2SP tlog-witness): the bodies.

``POST .../add-checkpoint`` takes the size that the witness last cosigned, a proof that
the new checkpoint continues it, and the checkpoint; it answers cosignature lines, or
the size that it has. Reading and writing these is all that is here: no connection, no
state.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from audit.b64 import b64decode, b64encode
from audit.checkpoint import Cosigned, cosignatures, tree_size
from audit.errors import Malformed
from audit.merkle import HASH_SIZE
from audit.note import Note
from audit.vkey import Verifier

__all__ = ["SIZE_TYPE", "AddCheckpoint", "joined", "read_answer", "read_size"]

SIZE_TYPE = "text/x.tlog.size"
"""The content type of a 409 that holds the witness's size."""

_MOST_HASHES = 63
_MOST_BYTES = 1_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class AddCheckpoint:
    """A request: cosign this checkpoint, which continues one of ``old`` entries."""

    old: int
    proof: tuple[bytes, ...]
    checkpoint: bytes

    def pack(self) -> bytes:
        """Return the request's body."""
        lines = [f"old {self.old}", *map(b64encode, self.proof), "", ""]
        return "\n".join(lines).encode() + self.checkpoint

    @classmethod
    def parse(cls, body: bytes) -> AddCheckpoint:
        """Read a request's body; the checkpoint in it is for its own reader.

        Raises:
            Malformed: ``add-too-long``, ``add-lines``, ``add-old``, ``add-hash`` or
                ``add-too-many``. All of them are status 400.
        """
        if len(body) > _MOST_BYTES:
            raise Malformed("add-too-long")
        head, gap, checkpoint = body.partition(b"\n\n")
        if not gap or not head.isascii():
            raise Malformed("add-lines")
        first, *hashes = head.decode().split("\n")
        if not first.startswith("old "):
            raise Malformed("add-lines")
        old = tree_size(first.removeprefix("old "), "add-old")
        if len(hashes) > _MOST_HASHES:
            raise Malformed("add-too-many")
        proof = tuple(b64decode(line, "add-hash") for line in hashes)
        if any(len(each) != HASH_SIZE for each in proof):
            raise Malformed("add-hash")
        return cls(old=old, proof=proof, checkpoint=checkpoint)


def read_answer(
    body: bytes, checkpoint: bytes, keys: Iterable[Verifier]
) -> tuple[bytes, Cosigned]:
    """Read a witness's answer (status 200) to a checkpoint.

    Returns the lines of ``keys`` in it, as bytes, and what they say. Lines of other
    keys, and whatever else the checkpoint carries, are left out.

    Raises:
        Malformed: ``answer-too-long``, or the answer is not signature lines.
        ProofInvalid: a line of one of these keys fails.
    """
    if len(body) > _MOST_BYTES:
        raise Malformed("answer-too-long")
    text = Note.parse(checkpoint).text
    answer = Note.parse(text.encode() + b"\n" + body)
    if answer.text != text:  # an empty line in the answer would move the text's end
        raise Malformed("note-line")
    cosigned = cosignatures(answer, keys)
    ours = {(key.name, key.id) for key in cosigned.times}
    lines = dict.fromkeys(
        each.line for each in answer.signatures if (each.name, each.id) in ours
    )
    return "".join(lines).encode(), cosigned


def read_size(body: bytes) -> int:
    """Read the size in a 409's body; ``Malformed("answer-size")`` if it is none."""
    text = body.decode("ascii", "replace")
    if not text.endswith("\n"):
        raise Malformed("answer-size")
    return tree_size(text[:-1], "answer-size")


def joined(note: bytes, other: bytes) -> bytes:
    """Return one note with the lines of both; they must be of one text.

    So a checkpoint that is kept gains cosignatures, and no signature of its own is
    ever made again.

    Raises:
        Malformed: one of them is no note, or ``note-texts-differ``.
    """
    one, two = Note.parse(note), Note.parse(other)
    if one.text != two.text:
        raise Malformed("note-texts-differ")
    lines = dict.fromkeys((*one.signatures, *two.signatures))
    return Note(text=one.text, signatures=tuple(lines)).pack()
