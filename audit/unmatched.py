"""What is said where a filter matches nothing: how many entries, and whom they name.

Agencies and datasets are no closed lists, so a misspelt one looks like one that asked
for nothing. Which there are stands in public leaves.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from audit.proven import Proven
from audit.selection import leaf_of

__all__ = ["unmatched"]

_MOST = 40
"""Names that are listed of each kind."""

_KINDS = {"agency": "agencies", "db": "datasets"}


def unmatched(proven: Proven, *, jobs: int = 1) -> str:
    """Return the sentence, after reading every entry of a log.

    Raises:
        ProofInvalid, SourceUnreadable: as :meth:`Proven.bundle`.
    """
    found: dict[str, set[str]] = {member: set() for member in _KINDS}
    for some in proven.mapped(_names, jobs=jobs):
        for member, names in some.items():
            found[member] |= names
    listed = (f"{_KINDS[member]}: {_some(names)}" for member, names in found.items())
    return f"0 of {proven.size} entries match; named here are {'; '.join(listed)}"


def _names(_first: int, entries: Sequence[bytes]) -> dict[str, set[str]]:
    """Return the words that some entries have, by the leaf's member."""
    leaves = [leaf_of(data) or {} for data in entries]
    return {member: {*_words(leaves, member)} for member in _KINDS}


def _words(leaves: Sequence[dict[str, object]], member: str) -> Iterator[str]:
    for leaf in leaves:
        word = leaf.get(member)
        if word and isinstance(word, str):
            yield word if word.isprintable() else ascii(word)


def _some(names: set[str]) -> str:
    first = sorted(names)[:_MOST]
    more = [f"{len(names) - _MOST} more"] if len(names) > _MOST else []
    return ", ".join([*first, *more]) or "none"
