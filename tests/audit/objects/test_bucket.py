"""A bucket of a real object store: made once, swapped, locked, and out of order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from audit.errors import LogFailed, LogUnavailable, SourceUnreadable
from audit.objects.bucket import Bucket, Place, place_at
from tests.services.objects import Objects

pytestmark = [
    pytest.mark.services,
    pytest.mark.blocking("a bucket has an event loop that nobody else waits on"),
]


@pytest.fixture
async def place(objects: Objects) -> Place:
    """A bucket with Object Lock, and a day of retention."""
    return await asyncio.to_thread(objects.place)


@pytest.fixture
async def bucket(place: Place) -> AsyncIterator[Bucket]:
    """That bucket, open."""
    async with Bucket.open(place) as opened:
        yield opened


async def test_an_object_is_made_once(bucket: Bucket) -> None:
    """Again with the same bytes it is there; with others nothing goes on."""
    assert await bucket.get("tile/0/000") is None
    assert await bucket.make("tile/0/000", b"one")
    assert not await bucket.make("tile/0/000", b"one")
    with pytest.raises(LogFailed, match="tile/0/000 holds something else in the bucke"):
        await bucket.make("tile/0/000", b"two")
    found = await bucket.get("tile/0/000")
    assert found is not None
    assert found[0] == b"one"


async def test_of_many_at_once_one_makes_it(bucket: Bucket) -> None:
    """The store decides, in the request itself."""
    made = await asyncio.gather(*(bucket.make("x", b"same") for _ in range(8)))
    assert sum(made) == 1


async def test_an_object_that_drips_is_unavailable(place: Place) -> None:
    """Something comes all the time, and never the end of it."""
    left, gone = asyncio.Event(), asyncio.Event()

    async def answer(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nETag: x\r\nContent-Length: 9000\r\n\r\n")
        while not left.is_set():
            writer.write(b"x")
            await asyncio.sleep(0.02)
        writer.transport.abort()
        gone.set()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        slow = replace(place, endpoint=f"http://127.0.0.1:{port}", timeout_s=0.2)
        async with Bucket.open(slow) as bucket:
            with pytest.raises(LogUnavailable, match="TimeoutError"):
                await bucket.get("checkpoint")
        left.set()
        await gone.wait()


async def test_an_object_that_breaks_off_is_unavailable(place: Place) -> None:
    """Half of it is none of it."""

    async def answer(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nETag: x\r\nContent-Length: 100\r\n\r\nhalf")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        short = replace(place, endpoint=f"http://127.0.0.1:{port}")
        async with Bucket.open(short) as bucket:
            with pytest.raises(LogUnavailable, match="the bucket"):
                await bucket.get("checkpoint")


@pytest.mark.parametrize("first", [True, False], ids=["after", "before"])
async def test_a_store_that_hangs_up_is_asked_what_it_has(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch, *, first: bool
) -> None:
    """It may do so once it sees that the object is there, or after it took it."""
    put = bucket._client.put_object

    async def hang_up(**given: object) -> None:
        if first:
            await put(**given)
        raise EndpointConnectionError(endpoint_url="http://store.example.invalid")

    async with Bucket.open(bucket.place) as other:
        if not first:
            await other.make("tile/0/000", b"one")
            await other.swap("checkpoint", b"1", None)
        monkeypatch.setattr(bucket._client, "put_object", hang_up)
        assert not await bucket.make("tile/0/000", b"one")
        assert await bucket.swap("checkpoint", b"1", None)
        assert not await bucket.swap("checkpoint", b"2", None)
        found = await bucket.get("checkpoint")
        assert found is not None
        if not first:
            for going in (
                bucket.make("tile/0/001", b"one"),
                bucket.swap("checkpoint", b"2", found[1]),
            ):
                with pytest.raises(LogUnavailable, match="EndpointConnectionError"):
                    await going


async def test_the_checkpoint_is_swapped_for_the_one_that_was_seen(
    bucket: Bucket,
) -> None:
    """Of two that saw the same one, the second is told."""
    assert await bucket.swap("checkpoint", b"1", None)
    assert not await bucket.swap("checkpoint", b"1 too", None)
    found = await bucket.get("checkpoint")
    assert found is not None
    assert await bucket.swap("checkpoint", b"2", found[1])
    assert not await bucket.swap("checkpoint", b"2 too", found[1])
    now = await bucket.get("checkpoint")
    assert now is not None
    assert now[0] == b"2"


async def test_nobody_deletes_what_is_kept(bucket: Bucket) -> None:
    """Neither the version itself nor its retention, whatever right is claimed."""
    await bucket.make("tile/entries/000", b"kept")
    client: Any = bucket._client
    where = bucket._named("tile/entries/000")
    version = (await client.head_object(**where))["VersionId"]
    for bypass in (False, True):
        with pytest.raises(ClientError, match="AccessDenied"):
            await client.delete_object(
                **where, VersionId=version, BypassGovernanceRetention=bypass
            )
    await client.delete_object(**where)  # hides it, and keeps the version
    again = await client.get_object(**where, VersionId=version)
    async with again["Body"] as body:
        assert await body.read() == b"kept"


async def test_what_is_not_full_yet_is_not_locked(bucket: Bucket) -> None:
    """It would be kept for years and be worth nothing after a second."""
    await bucket.make("tile/0/000.p/1", b"part", locked=False)
    head = await bucket._client.head_object(**bucket._named("tile/0/000.p/1"))
    assert "ObjectLockMode" not in head


async def test_names_are_those_below_the_prefix(bucket: Bucket) -> None:
    """In order, the prefix left out."""
    for name in ("b", "tile/0/001", "tile/0/000"):
        await bucket.make(name, b"x")
    assert [name async for name in bucket.names()] == ["b", "tile/0/000", "tile/0/001"]
    assert [name async for name in bucket.names("tile/0/001")] == ["tile/0/001"]


async def test_a_bucket_without_lock_is_said(objects: Objects, bucket: Bucket) -> None:
    """One that was made with it has nothing to be said of."""
    assert await bucket.faults() == []
    place = await asyncio.to_thread(objects.place, lock=False)
    async with Bucket.open(place) as without:
        lock, versions = await without.faults()
        assert "was made without Object Lock" in lock
        assert "keeps no earlier versions" in versions
        with pytest.raises(LogUnavailable, match="does not answer as it should"):
            await without.make("locked", b"where nothing can be")
        without.place = replace(place, retention_days=0)
        assert await without.make("x", b"not locked")


async def test_a_bucket_that_is_not_there_is_unavailable(place: Place) -> None:
    """Each question says which bucket, and why."""
    async with Bucket.open(replace(place, bucket="no-such-bucket")) as bucket:
        for question in (
            bucket.get("x"),
            bucket.make("x", b""),
            bucket.faults(),
            anext(bucket.names()),
        ):
            with pytest.raises(LogUnavailable, match=r"bucket no-such-bucket .*NoSuch"):
                await question


async def test_a_store_that_does_not_answer_is_unavailable(place: Place) -> None:
    """No error of the client's own comes through."""
    gone = replace(place, endpoint="http://127.0.0.1:9", timeout_s=0.5)
    async with Bucket.open(gone) as bucket:
        for question in (
            bucket.get("x"),
            bucket.make("x", b""),
            bucket.faults(),
            anext(bucket.names()),
        ):
            with pytest.raises(LogUnavailable, match="Connection"):
                await question


