"""The closed list of small expressions a fact may be.

An expression looks at one column of one record. It is evaluated here, on the value
read, so it means the same on every database.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, assert_never

from gateway.catalogue.mistakes import wrong
from gateway.yamlfile import nearest

__all__ = ["Expression", "Op", "parse_expression"]


class Op(StrEnum):
    """What is done with the column's value."""

    NOT_NULL = "not_null"
    """``{not_null: column}``: something is there."""
    IS_NULL = "is_null"
    """``{is_null: column}``: nothing is there."""
    EQUALS = "equals"
    """``{equals: {column: c, value: v}}``."""
    IN = "in"
    """``{in: {column: c, values: [v, w]}}``."""
    AT_LEAST = "at_least"
    """``{at_least: {column: c, value: 3}}``, for integers."""
    YEARS_SINCE = "years_since"
    """``{years_since: column}``: full years from that day to the question's."""
    DAYS_UNTIL = "days_until"
    """``{days_until: column}``: days from the question's day to that one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Expression:
    """One expression: what is done, with which column, against which values."""

    op: Op
    column: str
    values: tuple[str | int | bool, ...] = ()

    @property
    def result(self) -> str:
        """The type of the fact: ``boolean`` or ``integer``."""
        counted = self.op in {Op.YEARS_SINCE, Op.DAYS_UNTIL}
        return "integer" if counted else "boolean"


def parse_expression(value: object) -> Expression | None:
    """Parse one expression as the dataset file writes it.

    Raises:
        PydanticCustomError: naming what is wrong and what would be right.
    """
    if value is None or isinstance(value, Expression):
        return value
    if not isinstance(value, Mapping) or len(value) != 1:
        raise wrong("is not an expression", "for example {not_null: column}")
    [(word, body)] = value.items()
    try:
        op = Op(word)
    except ValueError:
        raise wrong(
            f"no such expression: {word!r}", nearest(str(word), list(Op))
        ) from None
    match op:
        case Op.NOT_NULL | Op.IS_NULL | Op.YEARS_SINCE | Op.DAYS_UNTIL:
            return Expression(op=op, column=_column(body))
        case Op.EQUALS | Op.AT_LEAST:
            column, item = _parts(op, body, "value")
            return Expression(op=op, column=column, values=(_value(op, item),))
        case Op.IN:
            column, items = _parts(op, body, "values")
            if not isinstance(items, list) or not items:
                raise wrong("values is not a list")
            return Expression(
                op=op, column=column, values=tuple(_value(op, item) for item in items)
            )
        case _ as never:
            assert_never(never)


def _parts(op: Op, body: object, name: str) -> tuple[str, Any]:
    """Return the column and the operand of an expression."""
    if not isinstance(body, Mapping) or set(body) != {"column", name}:
        raise wrong(f"{op} needs column and {name}, and nothing else")
    return _column(body["column"]), body[name]


def _column(value: object) -> str:
    """Return a column's name."""
    if not isinstance(value, str) or not 1 <= len(value) <= 128:  # noqa: PLR2004 - as every column
        raise wrong("column is not a name")
    return value


def _value(op: Op, value: object) -> str | int | bool:
    """Return an operand."""
    wanted = (int,) if op is Op.AT_LEAST else (str, int, bool)
    if type(value) not in wanted:
        raise wrong(f"{op} compares with {' or '.join(t.__name__ for t in wanted)}")
    return value  # type: ignore[return-value]  # by the test above
