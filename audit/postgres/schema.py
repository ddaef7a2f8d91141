"""What the tables are called, which version of them is known, who may do what."""

from __future__ import annotations

__all__ = ["GRANTS", "ROLES", "SCHEMA", "VERSION"]

SCHEMA = "sallyport_log"
VERSION = "0002"

ROLES = ("writer", "integrator", "auditor")
"""The gateway adds; whoever makes the tree integrates; auditors read."""

_READ = "charter, seq_coord, seq, file, tile, int_coord, pub_coord, version"

GRANTS: dict[str, tuple[str, ...]] = {
    "writer": (
        "USAGE ON SCHEMA {schema}",
        f"SELECT ON {_READ}",
        "EXECUTE ON FUNCTION sequence, settled, known, take_turn",
        "EXECUTE ON FUNCTION keep_epoch, begin_log",
    ),
    "integrator": (
        "USAGE ON SCHEMA {schema}",
        f"SELECT ON {_READ}, dedup",
        "INSERT, UPDATE ON tile",
        "UPDATE ON int_coord, pub_coord",
        "DELETE ON dedup",
        "EXECUTE ON FUNCTION durable, rewrite, attach, tell, begin_publishing",
    ),
    "auditor": (
        "USAGE ON SCHEMA {schema}",
        f"SELECT ON {_READ}, dedup, sealed, epoch",
    ),
}
"""What each role may do; nobody is granted UPDATE or DELETE on leaves or files."""
