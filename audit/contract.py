"""What a store does for the log on top of it: one contract, for every kind of store.

An entry goes through five steps. Three are the store's::

    append      Log.append        it is built and waits
    sequence    Sequencer         it gets its index and is durable: the commit point
    integrate   Publisher         it lies in tiles and bundles
    publish     Publisher         a signed checkpoint covers it
    release     Waiting.release   whoever waited for it gets the receipt

``release`` follows ``sequence`` and waits for nothing else. Whatever fails, and
wherever a crash comes between, what was released stays, at its index.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from audit.batch import Batch
from audit.cosigning import Cosigner
from audit.disk import Faults
from audit.elsewhere import Said
from audit.encoding import Json
from audit.entry import Known
from audit.errors import KeyFileRefused, LogError
from audit.history import Past
from audit.keyfiles import Auditor, LogKeys
from audit.keyring import Keyring
from audit.receipt import Receipt

__all__ = [
    "STEPS",
    "Charter",
    "News",
    "Others",
    "Parts",
    "Place",
    "Publisher",
    "Returned",
    "Sequencer",
    "Settings",
    "Shelf",
    "TimeMoved",
    "TurnLost",
    "WallClock",
    "Watch",
]

STEPS = ("append", "sequence", "integrate", "publish", "release")
"""What an entry goes through, in the order in which a store first sees it."""


class WallClock(Protocol):
    """What time it is; only wall time is asked for."""

    def now_ms(self) -> int:
        """Return Unix time in milliseconds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """What ``Log.open`` was asked for, whatever the store.

    Raises:
        KeyFileRefused: no auditor is named, or the keys are another log's.
    """

    origin: str
    keys: LogKeys
    auditors: tuple[Auditor, ...]
    clock: WallClock
    public_delay_ms: int
    checkpoint_interval_s: float
    max_outstanding: int
    faults: Faults
    said: tuple[Said, ...] = ()
    cosigner: Cosigner | None = None

    def __post_init__(self) -> None:
        if self.origin != self.keys.origin:
            raise KeyFileRefused(f"these are keys of the log {self.keys.origin}")
        if not self.auditors:
            raise KeyFileRefused(
                "no auditor is named: nobody could open what is sealed"
            )


class TimeMoved(LogError):
    """Another writer's entries are of a later hour; nothing was written.

    The public time of a log never runs back, so the entry is built again.
    """

    def __init__(self, ms: int) -> None:
        super().__init__("the log is in a later hour")
        self.ms = ms


class TurnLost(LogError):
    """Another process took its turn meanwhile, so the entry was not written."""


class Returned(LogError):
    """Nothing of a batch was written: some of its entries have another answer.

    ``answers`` has them by their place in the batch; the rest may be tried again.
    """

    def __init__(self, answers: Mapping[int, Receipt | LogError]) -> None:
        super().__init__(f"{len(answers)} entries of a batch have another answer")
        self.answers = answers


class Sequencer(Protocol):
    """Where entries become durable, in order. Its calls may block; a thread each."""

    def sequence(self, batch: Batch) -> Batch:
        """Make a batch durable; return it with the index and time that it got.

        The index and time it comes with are what a sole writer would give it; that
        very batch is returned if it got them.

        Raises:
            Returned: some entries have another answer; nothing was written.
            LogFull: no room; nothing of it stays, and the next may succeed.
            LogUnavailable: not known if it stands; the next may succeed.
            LogFailed, LogBehind: the log must not be written any more.
        """

    def keep_epoch(self, epoch: bytes, document: bytes) -> None:
        """Make an epoch's sealed keys durable; the errors of :meth:`sequence`."""

    def recall(self, key: bytes) -> Known | None:
        """Return what this process remembers under a dedup key; never blocks."""

    def look_up(self, key: bytes, now_ms: int) -> Known | None:
        """Return what stands under a dedup key, durably, whoever wrote it.

        Raises:
            LogUnavailable: nobody can tell just now.
        """

    def take_turn(self) -> tuple[int, int]:
        """Take the turn; return its number and how many entries stand.

        An entry with this number is written only if nobody took a turn after it: what
        was read of the log up to that size is then all there was to read.

        Raises:
            LogUnavailable: nobody can tell just now.
        """

    def learn(self, batch: Batch) -> None:
        """Remember a batch that was sequenced; never blocks."""

    def forget(self, now_ms: int) -> None:
        """Forget what is older than a day; never blocks."""


