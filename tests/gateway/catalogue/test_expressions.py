"""Expressions as the file writes them: a closed list."""

from __future__ import annotations

import pytest
from pydantic_core import PydanticCustomError

from gateway.catalogue.expressions import Expression, Op, parse_expression


@pytest.mark.parametrize(
    ("written", "expression", "result"),
    [
        ({"not_null": "c"}, Expression(op=Op.NOT_NULL, column="c"), "boolean"),
        ({"is_null": "c"}, Expression(op=Op.IS_NULL, column="c"), "boolean"),
        ({"years_since": "c"}, Expression(op=Op.YEARS_SINCE, column="c"), "integer"),
        ({"days_until": "c"}, Expression(op=Op.DAYS_UNTIL, column="c"), "integer"),
        (
            {"equals": {"column": "c", "value": "A"}},
            Expression(op=Op.EQUALS, column="c", values=("A",)),
            "boolean",
        ),
        (
            {"in": {"column": "c", "values": ["A", 1, True]}},
            Expression(op=Op.IN, column="c", values=("A", 1, True)),
            "boolean",
        ),
        (
            {"at_least": {"column": "c", "value": 3}},
            Expression(op=Op.AT_LEAST, column="c", values=(3,)),
            "boolean",
        ),
    ],
)
def test_forms(written: object, expression: Expression, result: str) -> None:
    """Each form says what it looks at and which type of fact it gives."""
    assert parse_expression(written) == expression
    assert expression.result == result
    assert parse_expression(expression) is expression


def test_none() -> None:
    """No expression is no expression."""
    assert parse_expression(None) is None


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("not_null", "is not an expression"),
        ({}, "is not an expression"),
        ({"notnull": "c"}, "no such expression: 'notnull'"),
        ({"sql": "1=1"}, "no such expression: 'sql'"),
        ({"not_null": 1}, "column is not a name"),
        ({"not_null": ""}, "column is not a name"),
        ({"equals": "c"}, "equals needs column and value, and nothing else"),
        ({"equals": {"column": "c"}}, "equals needs column and value"),
        ({"in": {"column": "c", "values": []}}, "values is not a list"),
        ({"in": {"column": "c", "values": "A"}}, "values is not a list"),
        ({"equals": {"column": "c", "value": 1.5}}, "equals compares with str or int"),
        ({"at_least": {"column": "c", "value": "3"}}, "at_least compares with int"),
        ({"at_least": {"column": "c", "value": True}}, "at_least compares with int"),
    ],
)
def test_mistakes(written: object, problem: str) -> None:
    """Anything else is refused with what it should be."""
    with pytest.raises(PydanticCustomError) as caught:
        parse_expression(written)

    assert caught.value.message().startswith(problem)
