"""What can go wrong in the log, one class for each thing that somebody catches.

::

    AuditError
    ├── Malformed          bytes that are not what they claim to be (``reason``)
    ├── ProofInvalid       a proof, signature or receipt that does not hold
    │   ├── KeyOutOfWindow     it is of a key of the log that was not in force
    │   └── OtherKeySigned     it is of a key of that name that was not given
    ├── KeyFileRefused     a key file is missing, readable by others or wrong
    ├── ActRefused         an act of people that does not count; the sentence says why
    ├── CannotTell         what was brought does not answer the question asked
    │   ├── Mistakes           of several kinds, each with its sentence
    │   ├── SourceUnreadable   a log could not be read just now
    │   │   └── FileUnreadable     one file of it; the others may be
    │   └── ActUnsigned        a log that was begun before acts were signed
    └── LogError           the log would not take or give an entry
        ├── InvalidEntry   the caller's entry can't be written as it is
        ├── DedupConflict  the key is taken by another request or answer
        ├── LogOverloaded  too many entries wait: try again later
        ├── LogLate        the instant until which the entry could be written is past
        ├── LogFull        the disk is full: nothing was acknowledged
        ├── LogUnavailable the store does not answer: nothing was acknowledged
        ├── LogFailed      stopped for ever: an fsync failed or content conflicts
        ├── LogClosed      ``close`` was called
        ├── LogLocked      another process writes this log
        ├── LogMissing     there is no log in this folder
        ├── LogExists      there is one, and a new one was asked for
        ├── LogDamaged     what is stored can't be read back
        ├── LogBehind      less is stored than was already signed
        └── LogForked      something else is stored than was already signed
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from audit.reasons import WORDS

if TYPE_CHECKING:
    from audit.entry import Known

__all__ = [
    "ActRefused",
    "ActUnsigned",
    "AuditError",
    "CannotTell",
    "DedupConflict",
    "FileUnreadable",
    "InvalidEntry",
    "KeyFileRefused",
    "KeyOutOfWindow",
    "LogBehind",
    "LogClosed",
    "LogDamaged",
    "LogError",
    "LogExists",
    "LogFailed",
    "LogForked",
    "LogFull",
    "LogLate",
    "LogLocked",
    "LogMissing",
    "LogOverloaded",
    "LogUnavailable",
    "Malformed",
    "Mistakes",
    "OtherKeySigned",
    "ProofInvalid",
    "SourceUnreadable",
    "StrangerSigned",
]


class AuditError(Exception):
    """The root: whatever this package raises on purpose is one of these."""

    @property
    def sentences(self) -> Sequence[str]:
        """What it says, a sentence for each thing."""
        return (str(self),)


class Malformed(AuditError):
    """Bytes that are not what they claim to be.

    ``reason`` is a closed word, one for each kind of malformation, said in words as
    well; ``detail`` says where, and never repeats more of the input than a name or a
    number.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        self.reason = reason
        self.detail = detail
        self.words = f" ({WORDS[reason]})" if reason in WORDS else ""
        super().__init__((f"{reason}: {detail}" if detail else reason) + self.words)

    @property
    def said(self) -> str:
        """The reason and its words, for who says otherwise where it is."""
        return self.reason + self.words


class ProofInvalid(AuditError):
    """A proof, signature or receipt was read well and does not hold."""


class KeyOutOfWindow(ProofInvalid):
    """A key of the log signed what came before it or after it was given up."""


class OtherKeySigned(ProofInvalid):
    """A key of the right name signed it, and not the one that was given.

    Somebody else may have that name; or the log has changed its keys, and those from
    before were not given.
    """


class KeyFileRefused(AuditError):
    """A key file is missing, readable by others, or holds no such key."""


class ActRefused(AuditError):
    """An act of people does not count: its form, its place, or who signed it.

    Its sentence says why. Met in a log, it is tampering; met in a file that somebody
    hands in, it is refused.
    """


class StrangerSigned(ActRefused):
    """An act has a signature by a key of nobody; the others may be good ones."""


class CannotTell(AuditError):
    """What was brought can't answer: another log's key, an index outside, no key.

    It says nothing about the log. Exit 2, never 1.
    """


class Mistakes(CannotTell):
    """Things that were brought and don't do: who mends them wants to know all."""

    def __init__(self, sentences: Sequence[str]) -> None:
        super().__init__("; ".join(sentences))
        self._sentences = tuple(sentences)

    @property
    def sentences(self) -> Sequence[str]:
        """What it says, a sentence for each mistake."""
        return self._sentences


class SourceUnreadable(CannotTell):
    """The log could not be read for a reason that says nothing about it."""


class FileUnreadable(SourceUnreadable):
    """One file is none that can be read, which hides nothing of what others show."""


class ActUnsigned(CannotTell):
    """A log that was begun by a version whose acts nobody signed.

    Nobody can tell who decided what in it. It is not written to any more.
    """


class LogError(AuditError):
    """The log would not take or give an entry; nothing may be released."""


class InvalidEntry(LogError):
    """The entry can't be written as it is: a fault of the program that made it."""


class DedupConflict(LogError):
    """The dedup key is known with another request or other content.

    ``known`` is what stands under the key; the caller begins a new exchange.
    """

    def __init__(self, known: Known) -> None:
        super().__init__(f"the key already stands for entry {known.receipt.index}")
        self.known = known


class LogOverloaded(LogError):
    """More entries wait than the log holds in memory; try again later."""


class LogLate(LogError):
    """The entry had to be written before an instant that is past: nothing was."""


class LogFull(LogError):
    """The disk is full. Nothing was acknowledged; it heals when there is room."""


class LogUnavailable(LogError):
    """The store does not answer, so what was being written may stand or not.

    Nothing was acknowledged; it heals when the store answers.
    """


class LogFailed(LogError):
    """The log stopped for ever: only a restart, which re-reads all, goes on.

    Raised after a failed fsync (what is on the disk is then unknown, and asking
    again would lie) and when stored content conflicts with what must stand there.
    """


class LogClosed(LogError):
    """The log was closed; the program is stopping."""


class LogLocked(LogError):
    """Another process is this log's writer."""


class LogMissing(LogError):
    """There is no log in this folder; a wrong path or a lost disk, maybe."""


class LogExists(LogError):
    """There is a log in this folder already; a second one would be a fork."""


class LogDamaged(LogError):
    """What is stored can't be read back; restore a copy or ask an auditor."""


class LogBehind(LogError):
    """Less is stored than was already signed: an old copy was put back."""


class LogForked(LogError):
    """Something else is stored than others have seen signed: there are two histories.

    Or its keys were changed in the other one.
    """
