"""The page of the public leaf: what everybody may read of an entry."""

from __future__ import annotations

from gateway.entries.leaf import LEAF_MEMBERS, cfg, leaf_schema
from scripts.reference.markdown import code, page, table

__all__ = ["leaf_page"]

LEAD = (
    "Each entry of the log has a public face, its leaf: canonical JSON with exactly "
    "these members, whatever happened. A leaf holds closed words, digests, counts and "
    "an hour; never a person, a case, a value or a fact. How it is hashed and what is "
    "sealed beside it: [the log's format](../explanation/log-format.md)."
)


def leaf_page() -> str:
    """Return the members of a leaf and the digest of the model itself."""
    rows = ((code(name), meaning) for name, meaning in LEAF_MEMBERS.items())
    model = (
        f"The model's own bytes are published as `schema/<cfg>.json` and are "
        f"{len(leaf_schema())} bytes long. Their digest, which each leaf carries as "
        f"`cfg`, is:\n\n```text\n{cfg()}\n```"
    )
    return page("The public leaf", LEAD, table(("member", "meaning"), rows), model)
