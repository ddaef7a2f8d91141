"""From a valid dataset file to the dataset everything else uses."""

from __future__ import annotations

from types import MappingProxyType
from zoneinfo import ZoneInfo

from connectors import Table
from gateway.catalogue.dataset import Dataset, Fact, FieldSpec, Selector
from gateway.catalogue.file import DatasetFile, FactFile, FieldFile, SelectorFile
from gateway.catalogue.values import ValueType
from gateway.catalogue.words import UNREVIEWED, FactWord, Words

__all__ = ["build"]


def build(file: DatasetFile, words: Words) -> Dataset:
    """Return the dataset a valid file describes."""
    facts = _facts(file, words)
    key = tuple(file.key) if isinstance(file.key, list) else (file.key,)
    columns = {
        **{f"selectors.{name}": item.column for name, item in file.selectors.items()},
        **{f"fields.{name}": item.column for name, item in file.fields.items()},
        **{fact.logical: column for fact, column in facts},
    }
    return Dataset(
        id=file.id,
        kind=file.kind,
        custodian=file.custodian,
        title=file.title,
        source=file.source,
        table=Table(name=file.table, key=key, columns=tuple(columns.items())),
        selectors=MappingProxyType(
            {name: _selector(name, item) for name, item in file.selectors.items()}
        ),
        minimum=tuple(frozenset(names) for names in file.minimum),
        fields=MappingProxyType(
            {name: _field(name, item) for name, item in file.fields.items()}
        ),
        facts=tuple(fact for fact, _ in facts),
        response_floor_ms=file.response_floor_ms,
        public_page=file.public_page,
        mentioned=frozenset({*key, *columns.values(), *file.left_out}),
    )


def _selector(name: str, file: SelectorFile) -> Selector:
    """Return one selector."""
    return Selector(
        name=name,
        logical=f"selectors.{name}",
        category=file.category,
        type=ValueType(file.type),
        format=file.format,
        case=file.case,
        max_length=file.max_length,
    )


def _field(name: str, file: FieldFile) -> FieldSpec:
    """Return one field; what nobody reviewed has no category."""
    return FieldSpec(
        name=name,
        logical=f"fields.{name}",
        category=None if file.category == UNREVIEWED else file.category,
        type=file.type,
        format=file.format,
        zone=_zone(file.time_zone),
        transform=file.transform,
        free_text=file.free_text,
        title=file.title or name.replace("_", " "),
    )


def _facts(file: DatasetFile, words: Words) -> list[tuple[Fact, str]]:
    """Return all facts, of the record first, each with its physical column."""
    wanted: list[tuple[str | None, str, FactFile, FactWord]] = [
        (None, name, fact, words.record_facts[name])
        for name, fact in file.facts.items()
    ]
    wanted += [
        (category, name, fact, words.category_facts[name])
        for category, facts in file.category_facts.items()
        for name, fact in facts.items()
    ]
    logical: dict[str, str] = {}
    built = []
    for category, name, fact, word in wanted:
        column = fact.column or (fact.expression.column if fact.expression else "")
        path = f"facts.{name}" if category is None else f"facts.{category}.{name}"
        shared = logical.setdefault(column, path)
        built.append((_fact(category, name, shared, fact, word), column))
    return built


def _fact(
    category: str | None, name: str, logical: str, file: FactFile, word: FactWord
) -> Fact:
    """Return one fact, typed by the vocabulary."""
    return Fact(
        name=name,
        category=category,
        logical=logical,
        type=word.type,
        expression=file.expression,
        format=file.format,
        zone=_zone(file.time_zone),
        values=tuple(sorted(file.values.items())),
        codes=word.values,
        maximum=word.maximum,
    )


def _zone(name: str | None) -> ZoneInfo | None:
    """Return a zone that was already checked to exist."""
    return None if name is None else ZoneInfo(name)
