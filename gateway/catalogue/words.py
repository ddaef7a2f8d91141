"""The words a dataset file may use; whoever owns the vocabulary passes them in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["UNREVIEWED", "FactWord", "Words"]

UNREVIEWED = "unreviewed"
"""The category of a field nobody has classified yet: never shared."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FactWord:
    """What the vocabulary says about one fact.

    ``type`` is ``boolean``, ``code``, ``integer`` or ``day``. ``values`` are the codes
    of a code fact, ``maximum`` the largest value of an integer fact.
    """

    type: str
    values: frozenset[str] = frozenset()
    maximum: int = 2**53 - 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """The closed lists of the vocabulary that the catalogue draws on."""

    dataset_kinds: frozenset[str]
    custodian_types: frozenset[str]
    categories: frozenset[str]
    record_facts: Mapping[str, FactWord]
    category_facts: Mapping[str, FactWord]
