"""The contract every connector keeps; ``tests/contracts`` runs it on each of them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from connectors.breaker import Breaker
from connectors.query import LiveColumn, Query, Row

__all__ = ["Connector", "Limits", "Snapshot"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """What one source may cost.

    Attributes:
        max_rows: the most rows of one query.
        max_bytes: the most bytes of text of one answer.
        max_value_bytes: the most bytes of one value.
        connections: statements that may run at the source at the same time.
        grace_s: seconds an ended statement has to stop; then its connection is
            given up.
    """

    max_rows: int = 1000
    max_bytes: int = 8 * 1024 * 1024
    max_value_bytes: int = 256 * 1024
    connections: int = 4
    grace_s: float = 0.1


class Snapshot(Protocol):
    """Several reads that see one state of the source."""

    async def select(self, query: Query, *, last: bool = False) -> Sequence[Row]:
        """Read as :meth:`Connector.select` does, in this snapshot, by its deadline.

        ``last`` ends the snapshot with this read, which saves a trip to the source;
        another read is then refused.
        """


class Connector(Protocol):
    """One source, read-only.

    The contract:

    * **Read-only.** Nothing a connector does can change the source, whatever the
      query; a write fails at the source.
    * **Exact.** A filter matches values equal in every byte, under any collation of
      the column: no pattern, no folding. Only mapped columns appear in a statement.
    * **One record per key.** A key that names two rows, or a row that was not asked
      for, ends in :class:`SourceUnavailable` with ``ambiguous``.
    * **Bounded.** At most ``limit`` rows come back, at most ``max_bytes`` of text.
    * **In time.** When the deadline passes or the caller is cancelled, the statement
      ends at the source, and within ``grace_s`` its connection is usable again or
      given up. The caller never waits for that.
    * **One state.** All reads of a snapshot see the source as it was at the first.
    * **A breaker.** A source that fails repeatedly is left alone for a while.
    * **One family of errors.** Only :mod:`connectors.errors` (and cancellation)
      leaves a connector, and none of them carries a value.
    """

    name: str
    breaker: Breaker

    async def select(self, query: Query, *, deadline_s: float) -> Sequence[Row]:
        """Read once, within ``deadline_s`` seconds.

        Raises:
            InvalidQuery: the query is outside the contract.
            SourceUnavailable: nothing was read; ``fault`` says why.
        """

    def snapshot(self, *, deadline_s: float) -> AbstractAsyncContextManager[Snapshot]:
        """Open a snapshot for several reads, all within ``deadline_s`` seconds.

        Raises:
            SourceUnavailable: no connection was free in time, or the breaker is open.
        """

    async def schema(self, table: str, *, deadline_s: float) -> tuple[LiveColumn, ...]:
        """Return the live columns of a table or view; empty where there is none.

        Raises:
            SourceUnavailable: the source did not say.
        """

    async def ping(self, *, deadline_s: float) -> None:
        """Ask the source for nothing, to learn whether it answers.

        Raises:
            SourceUnavailable: it does not.
        """

    async def close(self) -> None:
        """End what runs and give up every connection; later calls are refused."""
