"""Canonical bytes of the small language: what is hashed, compared and replayed.

Questions, compiled data and decisions hold only strings, booleans, lists, objects
with ASCII keys, and integers under 2**53. There, orjson with sorted keys equals
RFC 8785 (tested).
"""

from __future__ import annotations

import hashlib
from typing import TypeAlias

import orjson

__all__ = ["Json", "canonical", "digest"]

Json: TypeAlias = "str | bool | int | list[Json] | dict[str, Json]"


def canonical(value: object) -> bytes:
    """Return the canonical bytes of a value of the small language.

    Raises:
        TypeError: for what JSON cannot hold. Floats and null are refused where
            questions are built, not here: this is on the hot path.
    """
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def digest(data: bytes) -> str:
    """Return the SHA-256 of some bytes, in lower-case hex."""
    return hashlib.sha256(data).hexdigest()
