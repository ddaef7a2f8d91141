"""Rows are looked at once more before anybody else sees them."""

from __future__ import annotations

import pytest

from connectors import Fault, Query, SourceUnavailable, Table
from connectors.answer import verified

ONE = Table(name="t", key=("k",), columns=(("v", "v"),))
TWO = Table(name="t", key=("k", "j"), columns=(("v", "v"),))


def test_good_rows_pass() -> None:
    """Rows of a simple key come back as they are."""
    rows = [("a", 1), ("b", 2)]

    assert verified("s", Query(table=ONE, columns=("v",)), rows) == rows


def test_a_compound_key_becomes_one_value() -> None:
    """The parts of a compound key are one tuple, first in the row."""
    rows = verified("s", Query(table=TWO, columns=("v",)), [("a", 1, "x")])

    assert rows == [(("a", 1), "x")]


@pytest.mark.parametrize(
    ("query", "rows", "fault"),
    [
        (Query(table=ONE), [("a",), ("a",)], Fault.AMBIGUOUS),
        (Query(table=ONE), [(None,)], Fault.AMBIGUOUS),
        (Query(table=TWO), [("a", None)], Fault.AMBIGUOUS),
        (Query(table=TWO), [("a", 1), ("a", 1)], Fault.AMBIGUOUS),
        (Query(table=ONE, keys=("a",)), [("A",)], Fault.AMBIGUOUS),
        (Query(table=TWO, keys=(("a", 1),)), [("a", 2)], Fault.AMBIGUOUS),
        (Query(table=ONE, limit=1), [("a",), ("b",)], Fault.TOO_LARGE),
    ],
)
def test_bad_rows_are_refused(
    query: Query, rows: list[tuple[object, ...]], fault: Fault
) -> None:
    """A key twice, no key, a key not asked for, or too many rows: no answer."""
    with pytest.raises(SourceUnavailable) as caught:
        verified("s", query, rows)

    assert caught.value.fault is fault
