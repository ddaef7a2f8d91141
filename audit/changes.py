"""What one activation changes against the one before, in words.

A manifest is public: one line ``name SP sha256`` for each file of a configuration,
and for each section of the main file. Two of them tell which files and sections
differ, not what is in them. The people who sign an activation see the kinds of what
changes in its text (``changes``); who verifies the log compares that with the
manifests, and names the files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["FIRST", "changes_word", "manifest_lines", "names_changed"]

FIRST = "first"
"""What the first activation of a log changes: everything."""
NOTHING = "nothing"
POLICY = "policy"
"""The bundle of rules, which is beside the manifest."""

_LINE = re.compile(r"([!-~]{1,512}) ([0-9a-f]{64})", re.ASCII)
_MOST = 10_000


def manifest_lines(text: bytes) -> dict[str, str] | None:
    """Return a manifest's digests by name; none if it is no manifest."""
    try:
        lines = text.decode("ascii").split("\n")
    except UnicodeDecodeError:
        return None
    found = [_LINE.fullmatch(line) for line in lines[:-1]]
    if lines[-1] or len(lines) > _MOST:
        return None
    pairs = [(each[1], each[2]) for each in found if each is not None]
    names = [name for name, _ in pairs]
    if len(pairs) != len(found) or names != sorted(set(names)):
        return None
    return dict(pairs)


def names_changed(
    before: dict[str, str], after: dict[str, str], *, policy: bool
) -> list[str]:
    """Return the files and sections that differ, sorted; the rules as ``policy``.

    A main file that differs is named only where none of its sections does.
    """
    names = {
        name
        for name in before.keys() | after.keys()
        if before.get(name) != after.get(name)
    }
    wholes = {name.partition("#")[0] for name in names if "#" in name}
    return sorted((names - wholes) | ({POLICY} if policy else set()))


def changes_word(names: Iterable[str]) -> str:
    """Return the kinds of what differs, as an activation says it.

    A file's kind is its folder, or its name up to the first dot; a section's kind is
    its name.
    """
    kinds = {re.split(r"[/.]", name.rpartition("#")[2])[0] for name in names}
    return ",".join(sorted(kind.replace("-", "_") for kind in kinds)) or NOTHING
