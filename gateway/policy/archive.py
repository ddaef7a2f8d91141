"""The archive of questions: what was asked, how it came out, how often; encrypted.

It is what a change of rules is tried on. A question holds no person, agency, case or
paper, only classes and typed facts. Rows are made and written off the hot path; who
reads them, and how small counts are shown, is decided where they are read.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gateway.policy.question import Question, Vector

__all__ = [
    "KEEP_DAYS",
    "Archive",
    "ArchiveRow",
    "ArchiveStore",
    "archive_key",
    "shown_count",
]

KEEP_DAYS = 400
"""How long a row is kept, in days."""

KEY_BYTES = 32
NONCE_BYTES = 12
FEW = 5
"""Counts are shown rounded to this; fewer are shown as fewer."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ArchiveRow:
    """One distinct question of a day; the store counts how often it comes."""

    day: int
    question_sha: str
    sealed: bytes
    outcome: str


class ArchiveStore(Protocol):
    """Where rows go; counts rows of equal day, digest and outcome."""

    async def put(
        self, day: int, question_sha: str, sealed: bytes, outcome: str
    ) -> None:
        """Add one to the count of a row, storing it first if it is new."""


def archive_key(secret: bytes) -> bytes:
    """Return the archive's own key, by HKDF from the state's 32-byte secret.

    Raises:
        ValueError: when the secret is not 32 bytes.
    """
    if len(secret) != KEY_BYTES:
        raise ValueError("the state's secret is 32 bytes")
    info = b"sallyport/archive/v1"
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(
        secret
    )


class Archive:
    """Makes and opens rows; holds the archive's key."""

    def __init__(self, *, secret: bytes) -> None:
        """Take the state's 32-byte secret."""
        key = archive_key(secret)
        self._cipher = AESGCM(key)
        self._names = HKDF(
            algorithm=SHA256(), length=KEY_BYTES, salt=None, info=b"sallyport/archive/n"
        ).derive(key)

    def rows(
        self, question: Question, vectors: Sequence[Vector], outcome: str, day: int
    ) -> list[ArchiveRow]:
        """Return one row for each distinct record vector, or one for the screen.

        Args:
            question: the question that was decided.
            vectors: its records; none if the screen decided.
            outcome: release, withhold or wait.
            day: the day it was asked, YYYYMMDD.
        """
        asked = [question.with_records([v]) for v in dict.fromkeys(vectors)]
        return [self.row(a, outcome, day) for a in asked or [question.canonical]]

    def row(self, question: bytes, outcome: str, day: int) -> ArchiveRow:
        """Return the row of one canonical question.

        Equal questions of a day give equal rows, so the nonce is made of them.
        """
        name = _keyed(self._names, b"name", question)
        nonce = _keyed(self._names, b"nonce", str(day).encode() + question)
        nonce = nonce[:NONCE_BYTES]
        bound = f"{day}/{name.hex()}".encode()
        return ArchiveRow(
            day=day,
            question_sha=name.hex(),
            sealed=nonce + self._cipher.encrypt(nonce, question, bound),
            outcome=outcome,
        )

    def opened(self, row: ArchiveRow) -> bytes:
        """Return the canonical question of a row.

        Raises:
            ValueError: for a row that this key did not make, or that was changed.
        """
        bound = f"{row.day}/{row.question_sha}".encode()
        nonce, sealed = row.sealed[:NONCE_BYTES], row.sealed[NONCE_BYTES:]
        try:
            return self._cipher.decrypt(nonce, sealed, bound)
        except (InvalidTag, ValueError) as error:
            raise ValueError("not a row of this archive") from error

    async def keep(
        self,
        store: ArchiveStore,
        question: Question,
        vectors: Sequence[Vector],
        outcome: str,
        day: int,
    ) -> None:
        """Put the rows of one exchange into the store; call it off the hot path."""
        for row in self.rows(question, vectors, outcome, day):
            await store.put(row.day, row.question_sha, row.sealed, row.outcome)


def shown_count(count: int) -> str:
    """Return a count as people see it: rounded to 5, and few as "fewer than 5"."""
    if count < FEW:
        return f"fewer than {FEW}"
    return str((count + FEW // 2) // FEW * FEW)


def _keyed(key: bytes, use: bytes, data: bytes) -> bytes:
    return hmac.digest(key, use + b"\x00" + data, "sha256")
