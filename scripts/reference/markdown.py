"""Markdown for generated pages: a notice, tables whose cells can hold anything."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

__all__ = ["code", "page", "table"]


def page(title: str, lead: str, *parts: str) -> str:
    """Return a page: title, where it comes from, what it is, and its parts."""
    notice = "<!-- Generated from the code by `make docs`; edit the code instead. -->"
    return "\n\n".join((f"# {title}", notice, lead, *parts))


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table."""
    lines = [_row(head), _row(["---"] * len(head)), *(_row(row) for row in rows)]
    return "\n".join(lines)


def code(text: str) -> str:
    """Return text as inline code; empty stays empty."""
    return f"`{text}`" if text else ""


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(_cell(cell) for cell in cells)} |"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
