"""From a query's shape to SQL, once: SQLAlchemy Core quotes, the driver executes.

A shape is a query without its values, so the cache is bounded by the catalogue and
the plans, never by what requesters type. Executing through Core would cost more than
the statement itself (see the performance page), so only its compiler is used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.elements import ColumnElement, quoted_name

from connectors.errors import InvalidQuery
from connectors.query import Query, Table, Value

__all__ = ["Statement", "bind", "statement_for"]

_SIZES = (0, 1, 2, 5, 10, 25, 50, 100, 250, 500, 1000)
"""Number of keys in a statement; fewer are padded by repeating the last."""

_MOST_COMPOUND = 500
"""SQLite nests conditions at most 1,000 deep; each compound key is one."""

_DIALECTS: dict[str, Dialect] = {"sqlite": sqlite.dialect(paramstyle="qmark")}
_BYTEWISE = {"sqlite": "BINARY"}
"""The collation under which text is equal only if every byte is."""


class _Shape(NamedTuple):
    """A query without its values: the key of the cache (a tuple hashes fastest)."""

    table: Table
    columns: tuple[str, ...]
    filters: tuple[str, ...]
    keys: int
    after: bool
    dialect: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement:
    """A compiled statement: its text, and the order of what is bound.

    ``constants`` are values a dialect adds of its own (SQLite: ``OFFSET 0``).
    """

    sql: str
    order: tuple[str, ...]
    constants: tuple[tuple[str, Value], ...]
    keys: int


def statement_for(query: Query, dialect: str) -> Statement:
    """Return the statement of a query's shape, compiled once.

    Raises:
        InvalidQuery: for a column the table does not map, or too many keys.
    """
    return _compile(
        _Shape(
            table=query.table,
            columns=query.columns,
            filters=tuple([name for name, _ in query.filters]),
            keys=_size(len(query.keys), len(query.table.key)),
            after=query.after is not None,
            dialect=dialect,
        )
    )


def bind(statement: Statement, query: Query) -> tuple[Value, ...]:
    """Return the values of a query in the order the statement wants them."""
    values: dict[str, Value] = {
        f"f{index}": value for index, (_, value) in enumerate(query.filters)
    }
    values.update(statement.constants)
    values["limit"] = query.limit
    values["tag"] = f"/* sallyport:{query.exchange} */"
    if query.after is not None:
        _bind_key(values, "a", query.after)
    if query.keys:
        last = query.keys[-1]
        for index in range(statement.keys):
            key = query.keys[index] if index < len(query.keys) else last
            _bind_key(values, f"k{index}_", key)
    return tuple([values[name] for name in statement.order])


def _bind_key(values: dict[str, Value], prefix: str, key: object) -> None:
    """Add the parts of one key."""
    parts = key if isinstance(key, tuple) else (key,)
    for index, part in enumerate(parts):
        values[f"{prefix}{index}"] = part


def _size(keys: int, width: int) -> int:
    """Return the padded number of keys."""
    most = _SIZES[-1] if width == 1 else _MOST_COMPOUND
    if keys > most:
        raise InvalidQuery(f"more than {most} keys")
    return next(size for size in _SIZES if keys <= size)


@lru_cache(maxsize=2048)
def _compile(shape: _Shape) -> Statement:
    """Compile one shape."""
    table, columns, filters, keys, after, dialect = shape
    physical = _physical(table, (*columns, *filters))
    source = _table(table, {*physical.values(), *table.key})
    key = [_bytewise(source.c[name], dialect) for name in table.key]
    select = sa.select(
        *(source.c[name] for name in table.key),
        *(
            source.c[physical[name]].label(f"v{index}")
            for index, name in enumerate(columns)
        ),
    )
    # The exchange's id travels as a bound value that reads like a comment: text that
    # differs at each call would have the database parse each statement again.
    select = select.where(sa.bindparam("tag", type_=sa.String).is_not(None))
    for index, name in enumerate(filters):
        column = _bytewise(source.c[physical[name]], dialect)
        select = select.where(column == _parameter(f"f{index}"))
    if after:
        select = select.where(_greater(key, 0))
    if keys:
        select = select.where(_one_of(key, keys))
    select = select.order_by(*key).limit(_parameter("limit"))
    compiled = select.compile(dialect=_DIALECTS[dialect])
    constants = {k: v for k, v in compiled.params.items() if v is not None}
    return Statement(
        sql=str(compiled),
        order=tuple(compiled.positiontup or ()),
        constants=tuple(constants.items()),
        keys=keys,
    )


def _physical(table: Table, names: Sequence[str]) -> dict[str, str]:
    """Map logical names, refusing what the catalogue does not."""
    mapped = dict(table.columns)
    if missing := [name for name in names if name not in mapped]:
        raise InvalidQuery(f"no such column: {', '.join(sorted(missing))}")
    return {name: mapped[name] for name in names}


def _table(table: Table, names: set[str]) -> sa.TableClause:
    """Return the table with its columns, every name quoted."""
    schema, _, name = table.name.rpartition(".")
    return sa.table(
        quoted_name(name, quote=True),
        *(sa.column(quoted_name(column, quote=True)) for column in sorted(names)),
        schema=quoted_name(schema, quote=True) if schema else None,
    )


def _bytewise(column: ColumnElement[Any], dialect: str) -> ColumnElement[Any]:
    """Compare and order by bytes, whatever collation the column was given."""
    return sa.collate(column, _BYTEWISE[dialect])


def _parameter(name: str) -> sa.BindParameter[Any]:
    """Return a bound parameter the dialect passes on unchanged."""
    return sa.bindparam(name, type_=sa.types.NullType())


def _greater(key: Sequence[ColumnElement[Any]], part: int) -> ColumnElement[bool]:
    """Compare a key with the bound one, part by part, so that an index is used.

    Row values would say it shorter, but with a collation SQLite scans for them, and
    two of the five dialects have none.
    """
    column, bound = key[part], _parameter(f"a{part}")
    if part == len(key) - 1:
        return column > bound
    rest = sa.or_(column > bound, sa.and_(column == bound, _greater(key, part + 1)))
    return sa.and_(column >= bound, rest)


def _one_of(key: Sequence[ColumnElement[Any]], rows: int) -> ColumnElement[bool]:
    """Compare a key with each of the bound ones, so that an index is used."""
    if len(key) == 1:
        return key[0].in_([_parameter(f"k{row}_0") for row in range(rows)])
    return sa.or_(
        *(
            sa.and_(
                *(
                    column == _parameter(f"k{row}_{part}")
                    for part, column in enumerate(key)
                )
            )
            for row in range(rows)
        )
    )
