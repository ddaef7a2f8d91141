"""What opening a log gives: something to await, or to enter and leave."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING

from audit.contract import Parts, Place, Settings

if TYPE_CHECKING:
    from audit.log import Log

__all__ = ["Opening"]


class Opening:
    """``await Log.open(...)`` or ``async with Log.open(...) as log``."""

    def __init__(
        self,
        make: Callable[[Parts], Log],
        place: Place,
        settings: Settings,
        *,
        create: bool,
    ) -> None:
        self._make = make
        self._place = place
        self._settings = settings
        self._create = create
        self._log: Log

    async def _open(self) -> Log:
        assemble = self._place.assemble
        parts = await asyncio.to_thread(assemble, self._settings, create=self._create)
        return self._make(parts)

    def __await__(self) -> Generator[None, None, Log]:
        return self._open().__await__()

    async def __aenter__(self) -> Log:
        self._log = await self._open()
        return self._log

    async def __aexit__(self, *_: object) -> None:
        await self._log.close()
