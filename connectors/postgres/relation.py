"""A table or view as the server describes it now, and how its columns are compared.

The catalogue says which columns there are for us; only the server knows their types,
and in PostgreSQL a comparison has to fit them. Read once, and again when a statement
does not fit any more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.elements import ColumnClause, ColumnElement

from connectors.compile import parameter
from connectors.errors import Fault, SourceUnavailable
from connectors.postgres.kinds import BUILT_IN, FOLDED, OPAQUE, WORDS, Compare, Kind
from connectors.query import LiveColumn

__all__ = ["DESCRIBE", "Column", "Relation", "quoted", "relation_of"]

DESCRIBE = b"""\
WITH RECURSIVE base(attnum, oid, most) AS (
  SELECT attnum, atttypid, atttypmod FROM pg_catalog.pg_attribute
  WHERE attrelid = pg_catalog.to_regclass($1) AND attnum > 0 AND NOT attisdropped
  UNION ALL
  SELECT b.attnum, t.typbasetype, t.typtypmod
  FROM base b JOIN pg_catalog.pg_type t USING (oid) WHERE t.typtype = 'd'
)
SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod),
       t.oid, t.typtype, t.typcategory, c.collisdeterministic, b.most
FROM base b JOIN pg_catalog.pg_type t ON t.oid = b.oid AND t.typtype <> 'd'
JOIN pg_catalog.pg_attribute a
  ON a.attrelid = pg_catalog.to_regclass($1) AND a.attnum = b.attnum
LEFT JOIN pg_catalog.pg_collation c ON c.oid = a.attcollation
WHERE pg_catalog.has_column_privilege(a.attrelid, a.attnum, 'SELECT')
ORDER BY a.attnum
"""
"""The columns that this role may read, each with the type below its domains."""

_HEADER = 4
"""A declared length is kept with the size of a header on top (``VARHDRSZ``)."""

_DIALECT: Dialect = postgresql.dialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it so

_BYTEWISE = "C"
"""The collation under which text is equal only if every byte is."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """A live column: its name, declared type, kind, and how its text is ordered.

    ``stable`` tells whether equal means equal in every byte, so that its own order
    is one that an index has and that no two keys share a place in. ``length`` is how
    many characters its declaration allows, and 0 where it says nothing.
    """

    name: str
    type: str
    kind: Kind
    oid: int
    stable: bool
    length: int

    @property
    def bound_as(self) -> int:
        """The type that a value compared with it is declared as."""
        return self.kind.oid or self.oid


@dataclass(frozen=True, kw_only=True, eq=False)
class Relation:
    """A table or view with its columns; the terms in which it is asked.

    Where an own order of text is stable it is used, because an index has it. Equality
    asks for the bytes besides, whatever the collation is or becomes.
    """

    source: str
    columns: Mapping[str, Column]
    most: int
    """Characters selected of a text: one more than a value may have."""

    @property
    def dialect(self) -> Dialect:
        """PostgreSQL's own, with the parameters that its protocol has."""
        return _DIALECT

    @property
    def tagged(self) -> bool:
        """The exchange's id is written as a comment instead."""
        return False

    @cached_property
    def live(self) -> tuple[LiveColumn, ...]:
        """The columns for whoever compares them with the catalogue."""
        return tuple(
            LiveColumn(name=item.name, type=item.type) for item in self.columns.values()
        )

    def named(self, column: str) -> str:
        """Return a column's name as the server has it: exactly, or but for its case.

        Raises:
            SourceUnavailable: with ``schema``, when there is none or more than one.
        """
        if column in self.columns:
            return column
        folded = column.casefold()
        found = [name for name in self.columns if name.casefold() == folded]
        if len(found) != 1:
            raise self._unusable(column, "is not there, or may not be read")
        return found[0]

    def shown(self, column: ColumnClause[Any]) -> ColumnElement[Any]:
        """Return what is selected: of text no more than one value may have."""
        found = self.columns[column.name]
        kind = found.kind
        if kind is OPAQUE:
            return column.is_not(None)
        if not kind.cast:
            return column
        text: ColumnElement[Any] = column
        if kind.compare != Compare.BYTES:
            text = sa.cast(column, sa.Text)
        if 0 < found.length < self.most:
            return text  # varchar(n): the server has bounded it already
        return sa.func.pg_catalog.left(text, sa.literal_column(str(self.most)))

    def ordered(self, column: ColumnClause[Any]) -> ColumnElement[Any]:
        """Return the column, or its bytes where its own order is not stable."""
        found = self._comparable(column)
        if found.kind.compare == Compare.PLAIN or found.stable:
            return column
        return self._bytes(column)

    def bound(self, column: ColumnClause[Any], name: str) -> ColumnElement[Any]:
        """Return the value as the order compares it."""
        found = self._comparable(column)
        if found.kind.compare == Compare.CAST and not found.stable:
            return sa.cast(parameter(name), sa.Text)
        return parameter(name)

    def among(
        self, column: ColumnClause[Any], names: Sequence[str]
    ) -> ColumnElement[bool]:
        """Compare so that an index is used, and by bytes besides."""
        compare = self._comparable(column).kind.compare
        values: list[ColumnElement[Any]] = [parameter(name) for name in names]
        if compare == Compare.PLAIN:
            return _in(column, values)
        if compare == Compare.TEXT:
            return _in(self._bytes(column), values)
        exact = values
        if compare == Compare.CAST:
            exact = [sa.cast(value, sa.Text) for value in values]
        return sa.and_(_in(column, values), _in(self._bytes(column), exact))

    def _bytes(self, column: ColumnClause[Any]) -> ColumnElement[Any]:
        plain = self.columns[column.name].kind.compare == Compare.BYTES
        return sa.collate(column if plain else sa.cast(column, sa.Text), _BYTEWISE)

    def _comparable(self, column: ColumnClause[Any]) -> Column:
        found = self.columns[column.name]
        if found.kind.compare == Compare.NONE:
            raise self._unusable(found.name, f"({found.type}) cannot be compared")
        return found

    def _unusable(self, column: str, problem: str) -> SourceUnavailable:
        return SourceUnavailable(
            self.source, Fault.SCHEMA, f"column {column} {problem}"
        )


