"""Reads a log's copy in a bucket as verifiers do."""

from __future__ import annotations

import asyncio
import os
import weakref
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from threading import Thread
from typing import TypeVar

from audit.errors import (
    FileUnreadable,
    LogUnavailable,
    Malformed,
    SourceUnreadable,
)
from audit.objects.answers import ObjectRefused
from audit.objects.bucket import Bucket, Place
from audit.tiles import Tile
from audit.treefile import cut

__all__ = ["ObjectSource"]

T = TypeVar("T")


@dataclass(kw_only=True, slots=True)
class _Opened:
    """A bucket on an event loop of its own; not for a child process."""

    process: int
    runner: asyncio.Runner
    stack: AsyncExitStack
    bucket: Bucket


class ObjectSource:
    """A copy's tree, one question at a time; each call blocks."""

    def __init__(self, place: Place) -> None:
        """Take which bucket; nothing is asked yet."""
        self._place = place
        self._opened: list[_Opened] = []
        # Who reads a log once holds its source and nothing else.
        weakref.finalize(self, _left, self._opened)

    def _ask(self, question: Callable[[Bucket], Awaitable[T]]) -> T:
        """Ask on this process's own loop; ``SourceUnreadable`` if it fails."""
        if not self._opened or self._opened[0].process != os.getpid():
            runner, stack = asyncio.Runner(), AsyncExitStack()
            opening = stack.enter_async_context(Bucket.open(self._place))
            try:
                bucket = runner.run(_awaited(opening))
            except SourceUnreadable:
                runner.close()
                raise
            opened = _Opened(
                process=os.getpid(), runner=runner, stack=stack, bucket=bucket
            )
            self._opened.insert(0, opened)
        opened = self._opened[0]
        return opened.runner.run(_awaited(question(opened.bucket)))

    def read(self, path: str) -> bytes | None:
        """Return an object; none if there is none; ``SourceUnreadable`` otherwise."""
        found = self._ask(lambda bucket: bucket.get(path))
        return None if found is None else found[0]

    def wider(self, tile: Tile) -> bytes | None:
        """Return a partial tile cut from a wider partial one that lies there."""
        folder = tile.path.rpartition("/")[0]
        names = [name.rpartition("/")[2] for name in self._names(f"{folder}/")]
        widths = [int(name) for name in names if name.isascii() and name.isdigit()]
        enough = [width for width in widths if width > tile.width]
        if not enough:
            return None
        data = self.read(replace(tile, width=min(enough)).path)
        return None if data is None else cut(tile, data)

    def _names(self, start: str = "") -> list[str]:
        async def listed(bucket: Bucket) -> list[str]:
            # A console makes an empty object for each folder that is made there.
            names = [name async for name in bucket.names(start)]
            return [name for name in names if not name.endswith("/")]

        return self._ask(listed)

    def files(self) -> Iterator[str]:
        """Yield the name of each object that is no tile."""
        for name in self._names():
            if not name.startswith("tile/"):
                yield name

    def tiles(self) -> Iterator[Tile]:
        """Yield every tile that lies there; ``Malformed`` names what is none."""
        for name in self._names("tile/"):
            try:
                yield Tile.parse(name)
            except Malformed:
                raise Malformed("tile-path", name) from None

    def close(self) -> None:
        """Close what is open."""
        _close(self._opened)


def _close(opened: list[_Opened]) -> None:
    """Close what this process opened; what its parent did goes on being its own."""
    for each in [each for each in opened if each.process == os.getpid()]:
        opened.remove(each)
        each.runner.run(each.stack.aclose())
        each.runner.close()


def _left(opened: list[_Opened]) -> None:
    """Close what nobody holds any more, which may be noticed while a loop runs here."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        _close(opened)
    else:
        closing = Thread(target=_close, args=(opened,))
        closing.start()
        closing.join()


async def _awaited(question: Awaitable[T]) -> T:
    try:
        return await question
    except ObjectRefused as error:
        raise FileUnreadable(str(error)) from None
    except LogUnavailable as error:
        raise SourceUnreadable(str(error)) from None
