"""The catalogue: what each dataset holds, and what each part of it is.

One YAML file per dataset (``sallyport.dataset/1``). A field without a category is
never shared; a fact that cannot be read is unknown; a selector matches exactly.
"""

from gateway.catalogue.dataset import Dataset, Fact, FieldSpec, Selector
from gateway.catalogue.drift import Drift, DriftKind, drift
from gateway.catalogue.facts import (
    UNKNOWN,
    FactReader,
    FactValue,
    FactVector,
    fact_reader,
)
from gateway.catalogue.load import (
    Catalogue,
    load_catalogue,
    load_dataset,
    parse_dataset,
)
from gateway.catalogue.selecting import Selection, select_by
from gateway.catalogue.transforms import Transform, TransformKind
from gateway.catalogue.values import DateFormat, ValueType
from gateway.catalogue.words import UNREVIEWED, FactWord, Words

__all__ = [
    "UNKNOWN",
    "UNREVIEWED",
    "Catalogue",
    "Dataset",
    "DateFormat",
    "Drift",
    "DriftKind",
    "Fact",
    "FactReader",
    "FactValue",
    "FactVector",
    "FactWord",
    "FieldSpec",
    "Selection",
    "Selector",
    "Transform",
    "TransformKind",
    "ValueType",
    "Words",
    "drift",
    "fact_reader",
    "load_catalogue",
    "load_dataset",
    "parse_dataset",
    "select_by",
]
