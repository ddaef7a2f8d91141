"""Where the live schema is no longer what the catalogue says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from connectors import LiveColumn
from gateway.catalogue.dataset import Dataset

__all__ = ["Drift", "DriftKind", "drift"]


class DriftKind(StrEnum):
    """How the two differ."""

    MISSING_TABLE = "missing-table"
    """The table is gone: the dataset cannot be answered."""
    MISSING_COLUMN = "missing-column"
    """A mapped column is gone: whatever needs it cannot be answered."""
    UNCLASSIFIED_COLUMN = "unclassified-column"
    """A column nobody has spoken of: withheld, and somebody should look."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Drift:
    """One difference; ``column`` is empty where the table is missing."""

    dataset: str
    kind: DriftKind
    column: str = ""

    @property
    def fatal(self) -> bool:
        """Whether the dataset must not be answered until it is settled."""
        return self.kind is not DriftKind.UNCLASSIFIED_COLUMN


def drift(dataset: Dataset, live: Iterable[LiveColumn]) -> list[Drift]:
    """Compare the live columns of a dataset's table with the catalogue.

    Names are compared as SQL does, without regard to case.
    """
    names = {column.name.casefold(): column.name for column in live}
    if not names:
        return [Drift(dataset=dataset.id, kind=DriftKind.MISSING_TABLE)]
    mapped = {*dataset.table.key, *(column for _, column in dataset.table.columns)}
    spoken_of = {column.casefold() for column in dataset.mentioned}
    missing = sorted(column for column in mapped if column.casefold() not in names)
    strange = sorted(names[name] for name in set(names) - spoken_of)
    return [
        *(
            Drift(dataset=dataset.id, kind=DriftKind.MISSING_COLUMN, column=column)
            for column in missing
        ),
        *(
            Drift(dataset=dataset.id, kind=DriftKind.UNCLASSIFIED_COLUMN, column=column)
            for column in strange
        ),
    ]
