"""Receipts: the log's promise that an entry stands at an index.

One signature covers a commit batch: the root of the RFC 6962 tree over the leaf
hashes of the batch. A receipt carries its leaf's path in that small tree. It never
parses as a checkpoint: its first line is no origin and its third no root.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from audit.checkpoint import tree_size
from audit.encoding import Json
from audit.errors import CannotTell, Malformed, ProofInvalid
from audit.merkle import HASH_SIZE, verify_inclusion
from audit.note import Note, Verifier, b64decode, b64encode, sign_note
from audit.signer import Signer

__all__ = ["MAX_BATCH", "MERGE_DELAY_S", "Receipt", "Statement"]

MAX_BATCH = 1024
"""Entries in one commit batch, so that a receipt's path has at most 10 hashes."""

MERGE_DELAY_S = 60
_LABEL = "sallyport-receipt/v1"
_SCHEMA = "sallyport.receipt/1"
_LINES = 7
_MEMBERS = {"schema", "index", "leaf_hash", "path", "note"}
_MOST = 1 << 63


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement:
    """What is signed: these entries, made durable together at this time.

    Every checkpoint signed later than ``ms`` and ``delay_s`` holds them.
    """

    origin: str
    first: int
    count: int
    root: bytes
    ms: int
    delay_s: int = MERGE_DELAY_S

    @property
    def text(self) -> str:
        """The text that is signed."""
        return (
            f"{_LABEL}\n{self.origin}\n{self.first}\n{self.count}\n"
            f"{b64encode(self.root)}\n{self.ms}\n{self.delay_s}\n"
        )

    @property
    def due_ms(self) -> int:
        """From when on each checkpoint must hold the entries, in Unix ms."""
        return self.ms + 1000 * self.delay_s

    def broken_at(self, seconds: int) -> bool:
        """Whether a checkpoint signed at this Unix second must hold the entries."""
        return 1000 * seconds > self.due_ms

    def signed(self, signer: Signer) -> str:
        """Return the signed note; the same statement always gives the same bytes."""
        return sign_note(self.text, [signer]).decode()

    @classmethod
    def parse(cls, text: str) -> Statement:
        """Read a statement's text.

        Raises:
            Malformed: ``receipt-lines``, ``receipt-label``, ``receipt-number``,
                ``receipt-count`` or ``receipt-root``.
        """
        lines = text.removesuffix("\n").split("\n")
        if len(lines) != _LINES or not text.endswith("\n") or not lines[1]:
            raise Malformed("receipt-lines")
        if lines[0] != _LABEL:
            raise Malformed("receipt-label")
        first, count, ms, delay = (
            tree_size(lines[i], "receipt-number") for i in (2, 3, 5, 6)
        )
        if not 1 <= count <= MAX_BATCH:
            raise Malformed("receipt-count")
        root = b64decode(lines[4], "receipt-root")
        if len(root) != HASH_SIZE:
            raise Malformed("receipt-root")
        return cls(
            origin=lines[1], first=first, count=count, root=root, ms=ms, delay_s=delay
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """The receipt of one entry, with its path in the batch's tree.

    ``leaf`` is there when the entry was appended just now; it is no part of the
    receipt.
    """

    index: int
    leaf_hash: bytes
    path: tuple[bytes, ...]
    note: str
    leaf: bytes | None = field(default=None, compare=False, repr=False)

    @property
    def claimed_ms(self) -> int:
        """When it says that the entry was made durable; no signature is checked."""
        return Statement.parse(Note.parse(self.note.encode()).text).ms

    def to_json(self) -> dict[str, Json]:
        """Return the receipt as an object for an answer."""
        return {
            "schema": _SCHEMA,
            "index": self.index,
            "leaf_hash": b64encode(self.leaf_hash),
            "path": [b64encode(each) for each in self.path],
            "note": self.note,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Json] | str | bytes) -> Receipt:
        """Read a receipt from its object or the object's text.

        Raises:
            Malformed: ``receipt-json``, ``receipt-schema``, ``receipt-members``,
                ``receipt-index``, ``receipt-hash`` or ``receipt-path``.
        """
        if isinstance(value, str | bytes):
            try:
                # A reader of bytes takes UTF-16 too, which others do not.
                text = value.decode() if isinstance(value, bytes) else value
                value = json.loads(text, object_pairs_hook=_once)
            except (ValueError, RecursionError):
                raise Malformed("receipt-json") from None
        if not isinstance(value, Mapping):
            raise Malformed("receipt-json")
        if value.get("schema") != _SCHEMA:
            raise Malformed("receipt-schema")
        if value.keys() != _MEMBERS:
            raise Malformed("receipt-members")
        index, leaf, path, note = (
            value[name] for name in ("index", "leaf_hash", "path", "note")
        )
        if not isinstance(note, str):
            raise Malformed("receipt-members")
        if type(index) is not int or not 0 <= index < _MOST:
            raise Malformed("receipt-index")
        if not isinstance(path, list) or len(path) > MAX_BATCH.bit_length() - 1:
            raise Malformed("receipt-path")
        return cls(
            index=index,
            leaf_hash=_hash(leaf),
            path=tuple(_hash(each) for each in path),
            note=note,
        )

    def statement(self, keys: Iterable[Verifier]) -> Statement:
        """Check the receipt by itself and return what was signed.

        Raises:
            Malformed: the note is none, or no receipt's.
            CannotTell: the log's receipt key is not among ``keys``.
            ProofInvalid: that key did not sign it,
                or the path does not lead from the leaf to the batch's root.
        """
        try:
            note = Note.parse(self.note.encode())
        except UnicodeEncodeError:
            raise Malformed("note-utf8") from None
        statement = Statement.parse(note.text)
        known, name = list(keys), f"{statement.origin}/receipt"
        if any(key.name == statement.origin for key in known) and not any(
            key.name == name for key in known
        ):
            raise CannotTell(f"the key {name} is not given: use log.vkeys")
        note.signed_by(name, known, log=statement.origin)
        place = self.index - statement.first
        if not 0 <= place < statement.count:
            raise ProofInvalid("the receipt's index is not in the signed batch")
        verify_inclusion(
            self.leaf_hash, place, statement.count, self.path, statement.root
        )
        return statement


def _once(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    """Return an object whose members are there once; JSON readers differ on others."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed("receipt-members")
    return found


def _hash(value: Json) -> bytes:
    if not isinstance(value, str):
        raise Malformed("receipt-hash")
    data = b64decode(value, "receipt-hash")
    if len(data) != HASH_SIZE:
        raise Malformed("receipt-hash")
    return data
