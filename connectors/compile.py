"""From a query's shape to SQL, once: SQLAlchemy Core quotes, the driver executes.

A shape is a query without its values, so the cache is bounded by the catalogue and
the plans, never by what requesters type. Executing through Core would cost more than
the statement itself (see the performance page), so only its compiler is used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, NamedTuple, Protocol

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.elements import ColumnClause, ColumnElement, quoted_name

from connectors.errors import InvalidQuery
from connectors.query import Query, Table, Value

__all__ = ["Shape", "Statement", "Terms", "bind", "parameter", "statement_for"]

_SIZES = (0, 1, 2, 5, 10, 25, 50, 100, 250, 500, 1000)
"""Number of keys in a statement; fewer are padded by repeating the last."""

_MOST_COMPOUND = 500
"""SQLite nests conditions at most 1,000 deep; each compound key is one."""


class Terms(Protocol):
    """How one database says what a query means; one object for each way.

    Columns are those of the statement's table. It is part of the key of the cache, so
    it compares by identity.
    """

    @property
    def dialect(self) -> Dialect:
        """What writes and quotes."""

    @property
    def tagged(self) -> bool:
        """Whether the exchange's id is bound; else the connector writes a comment."""

    def named(self, column: str) -> str:
        """Return a column's name as the database has it."""

    def shown(self, column: ColumnClause[Any]) -> ColumnElement[Any]:
        """Return what is selected of a column."""

    def ordered(self, column: ColumnClause[Any]) -> ColumnElement[Any]:
        """Return what rows are ordered by, and compared with the last key seen."""

    def bound(self, column: ColumnClause[Any], name: str) -> ColumnElement[Any]:
        """Return a bound value as :meth:`ordered` is compared with it."""

    def among(
        self, column: ColumnClause[Any], names: Sequence[str]
    ) -> ColumnElement[bool]:
        """Compare a column with bound values: equal to one of them in every byte."""


class _Sqlite:
    """SQLite: a collation may be asked of any column, whatever it holds."""

    dialect: Dialect = sqlite.dialect(paramstyle="qmark")
    tagged = True

    def named(self, column: str) -> str:
        """Return the name: SQLite finds it whatever its case."""
        return column

    def shown(self, column: ColumnClause[Any]) -> ColumnElement[Any]:
        """Return the column: the connection bounds each value."""
        return column

    def ordered(self, column: ColumnClause[Any]) -> ColumnElement[Any]:
        """Compare and order by bytes, whatever collation the column was given."""
        return sa.collate(column, "BINARY")

    def bound(self, column: ColumnClause[Any], name: str) -> ColumnElement[Any]:  # noqa: ARG002 - the same for each
        """Return the value as it is."""
        return parameter(name)

    def among(
        self, column: ColumnClause[Any], names: Sequence[str]
    ) -> ColumnElement[bool]:
        """Compare by bytes."""
        exact = self.ordered(column)
        if len(names) == 1:
            return exact == parameter(names[0])
        return exact.in_([parameter(name) for name in names])


_SQLITE = _Sqlite()


class Shape(NamedTuple):
    """A query without its values: the key of the cache (a tuple hashes fastest)."""

    table: Table
    columns: tuple[str, ...]
    filters: tuple[str, ...]
    keys: int
    after: bool
    terms: Terms


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Statement:
    """A compiled statement: its text, and the order of what is bound.

    ``constants`` are values a dialect adds of its own (SQLite: ``OFFSET 0``).
    """

    shape: Shape
    sql: str
    order: tuple[str, ...]
    constants: tuple[tuple[str, Value], ...]
    keys: int


def statement_for(query: Query, terms: Literal["sqlite"] | Terms) -> Statement:
    """Return the statement of a query's shape, compiled once.

    Raises:
        InvalidQuery: for a column the table does not map, or too many keys.
    """
    return _compile(
        Shape(
            table=query.table,
            columns=query.columns,
            filters=tuple([name for name, _ in query.filters]),
            keys=_size(len(query.keys), len(query.table.key)),
            after=query.after is not None,
            terms=_SQLITE if terms == "sqlite" else terms,
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
def _compile(shape: Shape) -> Statement:
    """Compile one shape."""
    table, columns, filters, keys, after, terms = shape
    physical = _physical(shape)
    key = tuple(terms.named(name) for name in table.key)
    source = _table(table, {*physical.values(), *key})
    select = sa.select(
        *(terms.shown(source.c[name]) for name in key),
        *(
            terms.shown(source.c[physical[name]]).label(f"v{index}")
            for index, name in enumerate(columns)
        ),
    )
    if terms.tagged:
        # The exchange's id travels as a bound value that reads like a comment: text
        # that differs at each call would have SQLite parse each statement again.
        select = select.where(sa.bindparam("tag", type_=sa.String).is_not(None))
    for index, name in enumerate(filters):
        select = select.where(terms.among(source.c[physical[name]], [f"f{index}"]))
    named = [source.c[name] for name in key]
    if after:
        select = select.where(_greater(terms, named, 0))
    if keys:
        select = select.where(_one_of(terms, named, keys))
    order = [terms.ordered(column) for column in named]
    select = select.order_by(*order).limit(parameter("limit"))
    compiled = select.compile(dialect=terms.dialect)
    constants = {k: v for k, v in compiled.params.items() if v is not None}
    return Statement(
        shape=shape,
        sql=str(compiled),
        order=tuple(compiled.positiontup or ()),
        constants=tuple(constants.items()),
        keys=keys,
    )


def _physical(shape: Shape) -> dict[str, str]:
    """Map logical names, refusing what the catalogue does not."""
    mapped = dict(shape.table.columns)
    names = (*shape.columns, *shape.filters)
    if missing := [name for name in names if name not in mapped]:
        raise InvalidQuery(f"no such column: {', '.join(sorted(missing))}")
    return {name: shape.terms.named(mapped[name]) for name in names}


def _table(table: Table, names: set[str]) -> sa.TableClause:
    """Return the table with its columns, every name quoted."""
    schema, _, name = table.name.rpartition(".")
    return sa.table(
        quoted_name(name, quote=True),
        *(sa.column(quoted_name(column, quote=True)) for column in sorted(names)),
        schema=quoted_name(schema, quote=True) if schema else None,
    )


def parameter(name: str) -> sa.BindParameter[Any]:
    """Return a bound parameter the dialect passes on unchanged."""
    return sa.bindparam(name, type_=sa.types.NullType())


def _greater(
    terms: Terms, key: Sequence[ColumnClause[Any]], part: int
) -> ColumnElement[bool]:
    """Compare a key with the bound one, part by part, so that an index is used.

    Row values would say it shorter, but with a collation SQLite scans for them, and
    two of the five dialects have none.
    """
    column, bound = terms.ordered(key[part]), terms.bound(key[part], f"a{part}")
    if part == len(key) - 1:
        return column > bound
    rest = _greater(terms, key, part + 1)
    return sa.and_(
        column >= bound, sa.or_(column > bound, sa.and_(column == bound, rest))
    )


def _one_of(
    terms: Terms, key: Sequence[ColumnClause[Any]], rows: int
) -> ColumnElement[bool]:
    """Compare a key with each of the bound ones, so that an index is used."""
    if len(key) == 1:
        return terms.among(key[0], [f"k{row}_0" for row in range(rows)])
    return sa.or_(
        *(
            sa.and_(
                *(
                    terms.among(column, [f"k{row}_{part}"])
                    for part, column in enumerate(key)
                )
            )
            for row in range(rows)
        )
    )
