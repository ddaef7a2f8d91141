"""The last look at what a source answered, before anybody else sees it."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.errors import Fault, SourceUnavailable
from connectors.query import Query, Row

__all__ = ["verified"]


def verified(source: str, query: Query, rows: Sequence[Row]) -> Sequence[Row]:
    """Return rows that start with their key, each key once and asked for.

    Two records under one key would let one's facts open the other's values. A null in
    a key names nothing. A source that folds case could answer with a neighbour.

    Raises:
        SourceUnavailable: with ``ambiguous``; with ``too-large`` for more rows than
            the limit.
    """
    if len(rows) > query.limit:
        raise SourceUnavailable(source, Fault.TOO_LARGE, "more rows than the limit")
    width = len(query.table.key)
    if width > 1:
        rows = [(row[:width], *row[width:]) for row in rows]
        unnamed = any(None in row[0] for row in rows)
    else:
        unnamed = any(row[0] is None for row in rows)
    keys = {row[0] for row in rows}
    if unnamed or len(keys) != len(rows):
        raise SourceUnavailable(source, Fault.AMBIGUOUS, "a key is repeated or null")
    if query.keys and not keys.issubset(query.keys):
        raise SourceUnavailable(source, Fault.AMBIGUOUS, "a key was not asked for")
    return rows
