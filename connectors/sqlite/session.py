"""One read-only SQLite connection; lives on one thread, and all of it may block."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from connectors.contract import Limits
from connectors.errors import Fault, SourceTimeout, SourceUnavailable
from connectors.query import LiveColumn, Row, Value
from connectors.sqlite.faults import fault_of, is_busy, is_undecodable

__all__ = ["Session"]

_WATCH_EVERY = 2000
"""Virtual machine steps between two looks at the deadline: some 20 us."""

_BUSY_PAUSE_S = 0.005
"""Between two tries while another connection holds the file."""

_CHUNK = 64
"""Rows fetched between two looks at the size of the answer."""

_PRAGMAS = (
    "PRAGMA query_only = ON",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
)

_COLUMNS = "SELECT name, type FROM pragma_table_xinfo(?, ?) ORDER BY cid"


class Session:
    """A connection that opens itself, notices a replaced file, and can be ended.

    ``ends_at`` (monotonic seconds) and ``ended`` are set by whoever gives it work;
    SQLite looks at them while it runs. Errors are those of :mod:`connectors.errors`.
    """

    def __init__(
        self,
        *,
        source: str,
        path: Path,
        limits: Limits,
        monotonic: Callable[[], float],
        trace: Callable[[str], None] | None,
    ) -> None:
        self._source = source
        self._path = path
        self._limits = limits
        self._monotonic = monotonic
        self._trace = trace
        self._connection: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None
        self.ends_at = 0.0
        self.ended = False

    def rows(
        self, sql: str, values: Sequence[Value], *, begin: bool = False
    ) -> list[Row]:
        """Execute and fetch all; with ``begin``, first open a read transaction."""
        try:
            return self._patiently(sql, values, begin=begin)
        except (sqlite3.Error, OSError, OverflowError, UnicodeError) as error:
            fault = fault_of(self._source, error)
            if not isinstance(fault, SourceTimeout):
                # Whatever it was, the next statement starts on a fresh connection.
                self.close()
            raise fault from None

    def columns(self, table: str) -> tuple[LiveColumn, ...]:
        """Return the columns of a table or view; none where there is no such."""
        schema, _, name = table.rpartition(".")
        found = self.rows(_COLUMNS, (name, schema or "main"))
        return tuple(LiveColumn(name=row[0], type=row[1]) for row in found)

    def end(self) -> None:
        """Leave the read transaction, if there is one; never raises."""
        connection = self._connection
        try:
            if connection is not None and connection.in_transaction:
                connection.execute("ROLLBACK")
        except sqlite3.Error:
            self.close()

    def close(self) -> None:
        """Close the connection; the next statement opens another. Never raises."""
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                connection.close()
            except sqlite3.Error:
                return

    def interrupt(self) -> None:
        """End the running statement; the one method any thread may call."""
        self.ended = True
        connection = self._connection
        if connection is not None:
            try:
                connection.interrupt()
            except sqlite3.Error:
                return  # closed meanwhile: nothing runs on it

    def _patiently(
        self, sql: str, values: Sequence[Value], *, begin: bool
    ) -> list[Row]:
        """Try again while the file is held, until the deadline or the end."""
        held: sqlite3.Error | None = None
        while not self._must_end():
            try:
                return self._rows(sql, values, begin=begin)
            except sqlite3.Error as error:
                if is_busy(error):
                    held = error
                # Who ends a wait may meet a try of it: the file was held all the same.
                elif held is None or not self.ended:
                    raise
            time.sleep(_BUSY_PAUSE_S)
        raise held or SourceTimeout(self._source)

    def _rows(self, sql: str, values: Sequence[Value], *, begin: bool) -> list[Row]:
        """Execute and fetch once."""
        connection = self._ready()
        if begin and not connection.in_transaction:
            connection.execute("BEGIN")
        try:
            return self._fetch(connection.execute(sql, values))
        except sqlite3.OperationalError as error:
            if not is_undecodable(error):
                raise
        # One text that is not UTF-8 must not hide a page: it comes back as bytes,
        # which no transform lets through.
        connection.text_factory = _text_or_bytes
        try:
            return self._fetch(connection.execute(sql, values))
        finally:
            connection.text_factory = str

    def _fetch(self, cursor: sqlite3.Cursor) -> list[Row]:
        """Fetch all rows, within the bound of bytes."""
        limits, weight = self._limits, 0
        rows: list[Row] = []
        while chunk := cursor.fetchmany(_CHUNK):
            rows += chunk
            # SQLite bounds each value, so a few of them need no weighing.
            if len(chunk) * len(chunk[0]) * limits.max_value_bytes > limits.max_bytes:
                weight += sum(_weight(value) for row in chunk for value in row)
            if weight > limits.max_bytes:
                raise SourceUnavailable(self._source, Fault.TOO_LARGE)
            if len(chunk) < _CHUNK:
                break
        return rows

    def _ready(self) -> sqlite3.Connection:
        """Return an open connection to the file that is at the path now."""
        connection = self._connection
        if connection is not None and connection.in_transaction:
            return connection
        # A deleted or replaced file would go on being read through the old handle.
        status = os.stat(self._path)  # noqa: PTH116 - Path.stat() costs twice as much
        file = (status.st_dev, status.st_ino)
        if connection is not None and file == self._file:
            return connection
        self.close()
        self._connection = connection = self._open()
        self._file = file
        return connection

    def _open(self) -> sqlite3.Connection:
        """Open read-only, twice over: the file mode and ``query_only``."""
        connection = sqlite3.connect(
            f"file:{quote(str(self._path))}?mode=ro",
            uri=True,
            isolation_level=None,
            timeout=0,
            cached_statements=256,
        )
        try:
            connection.setlimit(
                sqlite3.SQLITE_LIMIT_LENGTH, self._limits.max_value_bytes
            )
            connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
            connection.set_progress_handler(self._must_end, _WATCH_EVERY)
            connection.set_trace_callback(self._trace)
            for pragma in _PRAGMAS:
                connection.execute(pragma)
        except BaseException:
            connection.close()
            raise
        return connection

    def _must_end(self) -> bool:
        """Tell SQLite whether to stop."""
        return self.ended or self._monotonic() >= self.ends_at


def _weight(value: object) -> int:
    """Return roughly how many bytes a value holds."""
    return len(value) if isinstance(value, (str, bytes)) else 8


def _text_or_bytes(raw: bytes) -> Any:  # noqa: ANN401 - what a driver may return
    """Decode what is UTF-8, and leave the rest as bytes."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw
