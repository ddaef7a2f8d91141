"""From a compiled statement to what goes over the wire: types, values, rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from psycopg.pq.abc import PGresult

from connectors.compile import Statement, bind
from connectors.contract import Limits
from connectors.errors import Fault, SourceUnavailable
from connectors.postgres.kinds import Dump, Load
from connectors.postgres.relation import Column, Relation
from connectors.query import Query, Row, Value

__all__ = ["Rows", "Wired", "text_of", "values_of", "wired"]

_INT8 = 20
_PLACE = re.compile(r"(?:f(?P<filter>\d+)|(?:k\d+_|a)(?P<key>\d+))")


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Wired:
    """One statement as it is sent, its values left out.

    ``dumps`` and ``types`` are in the order of its parameters, ``loads`` in that of
    the columns of its answer.
    """

    text: bytes
    types: tuple[int, ...]
    dumps: tuple[Dump, ...]
    loads: tuple[Load, ...]


@lru_cache(maxsize=2048)
def wired(statement: Statement, relation: Relation) -> Wired:
    """Return what goes over the wire for a statement of a relation, made once."""
    shape = statement.shape
    mapped = dict(shape.table.columns)
    key = [relation.columns[relation.named(name)] for name in shape.table.key]

    def found(names: Sequence[str]) -> list[Column]:
        """Return the live columns of logical names."""
        return [relation.columns[relation.named(mapped[name])] for name in names]

    filters = found(shape.filters)
    bound = [_compared(name, filters, key) for name in statement.order]
    return Wired(
        text=statement.sql.encode(),
        types=tuple(_INT8 if item is None else item.bound_as for item in bound),
        dumps=tuple(_dump_limit if item is None else item.kind.dump for item in bound),
        loads=(
            *(column.kind.load_key for column in key),
            *(column.kind.load for column in found(shape.columns)),
        ),
    )


def text_of(made: Wired, query: Query) -> bytes:
    """Return the statement, the exchange's id in front where there is one.

    A comment, so that ``pg_stat_activity`` and the server's log show it, whatever
    they keep of bound values. The id has no character that could end it.
    """
    if not query.exchange:
        return made.text
    return b"/* sallyport:%s */ %s" % (query.exchange.encode("ascii"), made.text)


def values_of(made: Wired, statement: Statement, query: Query) -> list[bytes | None]:
    """Return the bound values; one that its column cannot hold is null, and finds none.

    What a requester types must not decide between "no such record" and an error.
    """
    bound = bind(statement, query)
    return [dump(value) for dump, value in zip(made.dumps, bound, strict=True)]


class Rows:
    """Takes the rows of an answer as they come, and stops at what is too large."""

    def __init__(self, loads: Sequence[Load], *, source: str, limits: Limits) -> None:
        """Take how each column is read, and the bounds."""
        self._loads = tuple(enumerate(loads))
        self._source = source
        self._limits = limits
        self._weight = 0
        self.rows: list[Row] = []

    def __call__(self, result: PGresult) -> None:
        """Read some rows.

        Raises:
            SourceUnavailable: with ``too-large``.
        """
        value_at: Callable[[int, int], bytes | None] = result.get_value
        most, weight = self._limits.max_value_bytes, self._weight
        for place in range(result.ntuples):
            row: list[Any] = []
            for column, load in self._loads:
                raw = value_at(place, column)
                if raw is None:
                    row.append(None)
                    continue
                size = len(raw)
                if size > most:
                    raise self._too_large()
                weight += size
                row.append(load(raw))
            if weight > self._limits.max_bytes:
                raise self._too_large()
            self.rows.append(tuple(row))
        self._weight = weight

    def _too_large(self) -> SourceUnavailable:
        return SourceUnavailable(self._source, Fault.TOO_LARGE)


def _compared(
    name: str, filters: Sequence[Column], key: Sequence[Column]
) -> Column | None:
    """Return the column a parameter is compared with; None for the limit."""
    match = _PLACE.fullmatch(name)
    if match is None:
        return None
    if match["filter"] is not None:
        return filters[int(match["filter"])]
    return key[int(match["key"])]


def _dump_limit(value: Value) -> bytes:
    return b"%d" % int(value)
