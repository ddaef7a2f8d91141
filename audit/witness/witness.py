"""What a witness does with a request, apart from how it came in. Its calls block."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Lock

from audit.checkpoint import cosignature_line
from audit.note import Note, Signature
from audit.witness.book import Book
from audit.witness.judgement import Refused, read
from audit.witness.rate import Rate
from audit.witness.settings import Settings

__all__ = ["Witness"]


class Witness:
    """Countersigns the checkpoints of the logs that it knows."""

    def __init__(
        self,
        settings: Settings,
        book: Book,
        *,
        seconds: Callable[[], int],
        monotonic: Callable[[], float],
    ) -> None:
        """Take the configuration, the record, and what time it is (Unix seconds)."""
        self._signers = settings.signers
        self._book = book
        self._seconds = seconds
        self._keys = {each.origin: each.keys for each in settings.logs.values()}
        # Anybody can send again what a log has shown: that spends nothing of the log's.
        self._rates: Mapping[tuple[str, bool], Rate] = {
            (each.origin, new): Rate(each.per_minute, monotonic=monotonic)
            for each in settings.logs.values()
            for new in (True, False)
        }
        self._turn = Lock()

    def add_checkpoint(self, body: bytes) -> bytes:
        """Answer a request with the witness's lines, after they are recorded.

        Raises:
            Refused: with the status and body to answer instead.
            sqlite3.Error: nothing could be recorded.
        """
        submission = read(body, self._keys)

        def spend(new: bool) -> None:  # noqa: FBT001 - a protocol of one argument
            if not self._rates[submission.origin, new].take():
                raise Refused(429, "this log asks too often")

        with self._turn:
            return self._book.add(submission, self._sign, self._seconds(), spend)

    def checkpoint(self, origin_hash: str) -> bytes | None:
        """Return the latest cosigned checkpoint of a log; ``sqlite3.Error``."""
        with self._turn:
            return self._book.latest(origin_hash)

    def _sign(self, text: str, at: int) -> tuple[Signature, ...]:
        lines = "".join(cosignature_line(text, each, at) for each in self._signers)
        return Note.parse(f"{text}\n{lines}".encode()).signatures
