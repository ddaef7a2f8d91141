"""The contract of ``append``, and what the log shows of what it holds."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from audit import (
    Entry,
    InvalidEntry,
    KeyFileRefused,
    Log,
    LogLocked,
    LogUnavailable,
)
from audit.note import Verifier
from audit.reading import FolderSource
from audit.report import Outcome
from audit.verify import Trust, verify
from tests.audit.builders import (
    KEYS,
    ORIGIN,
    FakeClock,
    dedup,
    entry,
    opening,
    write_schema,
)

HOUR_MS = 3_600_000


async def holds(log: Log, folder: Path) -> int:
    """Publish, verify everything, and return how many entries are signed."""
    await log.settle()
    source = FolderSource(folder / "live")
    await asyncio.to_thread(write_schema, folder / "live")
    report = await asyncio.to_thread(verify, source, Trust(keys=KEYS.verifiers))
    assert report.findings == []
    assert report.outcome(allow_unwitnessed=True) is Outcome.OK
    return int(report.facts["entries"])


@pytest.mark.parametrize(
    "bad",
    [
        Entry(public={"x": 1.5}),
        Entry(public={"x": None}),
        Entry(public={"x": {"y": [1, {"z": 1 << 53}]}}),
        Entry(public={"ü": 1}),
        Entry(public={"pad": ""}),
        Entry(public={"x": b"bytes"}),
        Entry(public={}, sealed={"other": {"a": 1}}),
        Entry(public={}, sealed={"who": {"at_ms": 1}}),
        Entry(public={}, sealed={"who": {"a": 1.5}}),
        Entry(public={}, sealed={"who": {"a": 1, "b": 2}}, commitments=2),
        Entry(public={}, subjects=(b"x",) * 501),
        Entry(public={"x": "y" * 70_000}),
        Entry(public={}, attachments={"other": b""}),
        Entry(public={}, attachments={"acts/" + "0" * 64: b""}),
        Entry(public={}, dedup=dedup("a").__class__(key=b"", request=b"", content=b"")),
    ],
)
async def test_an_entry_that_does_not_fit_is_refused(
    tmp_path: Path, bad: Entry
) -> None:
    """The fault is the program's, and the log goes on."""
    async with opening(tmp_path, create=True) as log:
        with pytest.raises(InvalidEntry):
            await log.append(bad)
        assert (await log.append(entry())).index == 0


# --- opening ------------------------------------------------------------------------


async def test_one_writer_at_a_time(tmp_path: Path) -> None:
    """A second writer is refused while the first lives, and not after."""
    async with opening(tmp_path, create=True):
        with pytest.raises(LogLocked):
            await opening(tmp_path)
    async with await opening(tmp_path) as log:
        await log.append(entry())


async def test_a_folder_has_nobody_else_to_hear_of(tmp_path: Path) -> None:
    """One process writes it, so what others wrote is no question."""
    async with opening(tmp_path / "log", create=True) as log:
        assert not log.shared
        with pytest.raises(LogUnavailable, match="nobody else"):
            await log.news(0, "acts")


async def test_nobody_to_open_it_is_no_start(tmp_path: Path) -> None:
    """Without an auditor what is sealed would be lost."""
    with pytest.raises(KeyFileRefused, match="auditor"):
        await Log.open(
            tmp_path,
            origin=ORIGIN,
            keys=KEYS,
            auditors=[],
            clock=FakeClock(),
            create=True,
        )


async def test_the_public_delay_may_change(tmp_path: Path) -> None:
    """The store remembers the delay that ``publish`` keeps to."""
    async with opening(tmp_path, create=True, delay_s=5):
        pass
    async with opening(tmp_path, delay_s=7):
        pass
    state = json.loads((tmp_path / "state.json").read_text())
    assert state["public_delay_ms"] == 7000
    assert [Verifier.parse(text) for text in state["keys"]] == list(KEYS.verifiers)
