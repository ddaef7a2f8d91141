"""A bucket of an object store: objects that are made once, and one that is swapped.

Whether an object is there is decided by the store, in the request that makes it
(``If-None-Match``, ``If-Match``). Where the bucket has Object Lock, what is kept is
under COMPLIANCE: nobody, its owner included, deletes or replaces it before its day.
"""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aiobotocore.config import AioConfig
from aiobotocore.session import get_session
from aiohttp import ClientPayloadError
from botocore.exceptions import BotoCoreError, ClientError
from botocore.loaders import create_loader

from audit.errors import LogFailed, LogUnavailable, SourceUnreadable
from audit.objects.answers import (
    HungUp,
    ObjectRefused,
    bounded,
    code_of,
    status_of,
    unavailable,
)

__all__ = ["Bucket", "Place", "place_at"]

_TAKEN = 412
_RACED = 409
_MISSING = frozenset({"NoSuchKey", "404"})
_NO_LOCK = "ObjectLockConfigurationNotFoundError"
_DAY_S = 86_400
_TRIES = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Which bucket, where in it, and how it is reached.

    Attributes:
        bucket: its name.
        prefix: what the names of a log's objects begin with; empty or ends in ``/``.
        endpoint: the store's address; none for the provider's own.
        region: as the provider names it; none for what the environment says.
        key: returns key id and secret, asked at each opening; none for what the
            environment says. May block. ``ValueError``: there is none.
        ca_file: the authority of the store's certificate, where it is private.
        retention_days: how long what is copied is kept; 0 locks nothing.
        timeout_s: the longest wait for one answer.
    """

    bucket: str
    prefix: str = ""
    endpoint: str | None = None
    region: str | None = None
    key: Callable[[], tuple[str, str]] | None = field(default=None, repr=False)
    ca_file: Path | None = None
    retention_days: int = 0
    timeout_s: float = 10.0

    @property
    def name(self) -> str:
        """What it is called in a sentence."""
        return f"the bucket {self.bucket}"


def place_at(address: str) -> Place:
    """Return the place of ``s3://BUCKET/PREFIX``; the rest comes from the environment.

    Raises:
        SourceUnreadable: the address does not read.
    """
    parts = urlsplit(address)
    if parts.scheme != "s3" or not parts.hostname or parts.query or parts.fragment:
        raise SourceUnreadable("the address of the bucket does not read")
    prefix = parts.path.strip("/")
    return Place(bucket=parts.netloc, prefix=f"{prefix}/" if prefix else "")


_loader = cache(create_loader)


def _session() -> Any:  # noqa: ANN401 - untyped
    """Return a session; the description of the protocol is read once."""
    session = get_session()
    session.register_component("data_loader", _loader())
    return session


class Bucket:
    """An open bucket; for an event loop of its own, because opening reads files."""

    def __init__(self, place: Place, client: Any) -> None:  # noqa: ANN401 - untyped
        """Take what :meth:`open` made."""
        self.place = place
        self._client = client

    @classmethod
    @asynccontextmanager
    async def open(cls, place: Place) -> AsyncIterator[Bucket]:
        """Have a bucket until the block ends; nothing is asked yet.

        Raises:
            LogUnavailable: there is no key to it.
        """
        told: dict[str, Any] = {}
        if place.key is not None:
            try:
                told["aws_access_key_id"], told["aws_secret_access_key"] = place.key()
            except ValueError:
                raise LogUnavailable("the key to the bucket cannot be read") from None
        config = AioConfig(
            connect_timeout=place.timeout_s,
            read_timeout=place.timeout_s,
            retries={"total_max_attempts": _TRIES, "mode": "standard"},
            s3={"addressing_style": "path" if place.endpoint else "auto"},
        )
        async with AsyncExitStack() as stack:
            try:
                opened = _session().create_client(
                    "s3",
                    endpoint_url=place.endpoint,
                    region_name=place.region,
                    verify=None if place.ca_file is None else str(place.ca_file),
                    config=config,
                    **told,
                )
                client = await stack.enter_async_context(opened)
            except (BotoCoreError, OSError) as error:
                raise unavailable(place.name, error) from None
            yield cls(place, client)

    def _named(self, name: str) -> dict[str, str]:
        return {"Bucket": self.place.bucket, "Key": f"{self.place.prefix}{name}"}

    def _in_time(self) -> asyncio.Timeout:
        """Return a block that ends in ``TimeoutError``: an answer may drip for ever."""
        return asyncio.timeout(_TRIES * (2 * self.place.timeout_s))

    # --- reading ----------------------------------------------------------------

    async def get(self, name: str) -> tuple[bytes, str] | None:
        """Return an object and its tag; none if there is none.

        Raises:
            ObjectRefused: the store gives others perhaps, and not this one.
            LogUnavailable: the store does not give it.
        """
        try:
            async with self._in_time():
                answer = await self._client.get_object(**self._named(name))
                async with answer["Body"] as body:
                    return await bounded(name, body), answer["ETag"]
        except ClientError as error:
            if code_of(error) in _MISSING:
                return None
            failed = unavailable(self.place.name, error)
            if status_of(error) == HTTPStatus.FORBIDDEN:
                raise ObjectRefused(f"{name}: {failed}") from None
            raise failed from None
        except (BotoCoreError, ClientPayloadError, OSError) as error:
            # A body that breaks off is said in the words of what is below botocore.
            raise unavailable(self.place.name, error) from None

    async def names(self, start: str = "") -> AsyncIterator[str]:
        """Yield the names that begin so, in order; the errors of :meth:`get`."""
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self.place.bucket, Prefix=f"{self.place.prefix}{start}"
        )
        try:
            following = aiter(pages)
            while True:
                async with self._in_time():
                    page = await anext(following, None)
                if page is None:
                    return
                for item in page.get("Contents", []):
                    yield item["Key"].removeprefix(self.place.prefix)
        except (ClientError, BotoCoreError, OSError) as error:
            raise unavailable(self.place.name, error) from None

    # --- writing ----------------------------------------------------------------

    async def make(self, name: str, data: bytes, *, locked: bool = True) -> bool:
        """Make an object that never changes; return whether it is new.

        Raises:
            LogFailed: it is there with other content.
            LogUnavailable: the store does not take it.
        """
        try:
            if await self._put(name, data, {"IfNoneMatch": "*"}, locked=locked):
                return True
            there = await self.get(name)
        except HungUp:
            # A store may hang up on whoever still sends what it has already.
            there = await self.get(name)
            if there is None:
                raise
        if there is not None and there[0] != data:
            raise LogFailed(f"{name} holds something else in {self.place.name}")
        return False

    async def swap(self, name: str, data: bytes, tag: str | None) -> bool:
        """Put an object in place of the one with this tag, or of none.

        Returns whether that one was there; the errors of :meth:`get`.
        """
        match = {"IfNoneMatch": "*"} if tag is None else {"IfMatch": tag}
        try:
            return await self._put(name, data, match, locked=True)
        except HungUp:
            # As above; where nothing was put meanwhile, it was something else.
            content, now = await self.get(name) or (None, None)
            if now == tag:
                raise
            return content == data

    async def _put(
        self, name: str, data: bytes, match: dict[str, str], *, locked: bool
    ) -> bool:
        lock: dict[str, Any] = {}
        if locked and self.place.retention_days:
            lock["ObjectLockMode"] = "COMPLIANCE"
            lock["ObjectLockRetainUntilDate"] = self._until()
        try:
            async with self._in_time():
                await self._client.put_object(
                    **self._named(name),
                    Body=data,
                    ContentType="application/octet-stream",
                    ChecksumSHA256=base64.b64encode(sha256(data).digest()).decode(),
                    **match,
                    **lock,
                )
        except ClientError as error:
            if status_of(error) in {_TAKEN, _RACED}:
                return False
            raise unavailable(self.place.name, error) from None
        except (BotoCoreError, OSError) as error:
            raise unavailable(self.place.name, error) from None
        return True

    def _until(self) -> dt.datetime:
        # The store compares with its own clock, so ours is not asked for much.
        kept = dt.timedelta(days=self.place.retention_days)
        return dt.datetime.now(dt.UTC) + kept

    # --- looking ----------------------------------------------------------------

    async def faults(self) -> list[str]:
        """Return why what is copied could be replaced or deleted, as sentences.

        Raises:
            LogUnavailable: the store does not say.
        """
        name = {"Bucket": self.place.bucket}
        try:
            async with self._in_time():
                versions = await self._client.get_bucket_versioning(**name)
                lock = await self._lock(name)
        except (ClientError, BotoCoreError, OSError) as error:
            raise unavailable(self.place.name, error) from None
        found = []
        if lock != "Enabled":
            found.append(
                f"{self.place.name} was made without Object Lock: whoever has a key to"
                " it can delete or replace what was copied; make another with it"
            )
        if versions.get("Status") != "Enabled":
            found.append(f"{self.place.name} keeps no earlier versions of an object")
        return found

    async def _lock(self, name: dict[str, str]) -> str:
        try:
            answer = await self._client.get_object_lock_configuration(**name)
        except ClientError as error:
            if code_of(error) == _NO_LOCK:
                return ""
            raise
        return str(answer.get("ObjectLockConfiguration", {}).get("ObjectLockEnabled"))