class Publisher(Protocol):
    """Moves what was sequenced into the tree and signs it; one thread at a time."""

    @property
    def follows(self) -> bool:
        """Whether others write this log too: then it is looked at again and again."""

    @property
    def live(self) -> Past:
        """The newest checkpoint there is."""

    def public(self, now_ms: int) -> Past:
        """Return the newest checkpoint that is older than the public delay."""

    def run(self, fresh: Sequence[Batch], now_ms: int) -> None:
        """Integrate what was sequenced, ``fresh`` among it, and publish a checkpoint.

        Between the two the settings' cosigner, if there is one, is shown what was
        signed; what it returns is what is published. Without anything new it is shown
        the live checkpoint, if that lacks cosignatures.

        ``now_ms``, the checkpoint's time, must be read before ``fresh`` were
        collected: a checkpoint holds all that was sequenced before its time.

        Raises:
            LogFull, LogUnavailable: what is left is done at the next call.
            LogFailed, LogBehind, LogForked: the log must not be written any more.
        """


class Shelf(Protocol):
    """Gives what is stored; each call blocks."""

    def read(self, path: str, size: int) -> bytes | None:
        """Return a public file of the tree as it was at ``size`` entries."""

    def leaves(
        self, start: int = 0, end: int | None = None
    ) -> Iterator[tuple[int, bytes]]:
        """Yield index and bytes of leaves ``start`` to ``end``, which is left out.

        Raises:
            LogDamaged: something stored does not read.
        """


@dataclass(frozen=True, kw_only=True, slots=True)
class News:
    """How many entries stand at one moment, and which files some of them brought.

    ``files`` are pairs of an entry's index and a file's name, in that order.
    """

    size: int
    files: tuple[tuple[int, str], ...] = ()


class Others(Protocol):
    """Tells what other processes have written."""

    def since(self, start: int, kind: str) -> News:
        """Return the files of a kind (``acts``) that entries from ``start`` on brought.

        Of all that stand at that moment none is left out. Blocks.

        Raises:
            LogUnavailable: nobody can tell just now.
        """


class Charter(Protocol):
    """Which log this is: its name, its keys and their periods. Each call blocks."""

    def read_state(self) -> dict[str, Json]:
        """Return what was last written."""

    def write_state(self, state: Mapping[str, Json]) -> None:
        """Write it, durably."""

    def keyring(self) -> Keyring:
        """Return the log's keys with their periods."""

    def attach(self, name: str, data: bytes, index: int) -> None:
        """Publish a file that belongs to an entry and was not sequenced with it."""


class Watch(Protocol):
    """Looks at what was published, and who has signed it."""

    since_ms: int | None
    """Since when the newest entries lack a quorum of witnesses (Unix ms), if so."""

    def look(self, live: Past) -> bool:
        """Take note of a checkpoint; whether a witness may still sign it. Blocks."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Parts:
    """A log that was read back and may be written by this process."""

    settings: Settings
    sequencer: Sequencer
    publisher: Publisher
    shelf: Shelf
    charter: Charter
    size: int
    last_ms: int
    close: Callable[[], None]
    """Give everything up; blocks."""
    others: Others | None = None
    """None where nobody else can write."""
    watch: Watch | None = None
    unfinished: bool = False
    """Whether a witness may still sign the live checkpoint."""


class Place(Protocol):
    """Where a log lies."""

    def assemble(
        self, settings: Settings, *, create: bool = False, rotating: bool = False
    ) -> Parts:
        """Make or read back a log; blocks. ``rotating``: for who changes its keys.

        Raises:
            LogError, KeyFileRefused: as ``Log.open`` says.
        """
