"""One dataset, as everything after the catalogue sees it: plain frozen values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from connectors import Key, Table
from gateway.catalogue.expressions import Expression
from gateway.catalogue.transforms import Transform
from gateway.catalogue.values import DateFormat, ValueType

__all__ = ["Dataset", "Fact", "FieldSpec", "Selector"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Selector:
    """How a requester may name a record; ``name`` is what a request calls it.

    ``logical`` is its name in a :class:`connectors.Query`.
    """

    name: str
    logical: str
    category: str
    type: ValueType
    format: DateFormat
    case: str
    max_length: int


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldSpec:
    """What may be released; ``category`` is ``None`` until somebody reviewed it."""

    name: str
    logical: str
    category: str | None
    type: ValueType
    format: DateFormat
    zone: ZoneInfo | None
    transform: Transform
    free_text: bool
    title: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """What rules may look at.

    Attributes:
        name: the vocabulary's word.
        category: the category it is about, or ``None`` for the whole record.
        logical: its column's name in a query; facts of one column share it.
        type: ``boolean``, ``code``, ``integer`` or ``day``.
        expression: how it is made from the column's value; ``None`` = the value.
        format: how the column writes a day.
        zone: the zone in which an instant is a day.
        values: pairs of what the column holds and the code it means; empty = the
            column holds codes.
        codes: the codes the vocabulary allows.
        maximum: the largest integer the vocabulary allows.
    """

    name: str
    category: str | None
    logical: str
    type: str
    expression: Expression | None
    format: DateFormat
    zone: ZoneInfo | None
    values: tuple[tuple[str, str], ...]
    codes: frozenset[str]
    maximum: int


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, weakref_slot=True)
class Dataset:
    """One dataset of the catalogue; one object each, so it is compared by identity.

    ``table`` maps logical names to columns. ``mentioned`` are all physical columns the
    file speaks of; any other live column is unclassified.
    """

    id: str
    kind: str
    custodian: str
    title: str
    source: str
    table: Table
    selectors: Mapping[str, Selector]
    minimum: tuple[frozenset[str], ...]
    fields: Mapping[str, FieldSpec]
    facts: tuple[Fact, ...]
    response_floor_ms: int
    public_page: str | None
    mentioned: frozenset[str]

    def subject(self, key: Key) -> str:
        """Return the subject key of a record: this dataset and its catalogue key."""
        parts = key if isinstance(key, tuple) else (key,)
        return json.dumps([self.id, *parts], separators=(",", ":"))