async def test_a_bucket_that_can_not_be_opened_is_said(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without its key, with an authority's file that is none, or a profile."""

    def none() -> tuple[str, str]:
        raise ValueError("no file")

    with pytest.raises(LogUnavailable, match="key to the bucket cannot be read"):
        async with Bucket.open(replace(place, key=none)):
            pass
    missing = replace(
        place, endpoint="https://127.0.0.1:9", ca_file=tmp_path / "missing"
    )
    async with Bucket.open(missing) as bucket:
        with pytest.raises(LogUnavailable, match="does not answer as it should"):
            await bucket.get("x")
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(LogUnavailable, match="ProfileNotFound"):
        async with Bucket.open(place):
            pass


async def test_a_lock_that_can_not_be_asked_for_is_no_answer(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever may not look does not know."""

    async def denied(**_: object) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied"}}, "GetObjectLock")

    monkeypatch.setattr(bucket._client, "get_object_lock_configuration", denied)
    with pytest.raises(LogUnavailable, match="AccessDenied"):
        await bucket.faults()


@pytest.mark.parametrize("address", ["s3:///x", "http://b/x", "s3://b/x?y", "s3://"])
def test_other_addresses_are_refused(address: str) -> None:
    """Only a bucket and a prefix."""
    with pytest.raises(SourceUnreadable, match="does not read"):
        place_at(address)


def test_an_address_says_bucket_and_prefix() -> None:
    """With or without one."""
    assert place_at("s3://bucket/a/b/").prefix == "a/b/"
    assert place_at("s3://bucket") == Place(bucket="bucket")
