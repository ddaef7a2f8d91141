"""The page of what lint finds: each code, why it matters, how it is mended."""

from __future__ import annotations

from gateway.policy.lint.finding import CODES
from scripts.reference import markdown
from scripts.reference.markdown import code, table

__all__ = ["page"]

LEAD = (
    "What `sallyport policy lint` looks for. Errors stop an activation; warnings are "
    "listed in what two people sign. Each finding names its file and line; `--explain` "
    "adds the two sentences of this page, `--json` all of it. It ends with 0 "
    "where there is no error, 1 where there is one, 2 for a folder that is none.\n\n"
    "Lint takes no side. A local rule that forbids what its state's law commands, and "
    "one that opens what its state's law closes, are errors alike, each with the "
    "citation: what may be narrowed or widened stands in each pack, as data."
)


def page() -> str:
    """Return the page."""
    rows = [
        (code(name), item.severity, item.title, item.why, item.mend)
        for name, item in CODES.items()
    ]
    head = ("code", "is", "found", "why it matters", "how it is mended")
    return markdown.page("What lint finds", LEAD, table(head, rows))