def relation_of(
    source: str, rows: Sequence[Sequence[bytes | None]], *, most: int
) -> Relation:
    """Return a relation from the rows of :data:`DESCRIBE`."""
    columns = [_column([(value or b"").decode() for value in row]) for row in rows]
    return Relation(
        source=source,
        columns=MappingProxyType({column.name: column for column in columns}),
        most=most,
    )


def quoted(table: str) -> str:
    """Return a table's name, its schema in front if it has one, as SQL quotes it."""
    schema, _, name = table.rpartition(".")
    parts = (schema, name) if schema else (name,)
    return ".".join('"' + part.replace('"', '""') + '"' for part in parts)


def _column(row: Sequence[str]) -> Column:
    name, declared, oid, typtype, category, deterministic, most = row
    kind = BUILT_IN.get(int(oid))
    if kind is None and typtype == "e":
        kind = WORDS
    elif kind is None:
        # Extensions' own text says so by its category (citext).
        kind = FOLDED if category == "S" and typtype == "b" else OPAQUE
    texts = kind.compare in {Compare.BYTES, Compare.CAST} and kind is not FOLDED
    return Column(
        name=name,
        type=declared,
        kind=kind,
        oid=int(oid),
        stable=texts and deterministic == "t",
        length=max(0, int(most) - _HEADER) if texts else 0,
    )


def _in(
    column: ColumnElement[Any], values: Sequence[ColumnElement[Any]]
) -> ColumnElement[bool]:
    """Compare with one value, or with each of several."""
    return column == values[0] if len(values) == 1 else column.in_(values)
