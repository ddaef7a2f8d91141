"""What the state database can hold at all: a list to be read by people."""

from __future__ import annotations

from gateway.state.tables import metadata

SEALED_OR_BYTES = {
    "reviews": {"retry", "row_key", "sealed"},
    "acts": {"note"},
    "seal": {"mac"},
    "archive": {"question", "sealed"},
    "asked": {"person", "way", "rests"},
}


def test_no_column_is_for_content() -> None:
    """Every column is a word, a number, a time, or sealed: none holds a record."""
    columns = {
        table.name: {column.name for column in table.columns}
        for table in metadata.tables.values()
    }
    assert columns == {
        "reviews": {
            "exchange",
            "state",
            "role",
            "created_ms",
            "due_ms",
            "closed_ms",
            "revision",
            "entry",
            "receipt",
            "agency",
            "client",
            "retry",
            "row_key",
            "sealed",
        },
        "tasks": {
            "id",
            "exchange",
            "do",
            "parameters",
            "state",
            "created_ms",
            "due_ms",
            "closed_ms",
            "entry",
            "closing",
        },
        "acts": {"entry", "at_ms", "note"},
        "seal": {"id", "origin", "log_size", "mac"},
        "archive": {"day", "question", "outcome", "count", "sealed"},
        "asked": {"family", "person", "way", "day", "rests", "turn"},
    }


def test_bytes_are_sealed_or_digests() -> None:
    """Binary columns are ciphertext, a digest, or the public note of an act."""
    found = {
        table.name: {
            column.name for column in table.columns if column.type.python_type is bytes
        }
        for table in metadata.tables.values()
    }
    assert {name: names for name, names in found.items() if names} == SEALED_OR_BYTES


def test_every_key_and_index_has_a_name() -> None:
    """Nothing is left to a database's own naming, so migrations can find it."""
    for table in metadata.tables.values():
        assert table.primary_key.name == f"pk_{table.name}"
        assert all(index.name for index in table.indexes)
