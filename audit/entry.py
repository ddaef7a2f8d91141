"""What a caller hands to the log, and what it gets back.

How these formats may change: a leaf's members only ever grow, with a new ``cfg``;
a sealed record begins with its version; a receipt's text begins with its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from audit.encoding import Json
from audit.receipt import Receipt

__all__ = [
    "BUCKETS",
    "DIGEST",
    "PARTS",
    "RESERVED",
    "Dedup",
    "Entry",
    "Known",
]

PARTS = ("who", "replay", "account")
"""The sealed parts, in the order of their digests in a leaf's ``side``."""

RESERVED = frozenset({"_sd", "side", "tags", "t", "pad"})
"""The leaf's members that the log itself writes."""

BUCKETS = (1, 2, 5, 10, 25, 50, 100, 250, 500)
"""How many tags a leaf may have; the number of subjects is rounded up to one."""

DIGEST = 32


@dataclass(frozen=True, kw_only=True, slots=True)
class Dedup:
    """What makes an entry the only one of its kind: keyed digests, 32 bytes each.

    ``key`` names the commit, ``request`` what was asked and ``content`` what is
    made available. Equal key and digests give the first entry's receipt again.
    """

    key: bytes
    request: bytes
    content: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One entry as the caller chose it; the log adds time, commitments and padding.

    ``public`` is the leaf's members, ``sealed`` part -> name -> value, ``subjects``
    one key for each person concerned, ``commitments`` the fixed number that the
    leaf shows (the rest are decoys), ``attachments`` public files that must be
    durable with the entry: ``acts/<sha256>``, ``manifest/<sha256>``,
    ``schema/<sha256>.json``, ``policy/<sha256>.tar.gz``. An entry with ``before_ms``
    is written before that instant of the log's clock (Unix ms) or not at all.
    """

    public: Mapping[str, Json]
    sealed: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    subjects: tuple[bytes, ...] = ()
    dedup: Dedup | None = None
    commitments: int = 24
    attachments: Mapping[str, bytes] = field(default_factory=dict)
    before_ms: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """What stands under a dedup key: the receipt, both digests, the leaf's basis."""

    receipt: Receipt
    request: bytes
    content: bytes
    public: Mapping[str, Json]
    """``policy`` and ``manifest`` of that entry's leaf."""

    @property
    def policy(self) -> str:
        """The policy revision that the entry names, or nothing."""
        return str(self.public.get("policy", ""))

    @property
    def manifest(self) -> str:
        """The manifest digest that the entry names, or nothing."""
        return str(self.public.get("manifest", ""))
