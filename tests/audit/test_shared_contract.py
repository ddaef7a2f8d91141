"""What the contract allows a store that others write too; here one that is scripted."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from audit import Log
from audit.batch import Batch
from audit.checkpoint import Checkpoint, sign_checkpoint
from audit.contract import Parts, Returned, Sequencer, Settings, TimeMoved
from audit.directory import Directory
from audit.elsewhere import Said
from audit.errors import LogForked, LogUnavailable
from audit.merkle import EMPTY_ROOT
from audit.note import Note
from audit.receipt import Receipt
from audit.signer import SeedSigner
from tests.audit.builders import (
    AUDITOR,
    KEYS,
    ORIGIN,
    START_MS,
    FakeClock,
    digest,
    entry,
    opening,
)

Step = Callable[[Batch], Batch | None]


class Scripted:
    """A sequencer that first does what the test says."""

    def __init__(self, real: Sequencer) -> None:
        self.real = real
        self.steps: list[Step] = []

    def sequence(self, batch: Batch) -> Batch:
        """Do the next step, or the real thing."""
        answer = self.steps.pop(0)(batch) if self.steps else None
        return self.real.sequence(batch) if answer is None else answer

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - of the real one
        return getattr(self.real, name)


class Followed:
    """A publisher of a log that others write too."""

    follows = True

    def __init__(self, real: object) -> None:
        self.real = real

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - of the real one
        return getattr(self.real, name)


class Shared:
    """A place whose store is a folder, and whose sequencer is scripted."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sequencer: Scripted

    def assemble(
        self, settings: Settings, *, create: bool = False, rotating: bool = False
    ) -> Parts:
        """Return the folder's parts, with ours between."""
        real = Directory(self.folder)
        parts = real.assemble(settings, create=create, rotating=rotating)
        self.sequencer = Scripted(parts.sequencer)
        followed: Any = Followed(parts.publisher)
        return dataclasses.replace(parts, sequencer=self.sequencer, publisher=followed)

    def open(self) -> Any:  # noqa: ANN401 - as Log.open
        """Begin the log."""
        return compared(self, create=True)


def compared(
    place: Path | Shared,
    *said: bytes,
    create: bool = False,
) -> Any:  # noqa: ANN401 - as Log.open
    """Open a log where others have seen these checkpoints."""
    return Log.open(
        place,
        origin=ORIGIN,
        keys=KEYS,
        auditors=[AUDITOR.auditor],
        clock=FakeClock(),
        create=create,
        said=[Said(where="x", note=note) for note in said],
    )


def raising(error: Exception) -> Step:
    """Return a step that fails."""

    def step(_batch: Batch) -> Batch:
        raise error

    return step


async def test_an_entry_of_an_earlier_hour_is_built_again(tmp_path: Path) -> None:
    """Somebody else's entries are of a later one: time never runs back."""
    shared = Shared(tmp_path)
    async with shared.open() as log:
        shared.sequencer.steps = [raising(TimeMoved(START_MS + 3_600_000))]
        receipt = await log.append(entry())
        assert receipt.index == 0
        assert b'"t":"2026-11-23T10Z"' in receipt.leaf


async def test_those_who_have_another_answer_get_it_and_the_rest_goes_on(
    tmp_path: Path,
) -> None:
    """A batch may come back; what nobody knew is tried again, in order."""
    shared = Shared(tmp_path)
    async with shared.open() as log:
        known = await log.append(entry())

        def some(batch: Batch) -> Batch:
            assert len(batch.entries) == 4
            answers: dict[int, Receipt | LogUnavailable] = {
                0: known,
                2: LogUnavailable("not known"),
            }
            raise Returned(answers)

        shared.sequencer.steps = [lambda _batch: None, some]
        first = asyncio.ensure_future(log.append(entry()))
        await asyncio.sleep(0)
        found = await asyncio.gather(
            *(log.append(entry()) for _ in range(4)), return_exceptions=True
        )
        assert (await first).index == 1
        assert found[0] == known
        assert isinstance(found[2], LogUnavailable)
        rest = [each for each in found[1::2] if isinstance(each, Receipt)]
        assert [each.index for each in rest] == [2, 3]
        assert log.size == 4


async def test_a_batch_may_get_another_place(tmp_path: Path) -> None:
    """Then its receipts are made for where it stands."""
    shared = Shared(tmp_path)
    async with shared.open() as log:
        real = shared.sequencer.real
        shared.sequencer.steps = [
            lambda batch: dataclasses.replace(real.sequence(batch))
        ]
        receipt = await log.append(entry("a"))
        assert receipt.index == 0
        known = await log.known(digest("a"))
        assert known is not None
        assert await log.known(digest("b")) is None  # asked of the store itself


# --- what others have seen ---------------------------------------------------------


async def shown(folder: Path, sizes: Sequence[int]) -> list[bytes]:
    """Make a log; return its checkpoints at some sizes."""
    notes = []
    async with opening(folder, create=True) as log:
        for size in sizes:
            await asyncio.gather(*(log.append(entry()) for _ in range(size - log.size)))
            await log.settle()
            notes.append(log.checkpoint())
    return notes


async def test_a_store_continues_what_was_seen_long_ago(tmp_path: Path) -> None:
    """Inside a full tile, at its end, and what is not of this log at all."""
    early, full, last = await shown(tmp_path, [100, 256, 600])
    other = Checkpoint(origin="elsewhere", size=0, root=EMPTY_ROOT)
    odd = [b"junk", sign_checkpoint(other, log=KEYS.log, time=None, seconds=1)]
    async with opening(tmp_path) as log:
        # What lies in full tiles leaves the write-ahead file.
        await asyncio.gather(*(log.append(entry()) for _ in range(200)))
    async with compared(tmp_path, early, full, last, *odd) as log:
        assert log.size == 800


async def test_a_checkpoint_of_other_keys_is_refused(tmp_path: Path) -> None:
    """Somebody else signs under this name, or the keys were changed elsewhere."""
    [note] = await shown(tmp_path, [3])
    thief = SeedSigner(name=ORIGIN, kind=1, seed=b"\x66" * 32)
    head = Checkpoint.parse(Note.parse(note).text)
    forged = sign_checkpoint(head, log=thief, time=None, seconds=1)
    with pytest.raises(LogForked):
        async with compared(tmp_path, forged):
            pass
