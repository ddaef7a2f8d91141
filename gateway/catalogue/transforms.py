"""How a released field is changed first: the catalogue's part, names and settings.

What each transform does to a value is in :mod:`gateway.redaction.transforms`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["SETTINGS", "Transform", "TransformKind"]


class TransformKind(StrEnum):
    """What may happen to a field that the policy opens."""

    SHARE = "share"
    WITHHOLD = "withhold"
    NULL = "null"
    MASK = "mask"
    YEAR_ONLY = "year_only"
    AGE_BAND = "age_band"
    ZIP3 = "zip3"
    COUNTY = "county"
    PSEUDONYM = "pseudonym"
    PUBLIC_POINTER = "public_pointer"


SETTINGS: dict[TransformKind, frozenset[str]] = {
    **{kind: frozenset() for kind in TransformKind},
    TransformKind.MASK: frozenset({"keep_last"}),
    TransformKind.AGE_BAND: frozenset({"width"}),
    TransformKind.COUNTY: frozenset({"map"}),
    TransformKind.PUBLIC_POINTER: frozenset({"url"}),
}
"""The settings each kind needs, all of them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Transform:
    """One transform with its settings.

    Attributes:
        kind: which one.
        keep_last: characters a mask leaves (1 to 6).
        width: years in an age band (5 to 30).
        map: pairs of a place as the source writes it and its county.
        url: https address of the public page a pointer names.
    """

    kind: TransformKind
    keep_last: int = 0
    width: int = 0
    map: tuple[tuple[str, str], ...] = ()
    url: str = ""


SHARE = Transform(kind=TransformKind.SHARE)
"""The value as it is."""
