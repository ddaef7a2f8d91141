"""Whether a witness may countersign a checkpoint (C2SP tlog-witness): pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from audit.addcheckpoint import SIZE_TYPE, AddCheckpoint
from audit.checkpoint import Checkpoint, cosignatures
from audit.errors import AuditError, Malformed, ProofInvalid
from audit.merkle import verify_consistency
from audit.note import Note, Signature
from audit.vkey import ED25519, Verifier

__all__ = ["ANOTHER_TREE", "Refused", "Submission", "check", "read"]

ANOTHER_TREE = "another tree of this size was cosigned"
"""Why a second history is refused that two checkpoints prove by themselves."""


class Refused(AuditError):
    """The checkpoint is not countersigned; what is answered instead.

    ``grave`` says that it may be proof of a second history and is to be kept.
    """

    def __init__(self, status: int, said: str, *, grave: bool = False) -> None:
        super().__init__(said)
        self.status = status
        self.kind = "text/plain"
        self.body = f"{said}\n"
        self.grave = grave

    @classmethod
    def at(cls, size: int) -> Refused:
        """Return what is answered to who does not know how far the witness is."""
        found = cls(409, f"the latest cosigned checkpoint has {size} entries")
        found.kind, found.body = SIZE_TYPE, f"{size}\n"
        return found


@dataclass(frozen=True, kw_only=True, slots=True)
class Submission:
    """A request whose checkpoint is signed by the log that it is of."""

    request: AddCheckpoint
    origin: str
    text: str
    size: int
    root: bytes
    signed: tuple[Signature, ...]
    """The log's lines that hold."""


def read(body: bytes, logs: Mapping[str, tuple[Verifier, ...]]) -> Submission:
    """Read a request; ``logs`` are the trusted keys by origin.

    Raises:
        Refused: 400, 403, 404, or 422 for a tree of no entries with some root.
    """
    try:
        request = AddCheckpoint.parse(body)
        note = Note.parse(request.checkpoint)
    except Malformed as error:
        raise Refused(400, error.reason) from None
    origin = note.text.partition("\n")[0]
    keys = logs.get(origin)
    if keys is None:
        raise Refused(404, "no log of this origin is known here")
    try:
        signed = _signed(note, keys)
    except (Malformed, ProofInvalid):
        raise Refused(403, "the signature of the log's key does not hold") from None
    if not signed:
        raise Refused(403, "no key that is trusted for this log has signed")
    checkpoint = _checkpoint(note.text)
    if note.text != checkpoint.text and not _text_signed(note, keys):
        raise Refused(403, "no key that is trusted has signed the lines after the root")
    if request.old > checkpoint.size:
        raise Refused(400, "the old size is larger than the checkpoint's")
    return Submission(
        request=request,
        origin=origin,
        text=note.text,
        size=checkpoint.size,
        root=checkpoint.root,
        signed=signed,
    )


def _checkpoint(text: str) -> Checkpoint:
    try:
        return Checkpoint.parse(text)
    except Malformed as error:
        status = 422 if error.reason == "checkpoint-empty" else 400
        raise Refused(status, error.reason) from None


def _signed(note: Note, keys: tuple[Verifier, ...]) -> tuple[Signature, ...]:
    """Return the lines of trusted keys; each must hold."""
    note.verified(key for key in keys if key.kind == ED25519)
    others = [key for key in keys if key.kind != ED25519 and note.of(key)]
    held = {key for key in keys if key.kind == ED25519 and note.of(key)}
    if others:
        held |= set(cosignatures(note, others).times)
    ids = {(key.name, key.id) for key in held}
    return tuple(each for each in note.signatures if (each.name, each.id) in ids)


def _text_signed(note: Note, keys: tuple[Verifier, ...]) -> bool:
    """Whether the whole text is signed: ML-DSA's is of origin, size and root alone."""
    return any(key.kind == ED25519 and note.of(key) for key in keys)


def check(submission: Submission, size: int, root: bytes) -> None:
    """Refuse what does not continue the latest cosigned checkpoint.

    ``size`` and ``root`` are that checkpoint's; of one that never was, 0 and the
    empty tree's root.

    Raises:
        Refused: 409 or 422.
    """
    request = submission.request
    if request.old != size:
        raise Refused.at(size)
    if submission.size == size and submission.root != root:
        raise Refused(422, ANOTHER_TREE, grave=True)
    if size == 0:
        if request.proof:
            raise Refused(422, "nothing is to be proved from size 0")
        return
    try:
        verify_consistency(size, submission.size, request.proof, root, submission.root)
    except ProofInvalid as error:
        longer = submission.size > size
        raise Refused(422, str(error), grave=longer) from None
