"""The page of dataset files: what an operator says about one table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from gateway.catalogue.expressions import Op
from gateway.catalogue.file import DatasetFile, FactFile, FieldFile, SelectorFile
from gateway.catalogue.transforms import SETTINGS, TransformKind
from gateway.catalogue.values import DateFormat, ValueType
from scripts.reference import markdown
from scripts.reference.markdown import code, table

__all__ = ["page"]

LEAD = (
    "One YAML file for each dataset, in the catalogue's folder. Unknown keys and words "
    "are refused; every mistake is named at once, with the nearest right word. A field "
    "without a category, or with the category `unreviewed`, is never shared. "
    "[How to describe a dataset](../how-to/describe-a-dataset.md) goes through one."
)

DATASET = {
    "schema": "The format of this file.",
    "id": "How requests name the dataset.",
    "kind": "A dataset kind of the vocabulary.",
    "custodian": "A custodian type of the vocabulary.",
    "title": "What people call it.",
    "source": "A source of `sallyport.yaml`.",
    "table": "Its table or view.",
    "key": "The column, or columns, that identify a record.",
    "selectors": "What a requester may name a record by. Matched exactly.",
    "minimum": "Sets of selectors; a request must give all of one set.",
    "fields": "What may be released, if the policy opens its category.",
    "facts": "What rules may look at; read, never released.",
    "category_facts": "Facts about one category of a record.",
    "response_floor_ms": "Answers that release nothing leave no sooner, once asked.",
    "public_page": "Where the same is published, for a pointer instead of data.",
    "left_out": "Columns that were looked at and left out on purpose.",
}
SELECTOR = {
    "column": "The column that is compared.",
    "category": "Its category: matching must be permitted too.",
    "type": "What the column holds.",
    "format": "How a date is stored.",
    "case": "Change the value's case first, where the column holds only one.",
    "max_length": "Longest value taken, in characters.",
}
FIELD = {
    "column": "The column that is read, if the policy opens it.",
    "type": "What the column holds.",
    "category": "The controlled word that rules know it by.",
    "transform": "What happens to the value first.",
    "format": "How a date is stored.",
    "time_zone": "Zone in which a stored instant becomes a day.",
    "free_text": "Withheld unless a person releases it.",
    "title": "What people call it.",
}
FACT = {
    "column": "The column that is the fact; or give an expression.",
    "expression": "A small expression over one column; see below.",
    "type": "What the column holds, where the vocabulary leaves a choice.",
    "format": "How a date is stored.",
    "time_zone": "Zone in which a stored instant becomes a day.",
    "values": "What the column holds, to the codes of a code fact.",
}
EXPRESSIONS: Mapping[Op, str] = {
    Op.NOT_NULL: "`{not_null: column}`: something is there",
    Op.IS_NULL: "`{is_null: column}`: nothing is there",
    Op.EQUALS: "`{equals: {column: c, value: v}}`",
    Op.IN: "`{in: {column: c, values: [v, w]}}`",
    Op.AT_LEAST: "`{at_least: {column: c, value: 3}}`, for integers",
    Op.YEARS_SINCE: "`{years_since: column}`: full years up to the question's day",
    Op.DAYS_UNTIL: "`{days_until: column}`: days from the question's day on",
}
TRANSFORMS: Mapping[TransformKind, str] = {
    TransformKind.SHARE: "the value as it is",
    TransformKind.WITHHOLD: "nothing, whatever the policy says",
    TransformKind.NULL: "the field with no value",
    TransformKind.MASK: "four stars and the last few characters",
    TransformKind.YEAR_ONLY: "the year of a day",
    TransformKind.AGE_BAND: "the band of years that an age lies in, from a birth date",
    TransformKind.ZIP3: "the first three digits; 000 where few people live",
    TransformKind.COUNTY: "the county of a place, by the map given",
    TransformKind.PSEUDONYM: "a keyed pseudonym, equal for equal values",
    TransformKind.PUBLIC_POINTER: "the address of the public page instead",
}


def page() -> str:
    """Return the parts of the file, the transforms and the expressions."""
    head = ("key", "default", "means")
    files = (
        ("The file", DatasetFile, DATASET),
        ("A selector", SelectorFile, SELECTOR),
        ("A field", FieldFile, FIELD),
        ("A fact", FactFile, FACT),
    )
    parts = [
        f"## {title}\n\n{table(head, _rows(model, meanings))}"
        for title, model, meanings in files
    ]
    types = ", ".join(code(str(each)) for each in ValueType)
    formats = ", ".join(code(str(each)) for each in DateFormat)
    parts.append(f"## Types\n\nTypes: {types}. Formats of a date: {formats}.")
    changes = (
        (code(str(kind)), _settings(kind), TRANSFORMS[kind]) for kind in SETTINGS
    )
    head = ("transform", "settings", "gives")
    parts.append(f"## Transforms\n\n{table(head, changes)}")
    small = ((code(str(op)), EXPRESSIONS[op]) for op in Op)
    parts.append(f"## Expressions\n\n{table(('expression', 'written'), small)}")
    return markdown.page("Dataset files", LEAD, *parts)


def _settings(kind: TransformKind) -> str:
    return ", ".join(code(name) for name in sorted(SETTINGS[kind]))


def _rows(
    model: type[BaseModel], meanings: Mapping[str, str]
) -> Iterator[tuple[str, ...]]:
    named = {info.alias or name: info for name, info in model.model_fields.items()}
    if named.keys() != meanings.keys():
        raise LookupError(f"{model.__name__}: {named.keys() ^ meanings.keys()}")
    for name, info in named.items():
        yield code(name), _default(info), meanings[name]


def _default(info: FieldInfo) -> str:
    if info.is_required():
        return "required"
    if info.default_factory is not None or info.default is None:
        return ""
    value = getattr(info.default, "kind", info.default)
    return code(str(value).lower() if isinstance(value, bool) else str(value))
