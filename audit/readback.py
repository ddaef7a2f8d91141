"""Reads a log back from its place, so that this process may write it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from dataclasses import replace
from typing import Generic, Protocol, TypeVar

from audit.contract import Parts, Place, Settings
from audit.errors import KeyFileRefused
from audit.unwitnessed import Unwitnessed

__all__ = ["Opening", "read_back"]


def read_back(place: Place, settings: Settings, *, create: bool) -> Parts:
    """Make or read back a log; blocks.

    Raises:
        LogError, KeyFileRefused: as ``Log.open`` says.
    """
    if settings.origin != settings.keys.origin:
        raise KeyFileRefused(f"these are keys of the log {settings.keys.origin}")
    if not settings.auditors:
        raise KeyFileRefused("no auditor is named: nobody could open what is sealed")
    parts = place.assemble(settings, create=create)
    if settings.cosigner is None:
        return parts
    try:
        watch = Unwitnessed(cosigner=settings.cosigner, charter=parts.charter)
        unfinished = watch.look(parts.publisher.live)
    except BaseException:
        parts.close()
        raise
    return replace(parts, watch=watch, unfinished=unfinished)


class _Closes(Protocol):
    async def close(self) -> None: ...


_Log = TypeVar("_Log", bound=_Closes)


class Opening(Generic[_Log]):
    """``await Log.open(...)`` or ``async with Log.open(...) as log``."""

    def __init__(
        self,
        built: Callable[[Parts], _Log],
        place: Place,
        settings: Settings,
        *,
        create: bool,
    ) -> None:
        """Take what makes a log of the parts, on the event loop."""
        self._built = built
        self._place = place
        self._settings = settings
        self._create = create
        self._log: _Log

    async def _open(self) -> _Log:
        parts = await asyncio.to_thread(
            read_back, self._place, self._settings, create=self._create
        )
        return self._built(parts)

    def __await__(self) -> Generator[None, None, _Log]:
        return self._open().__await__()

    async def __aenter__(self) -> _Log:
        self._log = await self._open()
        return self._log

    async def __aexit__(self, *_: object) -> None:
        await self._log.close()
