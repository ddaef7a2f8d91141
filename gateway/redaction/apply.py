"""From the rows of a plan to the records that are released: the hot path."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from connectors import Row
from gateway.catalogue.values import Reader
from gateway.redaction.plan import Plan
from gateway.redaction.transforms import WITHHELD, Setting, step_for

__all__ = ["Redacted", "redact"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Redacted:
    """What leaves for some rows of one plan.

    Attributes:
        records: a mapping of field to value for each row, in the rows' order.
        odd: how many values were withheld because they were not what the catalogue
            says; counted for the operator.
    """

    records: list[dict[str, Any]]
    odd: int


def redact(plan: Plan, rows: Sequence[Row], setting: Setting) -> Redacted:
    """Return what is released of rows selected by ``plan.columns``, key first.

    The key is not released: it is a column like others, and a field if it is to be.
    """
    names, steps, constant = _compiled(plan, setting)
    records: list[dict[str, Any]] = []
    odd = 0
    for row in rows:
        # Strict: a row of another length must never shift values under other names.
        values = [step(raw) for step, raw in zip(steps, row[1:], strict=True)]
        record = dict(zip(names, values, strict=True))
        if WITHHELD in values:
            kept = {name: v for name, v in record.items() if v is not WITHHELD}
            odd += len(record) - len(kept)
            record = kept
        if constant:
            record.update(constant)
        records.append(record)
    return Redacted(records=records, odd=odd)


@lru_cache(maxsize=4096)
def _compiled(
    plan: Plan, setting: Setting
) -> tuple[tuple[str, ...], tuple[Reader, ...], dict[str, Any]]:
    """Return the names, the steps, and what is the same in each record."""
    return (
        tuple(spec.name for spec in plan.read),
        tuple(step_for(spec, setting) for spec in plan.read),
        {
            **dict.fromkeys(plan.nulls),
            **{name: {"public_page": url} for name, url in plan.pointers},
        },
    )
