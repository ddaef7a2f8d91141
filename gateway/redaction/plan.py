"""From what the policy decided to what is selected and how it is released.

A plan is made before the source is touched: what it does not name is never selected,
so it cannot leak later. Plans are interned, so equal plans are one object and may be
grouped and memoised by identity.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TypeAlias
from weakref import WeakValueDictionary

from gateway.catalogue import Dataset, FieldSpec, TransformKind

__all__ = ["Outcome", "Plan", "plan_for"]


class Outcome(StrEnum):
    """What the policy says happens to a category."""

    RELEASE = "release"
    WITHHOLD = "withhold"
    WAIT = "wait"
    POINTER = "pointer"


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, weakref_slot=True)
class Plan:
    """What one record's answer is made of; compared by identity (interned).

    A field that is nowhere in it is not released: it waits, or is withheld.

    Attributes:
        dataset: the dataset's id.
        read: fields that are selected and released, in the catalogue's order.
        columns: their logical columns, in the same order: all that may be selected.
        nulls: fields released as null without being read.
        pointers: pairs of field and public page, in place of the value.
    """

    dataset: str
    read: tuple[FieldSpec, ...]
    columns: tuple[str, ...]
    nulls: tuple[str, ...]
    pointers: tuple[tuple[str, str], ...]

    @property
    def releases(self) -> bool:
        """Whether anything at all is released by it."""
        return bool(self.read or self.nulls or self.pointers)


def plan_for(
    dataset: Dataset, *, fields: Collection[str], outcomes: Mapping[str, str]
) -> Plan:
    """Return the plan for some fields of a dataset.

    ``outcomes`` maps categories to :class:`Outcome` words. A category that is not
    there, a word that is not one of them, and a field that the dataset does not have
    withhold.
    """
    return _plan(dataset, frozenset(fields), frozenset(outcomes.items()))


_interned: WeakValueDictionary[tuple[object, ...], Plan] = WeakValueDictionary()


@lru_cache(maxsize=4096)
def _plan(
    dataset: Dataset, fields: frozenset[str], outcomes: frozenset[tuple[str, str]]
) -> Plan:
    """Make a plan, or find the equal one that was made before."""
    decided = dict(outcomes)
    sorted_out = _Sorted()
    for name, spec in dataset.fields.items():
        if name in fields:
            _sort(spec, decided.get(spec.category or "", ""), dataset, sorted_out)
    return _intern(dataset.id, sorted_out)


class _Sorted:
    """Fields on their way to their place."""

    def __init__(self) -> None:
        self.read: list[FieldSpec] = []
        self.nulls: list[str] = []
        self.pointers: list[tuple[str, str]] = []


def _sort(spec: FieldSpec, outcome: str, dataset: Dataset, to: _Sorted) -> None:
    """Put one field in its place; what is not plainly open has none.

    What the catalogue keeps back stays back, whatever the policy says.
    """
    kind = spec.transform.kind
    if spec.category is None or spec.free_text or kind is TransformKind.WITHHOLD:
        return
    url = spec.transform.url or dataset.public_page
    if outcome == Outcome.RELEASE and kind is TransformKind.NULL:
        to.nulls.append(spec.name)
    elif outcome == Outcome.RELEASE and kind is not TransformKind.PUBLIC_POINTER:
        to.read.append(spec)
    elif outcome in {Outcome.RELEASE, Outcome.POINTER} and url is not None:
        to.pointers.append((spec.name, url))


_Key: TypeAlias = "tuple[object, ...]"


def _intern(dataset: str, done: _Sorted) -> Plan:
    """Return the one plan with this content."""
    key: _Key = (
        dataset,
        # One object a field and catalogue: a reloaded catalogue makes other plans.
        tuple(id(spec) for spec in done.read),
        tuple(done.nulls),
        tuple(done.pointers),
    )
    plan = _interned.get(key)
    if plan is None:
        plan = _interned[key] = Plan(
            dataset=dataset,
            read=tuple(done.read),
            columns=tuple(spec.logical for spec in done.read),
            nulls=tuple(done.nulls),
            pointers=tuple(done.pointers),
        )
    return plan
