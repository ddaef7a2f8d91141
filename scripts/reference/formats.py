"""The pages of what everybody may read of the log: the leaf, and acts."""

from __future__ import annotations

from audit.actwords import ACTS, CUTOFF_SCOPES, PAPER_STATES, REASONS, ROSTERS
from audit.authority import NEEDS, Need
from gateway.entries.leaf import LEAF_MEMBERS, cfg, leaf_schema
from scripts.reference.markdown import code, page, table

__all__ = ["acts_page", "leaf_page"]

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


ACTS_LEAD = (
    "An act is what people decide. It is a signed note of a few lines at "
    "`acts/<sha256>`, public, named in its leaf. Every act begins with the lines "
    "`origin`, `act`, `counter`, `reason`, `expires` and `words`; then come its own. "
    "[The log's format](../explanation/log-format.md) says what they mean and who "
    "checks them."
)

WHO: dict[Need, str] = {
    Need.ALL: "every key that it names",
    Need.TWO: "two different people of the roster in force",
    Need.ANYBODY: "nobody has to",
    Need.NOBODY: "nobody: the gateway says so of itself",
    Need.LOG: "the log's own key, old and new",
}


def acts_page() -> str:
    """Return the kinds of acts, their lines, who signs them, and the closed words."""
    more = {
        "roster": "; and every key that is new",
        "paper": ", for `issuer_confirmed`; for any other state nobody has to",
    }
    kinds = (
        (
            code(name),
            ", ".join(map(code, (*lines, *(["person"] if name in ROSTERS else ())))),
            WHO[NEEDS.get(name, Need.TWO)] + more.get(name, ""),
        )
        for name, lines in ACTS.items()
    )
    words = (
        ("`reason`", ", ".join(map(code, REASONS))),
        ("`scope` of a cut-off", ", ".join(map(code, CUTOFF_SCOPES))),
        ("`state` of a paper", ", ".join(map(code, PAPER_STATES))),
    )
    return page(
        "Acts",
        ACTS_LEAD,
        table(("act", "its own lines, in order", "signed by"), kinds),
        "## Closed words",
        table(("line", "words"), words),
    )
