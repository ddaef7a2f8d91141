"""The page of what an operator writes into ``sallyport.yaml``."""

from __future__ import annotations

import gateway.config.reference as source
from scripts.reference import markdown
from scripts.reference.markdown import code, table

__all__ = ["page"]

LEAD = (
    "One file, `sallyport.yaml`, says everything about a gateway. Relative paths are "
    "relative to that file. A secret is always the path of a file, never a value; a "
    "key file that others can read is refused. Unknown keys are refused, and every "
    "mistake is reported at once. `*` stands for a name you choose. "
    "`sallyport check` prints the file as it was understood."
)


def page() -> str:
    """Return the table of every setting, a part of the file at a time."""
    parts: dict[str, list[tuple[str, ...]]] = {}
    for setting in source.settings():
        kind = f"{setting.type}, {setting.unit}" if setting.unit else setting.type
        row = (code(setting.path), kind, code(setting.default), setting.help)
        parts.setdefault(setting.path.split(".")[0], []).append(row)
    head = ("setting", "type", "default", "meaning")
    tables = [f"## {name}\n\n{table(head, rows)}" for name, rows in parts.items()]
    return markdown.page("Configuration", LEAD, *tables)
