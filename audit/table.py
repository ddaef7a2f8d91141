"""Rows for people: columns that fit what stands in them, for rows without end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

__all__ = ["table"]

_MEASURED = 500
"""Rows that a column's width is taken from; a wider word later moves its row."""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a table, the first naming the columns.

    What a terminal would take for a command is written out.
    """
    given = ([_printable(cell) for cell in row] for row in rows)
    known = [head, *islice(given, _MEASURED)]
    widths = [max(len(row[place]) for row in known) for place in range(len(head))]
    for row in chain(known, given):
        cells = (f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()


def _printable(text: str) -> str:
    return text if text.isprintable() else ascii(text)
