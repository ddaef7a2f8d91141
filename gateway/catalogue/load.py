"""Reading the catalogue: one YAML file per dataset, every mistake of all at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from pydantic import ValidationError

from gateway.catalogue.build import build
from gateway.catalogue.dataset import Dataset
from gateway.catalogue.file import DatasetFile
from gateway.catalogue.mistakes import explain
from gateway.catalogue.words import Words
from gateway.errors import InvalidFile, Mistake
from gateway.yamlfile import parse, read

__all__ = ["Catalogue", "load_catalogue", "load_dataset", "parse_dataset"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Catalogue:
    """All datasets by id, and the files they came from."""

    datasets: Mapping[str, Dataset]
    files: tuple[Path, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Context:
    """What the models look words up in."""

    dataset_kinds: frozenset[str]
    custodian_types: frozenset[str]
    categories: frozenset[str]
    record_facts: Mapping[str, object]
    category_facts: Mapping[str, object]
    sources: frozenset[str]


def load_catalogue(
    folder: Path, *, words: Words, sources: Collection[str]
) -> Catalogue:
    """Read every ``*.yaml`` of a folder.

    Raises:
        InvalidFile: with every mistake of every file; two files with one id, and a
            folder without files, are mistakes too.
    """
    files = tuple(sorted(folder.glob("*.yaml")))
    datasets: dict[str, Dataset] = {}
    of: dict[str, Path] = {}
    mistakes: list[Mistake] = []
    for file in files:
        try:
            dataset = load_dataset(file, words=words, sources=sources)
        except InvalidFile as error:
            mistakes += error.mistakes
            continue
        if (first := of.setdefault(dataset.id, file)) is not file:
            problem = f"the id {dataset.id!r} is also that of {first.name}"
            mistakes.append(Mistake(path=f"{file}:id", problem=problem))
        datasets[dataset.id] = dataset
    if not files:
        mistakes.append(Mistake(path=str(folder), problem="holds no *.yaml file"))
    if mistakes:
        raise InvalidFile(mistakes)
    return Catalogue(datasets=MappingProxyType(datasets), files=files)


def load_dataset(path: Path, *, words: Words, sources: Collection[str]) -> Dataset:
    """Read one dataset file.

    Raises:
        InvalidFile: with every mistake.
    """
    return _dataset(read(path), str(path), words, sources)


def parse_dataset(
    text: str, *, name: str, words: Words, sources: Collection[str]
) -> Dataset:
    """Read one dataset from text; ``name`` stands before each mistake's path.

    Raises:
        InvalidFile: with every mistake.
    """
    return _dataset(parse(text, name), name, words, sources)


def _dataset(
    value: object, name: str, words: Words, sources: Collection[str]
) -> Dataset:
    """Validate and build."""
    context = _Context(
        dataset_kinds=words.dataset_kinds,
        custodian_types=words.custodian_types,
        categories=words.categories,
        record_facts=words.record_facts,
        category_facts=words.category_facts,
        sources=frozenset(sources),
    )
    try:
        file = DatasetFile.model_validate(value, context=context)
    except ValidationError as error:
        raise InvalidFile(explain(error, DatasetFile, name)) from error
    return build(file, words)
