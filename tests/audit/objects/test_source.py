"""Reading the copy of a log in an object store."""

from __future__ import annotations

import asyncio
from pathlib import Path
from unittest.mock import AsyncMock

import pytest
from botocore.exceptions import ClientError

from audit.errors import (
    Malformed,
    SourceUnreadable,
)
from audit.objects import answers
from audit.objects.bucket import Bucket, Place
from audit.objects.source import ObjectSource
from audit.reading import read_tile
from audit.tiles import ENTRIES, Tile
from audit.verify import Trust, verify
from tests.audit.builders import CFG, KEYS
from tests.audit.kept import DirectoryStore
from tests.audit.objects.copies import ACT, MARKS, altered, copied, grow
from tests.services.objects import Objects

pytestmark = MARKS


async def test_tiles_that_became_wider_are_cut(tmp_path: Path, place: Place) -> None:
    """Who has an earlier checkpoint reads the same tree; other names are no tiles."""
    store = DirectoryStore(tmp_path / "store")
    await grow(store, 5, create=True)
    await copied(store, place)

    def read() -> None:
        source = ObjectSource(place)
        for level in (0, ENTRIES):
            narrow = read_tile(source, Tile(level=level, index=0, width=2))
            assert narrow is not None
            whole = source.read(Tile(level=level, index=0, width=5).path)
            assert whole is not None
            assert whole.startswith(narrow)
        assert source.wider(Tile(level=0, index=9, width=2)) is None
        assert sorted(source.files()) == [
            f"acts/{ACT}",
            "checkpoint",
            f"schema/{CFG}.json",
        ]
        assert {tile.width for tile in source.tiles()} == {5}
        source.close()

    await asyncio.to_thread(read)


def test_a_bucket_that_can_not_be_read_tells_nothing(objects: Objects) -> None:
    """Neither open nor asked; and what is no tile is named."""
    place = objects.place()

    def none() -> tuple[str, str]:
        raise ValueError("no file")

    for broken, said in (
        (Place(bucket="x", key=none), "key to the bucket"),
        (objects.elsewhere(place, 9), "does not answer as it should"),
    ):
        source = ObjectSource(broken)
        with pytest.raises(SourceUnreadable, match=said):
            source.read("checkpoint")
        source.close()
    source = ObjectSource(place)

    async def other(bucket: Bucket) -> None:
        await bucket.make("tile/0/000.p/", b"")  # as consoles do
        await bucket.make("tile/other", b"x")

    source._ask(other)
    with pytest.raises(Malformed, match="tile/other"):
        list(source.tiles())
    source._ask(lambda bucket: bucket.make("tile/0/000.p/some", b"x"))
    assert source.wider(Tile(level=0, index=0, width=1)) is None
    source.close()


async def test_an_object_that_is_refused_hides_nothing(
    tmp_path: Path, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever may deny one, or put a huge one there, covers no altered one by it."""
    store = DirectoryStore(tmp_path / "store")
    await grow(store, 300, create=True)
    await copied(store, place)
    asked = Bucket.get

    async def get(bucket: Bucket, name: str) -> tuple[bytes, str] | None:
        if name == "tile/entries/000":
            monkeypatch.setattr(answers, "_MAX_BYTES", 9)
            try:
                return await asked(bucket, name)
            finally:
                monkeypatch.setattr(answers, "_MAX_BYTES", 64_000_000)
        if name == "tile/0/000":
            response = {
                "Error": {"Code": "AccessDenied"},
                "ResponseMetadata": {"HTTPStatusCode": 403},
            }
            refused = AsyncMock(side_effect=ClientError(response, "GetObject"))
            with monkeypatch.context() as patched:
                patched.setattr(bucket._client, "get_object", refused)
                return await asked(bucket, name)
        found = await asked(bucket, name)
        if name == "tile/entries/001.p/44" and found is not None:
            return altered(found[0]), found[1]
        return found

    monkeypatch.setattr(Bucket, "get", get)

    def check() -> tuple[list[int | None], list[str]]:
        source = ObjectSource(place)
        report = verify(source, Trust(keys=KEYS.verifiers), leaves=False)
        source.close()
        return [each.index for each in report.findings], report.doubts

    found, doubts = await asyncio.to_thread(check)
    assert found == [256]
    assert sorted(doubts) == [
        f"tile/0/000: {place.name} does not answer as it should: AccessDenied",
        "tile/entries/000: more than 9 bytes",
    ]


def test_a_source_that_nobody_holds_is_closed(objects: Objects) -> None:
    """Wherever that is noticed, also while another loop runs."""
    source: ObjectSource | None = None

    async def leave() -> None:
        nonlocal source
        source = None

    def leave_it() -> None:
        nonlocal source
        source = None

    def leave_it_to_a_loop() -> None:
        asyncio.run(leave())

    for left in (leave_it, leave_it_to_a_loop):
        source = ObjectSource(objects.place())
        assert source.read("checkpoint") is None
        opened = source._opened
        assert len(opened) == 1
        left()
        assert opened == []
