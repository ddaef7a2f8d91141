"""What a check found: where, of which kind, and why it cannot be as it was signed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from audit.encoding import Json

__all__ = ["Finding", "Kind", "first_of"]

_MOST = 20
"""Findings of one kind that are named of one file."""


class Kind(StrEnum):
    """The kinds of tampering, and of damage that nobody can tell from it."""

    CHECKPOINT_FORGED = "checkpoint-forged"
    """No signature of the log's key, or one that does not hold."""
    ROLLED_BACK = "rolled-back"
    """Fewer entries than were signed before."""
    SPLIT_VIEW = "split-view"
    """Signed, and not the start or the continuation of what was signed before."""
    KEY_OUT_OF_WINDOW = "key-out-of-window"
    """Signed by a key of the log that was not in force."""
    LEAF_CHANGED = "leaf-changed"
    LEAF_REMOVED = "leaf-removed"
    LEAF_INSERTED = "leaf-inserted"
    LEAVES_REORDERED = "leaves-reordered"
    LEAF_INVALID = "leaf-invalid"
    """As it was signed, and not what an entry may say."""
    BUNDLE_TRUNCATED = "bundle-truncated"
    BUNDLE_CHANGED = "bundle-changed"
    """The file of entries is missing, or has bytes that belong to no entry."""
    TILE_CHANGED = "tile-changed"
    TREE_REWRITTEN = "tree-rewritten"
    """Entries and hashes were both rewritten."""
    FILE_CHANGED = "file-changed"
    """A public file beside the tree is missing or altered."""
    ACT_FORGED = "act-forged"
    """An act that is missing, altered, or not signed by who must."""
    SIDECAR_SWAPPED = "sidecar-swapped"
    """A sealed part of another entry."""
    SIDECAR_CHANGED = "sidecar-changed"
    STORE_CHANGED = "store-changed"
    """What a store keeps beside tree and sealed records is altered."""
    PROMISE_BROKEN = "promise-broken"
    """A receipt that the log did not keep."""

    @property
    def words(self) -> str:
        """The kind as people read it."""
        return self.value.replace("-", " ")


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that is not as it must be."""

    where: str
    reason: str
    index: int | None = None
    kind: Kind | None = None

    @property
    def text(self) -> str:
        """Where, and why."""
        return f"{self._place}: {self.reason}"

    @property
    def line(self) -> str:
        """Where, of which kind, and why."""
        kind = "" if self.kind is None else f"{self.kind.words}: "
        return f"{self._place}: {kind}{self.reason}"

    @property
    def _place(self) -> str:
        entry = "" if self.index is None else f", entry {self.index}"
        return f"{self.where}{entry}"

    def to_json(self) -> dict[str, Json]:
        """The finding as an object."""
        return {
            "where": self.where,
            "reason": self.reason,
            **({} if self.index is None else {"index": self.index}),
            **({} if self.kind is None else {"kind": self.kind.value}),
        }


def first_of(found: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return the first findings of one file; the last says how many there are more."""
    named, more = found[:_MOST], len(found) - _MOST
    if more <= 0:
        return tuple(named)
    last = named[-1]
    reason = f"{last.reason}; {more} more of this file are not named"
    return (*named[:-1], replace(last, reason=reason))
