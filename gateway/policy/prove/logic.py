"""The few words of logic that formulas are built of; needs the solver (extra prove).

What is true or false for certain is a Python boolean, so that formulas stay small.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

import z3

__all__ = ["Bool", "Guarded", "add", "both", "either", "no", "so"]

Bool: TypeAlias = Any
"""A formula: True, False, or the solver's."""

Guarded: TypeAlias = dict[int, Bool]
"""Values, each with the formula under which it is the one."""


def both(parts: Iterable[Bool]) -> Bool:
    """Return the formula that all parts hold."""
    listed = [part for part in parts if part is not True]
    if any(part is False for part in listed):
        return False
    if len(listed) < MANY:
        return listed[0] if listed else True
    return _made(z3.Z3_mk_and, listed)


def either(parts: Iterable[Bool]) -> Bool:
    """Return the formula that some part holds."""
    listed = [part for part in parts if part is not False]
    if any(part is True for part in listed):
        return True
    if len(listed) < MANY:
        return listed[0] if listed else False
    return _made(z3.Z3_mk_or, listed)


MANY = 2


def _made(make: Callable[..., Any], parts: Sequence[Bool]) -> Bool:
    """Return a formula of some; without the solver's look at each part's sort.

    Most of the time would go into that, and every part is a formula.
    """
    array = (z3.Ast * len(parts))(*(part.ast for part in parts))
    context = parts[0].ctx
    return z3.BoolRef(make(context.ref(), len(parts), array), context)


def no(part: Bool) -> Bool:
    """Return the formula that a part does not hold."""
    if isinstance(part, bool):
        return not part
    return z3.BoolRef(z3.Z3_mk_not(part.ctx.ref(), part.ast), part.ctx)


def so(model: Any, formula: Bool) -> bool:  # noqa: ANN401 - the solver has no types
    """Tell whether a formula is so in what the solver found."""
    if isinstance(formula, bool):
        return formula
    return bool(z3.is_true(model.evaluate(formula, model_completion=True)))


def add(table: dict[Any, Bool], key: object, guard: Bool) -> None:
    """Add a way in which something is so."""
    table[key] = either([table.get(key, False), guard])
