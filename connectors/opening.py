"""From a source's settings to a connector."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from connectors.contract import Connector, Limits
from connectors.errors import InvalidQuery

__all__ = ["KINDS", "open_connector"]

KINDS = ("sqlite",)
"""Kinds of source that can be opened."""


def open_connector(
    *,
    name: str,
    kind: str,
    path: Path,
    limits: Limits | None = None,
    monotonic: Callable[[], float] = time.monotonic,
    trace: Callable[[str], None] | None = None,
) -> Connector:
    """Return a connector; nothing is opened until it is first used.

    Raises:
        InvalidQuery: for a kind that is not one of :data:`KINDS`.
    """
    if kind != "sqlite":
        raise InvalidQuery(f"no such kind of source; one of {', '.join(KINDS)}")
    # Imported here: the SQL compiler takes a third of a second to load.
    from connectors.sqlite import SqliteConnector  # noqa: PLC0415 - as said above

    return SqliteConnector(
        name=name,
        path=path,
        limits=limits or Limits(),
        monotonic=monotonic,
        trace=trace,
    )
