"""What was noted is counted once, whenever the store takes it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any, cast

import pytest

from gateway.errors import Cause, Unavailable
from gateway.policy import Ask, Question
from gateway.policy.vocabulary import load_vocabulary
from gateway.recording import archiving
from gateway.recording.archiving import Archiver
from gateway.state import ArchiveRows

WORDS = load_vocabulary(Path(__file__).parents[3] / "policies" / "vocabulary.yaml")
DAY = 20260120


def question(category: str) -> Question:
    """Return a question about one category."""
    return Question.build(
        vocabulary=WORDS,
        day=DAY,
        custodian="sheriff",
        dataset_kind="jail",
        requester_class="ice_ero",
        facts={"purpose": "release_notification", "person_named": True},
        asks=[Ask(kind="notify", use="release", category=category, facts={})],
    )


class Store:
    """Counts as they are put; one put fails, or all from one on."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.fails_at = 0
        self.puts = 0

    async def put(self, *, question: bytes, count: int, **_: object) -> None:
        """Count, unless it is to fail."""
        self.puts += 1
        if self.puts == self.fails_at:
            raise Unavailable(Cause.STATE_UNAVAILABLE, "as the test wants it")
        self.counts[question.hex()] += count


def archiver(store: Store) -> Archiver:
    """Return an archiver that is on."""
    kept: Any = store
    return Archiver(store=cast("ArchiveRows", kept), secret=b"k" * 32, keep=True)


@pytest.mark.parametrize("fails_at", [0, 1, 2, 3])
async def test_each_note_counts_once_whichever_write_fails(fails_at: int) -> None:
    """What could not be written is written the next time, and nothing twice."""
    store = Store()
    store.fails_at = fails_at
    kept = archiver(store)
    for category in ("release_date", "home_address", "release_date", "name"):
        kept.note(question(category), (), "refused", DAY)
    await kept.write()
    kept.note(question("name"), (), "refused", DAY)
    await kept.write()

    assert sorted(store.counts.values()) == [1, 2, 2]


async def test_what_cannot_be_written_is_bounded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """New questions past the bound are dropped; those that are kept go on counting."""
    monkeypatch.setattr(archiving, "MOST_ROWS", 1)
    store = Store()
    store.fails_at = 1
    kept = archiver(store)
    kept.note(question("release_date"), (), "refused", DAY)
    await kept.write()
    kept.note(question("name"), (), "refused", DAY)
    kept.note(question("release_date"), (), "refused", DAY)
    await kept.write()

    assert [*store.counts.values()] == [2]
