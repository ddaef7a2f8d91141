"""The closed lists that rules, questions, catalogues and case files are written in."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from gateway.errors import InvalidFile, Mistake
from gateway.face import Face
from gateway.policy.policychange import PolicyChanges
from gateway.policy.words import (
    Category,
    Code,
    Document,
    Fact,
    Family,
    Instrument,
    Kind,
    Obligation,
    ReasonCode,
    RequesterClass,
    Titled,
    Word,
)
from gateway.yamlfile import mistakes_of, nearest, read

__all__ = [
    "ABSENT",
    "EXISTENCE",
    "UNKNOWN",
    "Value",
    "Vocabulary",
    "load_vocabulary",
    "paper_fact",
]

ABSENT = "absent"
"""State of a paper that was not given; the default of every paper fact."""

UNKNOWN = "unknown"
"""Value of a fact that was looked for and not found, or could not be computed."""

EXISTENCE = "record_exists"
"""The category of the fact that there is a record; reached only by name."""

BUILT_IN_REASONS = ("NO_RULE", "CONFLICT")
"""Reasons the evaluator gives itself: nobody spoke; two laws of one rank clash."""

RESERVED = frozenset({"unknown", "pending", "*"})
"""Words no list of values may hold: they mean something to the evaluator."""

FIRST_DAY, LAST_DAY = 19000101, 21991231
"""Days a question or a fact may name, YYYYMMDD."""

Value = bool | int | str
"""A fact's value in the small language."""


class Vocabulary(Document):
    """All closed lists; part of the bundle, so of the revision."""

    schema_: Literal["sallyport.vocabulary/1"] = Field(alias="schema")
    families: dict[Word, Family]
    requester_classes: dict[Word, RequesterClass]
    custodian_types: dict[Word, Titled]
    datasets: dict[Word, Titled]
    kinds: dict[Word, Kind]
    uses: list[Literal["release", "match"]]
    categories: dict[Word, Category]
    purposes: dict[Word, Titled]
    channels: dict[Word, Titled]
    reviewers: dict[Word, Titled]
    reason_codes: dict[Code, ReasonCode]
    change_words: list[Word]
    obligations: dict[Word, Obligation]
    parameter_words: dict[Word, list[Word]] = Field(default_factory=dict)
    immigration_scopes: dict[str, list[Word]] = Field(default_factory=dict)
    signers: dict[Word, Titled]
    instruments: dict[Word, Instrument]
    face_boxes: dict[Word, Titled] = Field(default_factory=dict)
    paper_states: list[Word]
    paper_groups: dict[Word, list[Word]]
    facts: dict[str, Fact]
    policy_changes: PolicyChanges | None = None

    @cached_property
    def paper_facts(self) -> frozenset[str]:
        """Names of the facts that papers are folded into."""
        return frozenset(
            paper_fact(code, signer)
            for code, paper in self.instruments.items()
            for signer in paper.signers
        )

    @cached_property
    def faces(self) -> Mapping[str, Face]:
        """What each type of paper must show on its face."""
        return {code: Face(**dict(p.face)) for code, p in self.instruments.items()}

    @cached_property
    def sayable(self) -> Mapping[str, Fact]:
        """The facts that a requester may state."""
        return {n: f for n, f in self.facts.items() if f.said_by == "requester"}

    @cached_property
    def registry_facts(self) -> frozenset[str]:
        """The facts about an agency that the registry may state; yes or no, each."""
        facts = self.facts.items()
        return frozenset(n for n, f in facts if f.said_by == "registry")

    @cached_property
    def kind_categories(self) -> frozenset[str]:
        """The categories that are a kind without fields."""
        return frozenset(k.category for k in self.kinds.values() if k.category)

    @cached_property
    def code_values(self) -> Mapping[str, frozenset[str]]:
        """Every value of each code fact, lists of the vocabulary written out."""
        codes = {n: f for n, f in self.facts.items() if f.type == "code"}
        return {
            name: frozenset(self._written_out(fact)) for name, fact in codes.items()
        }

    @cached_property
    def scopes(self) -> Mapping[str, str]:
        """The scope of every fact; ``ask`` for those of papers."""
        papers = dict.fromkeys(sorted(self.paper_facts), "ask")
        return papers | {name: fact.scope for name, fact in self.facts.items()}

    @cached_property
    def defaults(self) -> Mapping[str, Value]:
        """What each fact is when nobody states it."""
        return {fact: self.default(fact) for fact in self.scopes}

    @cached_property
    def asked(self) -> Mapping[tuple[str, str], frozenset[str]]:
        """The categories that may be asked, by kind and use."""
        return {(k, u): self.asks_of(k, u) for k in self.kinds for u in self.uses}

    def has_fields(self, kind: str) -> bool:
        """Tell whether a kind asks for fields."""
        return self.kinds[kind].fields

    def category_of_kind(self, kind: str) -> str:
        """Return the one category of a kind without fields, else the empty string."""
        return self.kinds[kind].category or ""

    @cached_property
    def plain_categories(self) -> frozenset[str]:
        """The categories of fields: neither a kind nor existence."""
        return frozenset(self.categories) - self.kind_categories - {EXISTENCE}

    def asks_of(self, kind: str, use: str) -> frozenset[str]:
        """Return the categories that may be asked with a kind and a use."""
        if use == "match":
            return self.plain_categories
        category = self.kinds[kind].category
        return (frozenset({category}) if category else self.plain_categories) | {
            EXISTENCE
        }

    def default(self, fact: str) -> Value:
        """Return what a fact is when nobody states it."""
        if fact in self.paper_facts:
            return ABSENT
        value = self.facts[fact].default
        return UNKNOWN if value is None else value

    def accepts(self, fact: str, value: object) -> bool:
        """Tell whether a value may be stated for a fact; ``unknown`` may."""
        if fact in self.paper_facts:
            return isinstance(value, str) and value in self.paper_states
        known = self.facts.get(fact)
        if known is None:
            return False
        if isinstance(value, str):
            codes = self.code_values.get(fact, frozenset())
            return value == UNKNOWN or value in codes
        if isinstance(value, bool):
            return known.type == "boolean"
        return isinstance(value, int) and _in_bounds(known, value)

    def describe(self, fact: str) -> str:
        """Return a sentence that says which values a fact may have."""
        if fact in self.paper_facts:
            return "one of " + ", ".join(self.paper_states)
        known = self.facts[fact]
        if known.type == "code":
            return "one of " + ", ".join(sorted(self.code_values[fact]))
        if known.type == "boolean":
            return "true or false"
        if known.type == "day":
            return "a day, YYYYMMDD as an integer"
        return f"a whole number from 0 to {known.max}"

    def mistakes(self, name: str) -> Iterator[Mistake]:
        """Yield what the lists say against each other; ``name`` is the file's."""
        for path, word, words in self._references():
            if word not in words:
                said, advice = f"{word} is not in the list", nearest(word, words)
                yield Mistake(path=f"{name}:{path}", problem=said, advice=advice)
        for word, fact in self.facts.items():
            yield from self._fact_mistakes(f"{name}:facts.{word}", word, fact)

    def _references(self) -> Iterator[tuple[str, str, Collection[str]]]:
        """Yield each word that must stand in another list, with where it is used."""
        yield "paper_states", ABSENT, self.paper_states
        yield "categories", EXISTENCE, self.categories
        for code in BUILT_IN_REASONS:
            yield "reason_codes", code, self.reason_codes
        yield from self._requester_references()
        for word, kind in self.kinds.items():
            if kind.category:
                yield f"kinds.{word}.category", kind.category, self.categories
        yield from self._paper_references()
        if self.policy_changes is not None:
            lists = {name: getattr(self, name) for name in type(self).model_fields}
            yield from self.policy_changes.references(lists, self.code_values)
        for word, purposes in self.immigration_scopes.items():
            for purpose in purposes:
                yield f"immigration_scopes.{word}", purpose, self.purposes
        parameters = {p for due in self.obligations.values() for p in due.parameters}
        for word in self.parameter_words:
            yield "parameter_words", word, parameters

    def _requester_references(self) -> Iterator[tuple[str, str, Collection[str]]]:
        for word, requester in self.requester_classes.items():
            yield f"requester_classes.{word}.family", requester.family, self.families
        for word, family in self.families.items():
            for at, said, words in family.references(self.purposes, self.facts):
                yield f"families.{word}.{at}", said, words

    def _paper_references(self) -> Iterator[tuple[str, str, Collection[str]]]:
        for word, paper in self.instruments.items():
            for signer in paper.signers:
                yield f"instruments.{word}.signers", signer, self.signers
            for box in (*paper.face.needs, *paper.face.one_of):
                yield f"instruments.{word}.face", box, self.face_boxes
        for word, states in self.paper_groups.items():
            for state in states:
                yield f"paper_groups.{word}", state, self.paper_states

    def _fact_mistakes(self, path: str, word: str, fact: Fact) -> Iterator[Mistake]:
        if word.startswith("paper."):
            yield Mistake(path=path, problem="paper facts come from instruments")
        if (fact.type == "code") != (fact.values is not None):
            yield Mistake(path=path, problem="a code, and only a code, has values")
        elif reserved := self.code_values.get(word, frozenset()) & RESERVED:
            problem = f"reserved words: {', '.join(sorted(reserved))}"
            yield Mistake(path=f"{path}.values", problem=problem)
        if (fact.type == "integer") != (fact.max is not None):
            yield Mistake(path=path, problem="an integer, and only an integer, has max")
        if fact.default is not None and fact.scope != "request":
            problem = "a record's fact has no default: what is not found is unknown"
            yield Mistake(path=path, problem=problem)
        if fact.said_by == "registry" and fact.type != "boolean":
            yield Mistake(path=path, problem="the registry states yes or no only")
        if fact.said_by and fact.scope != "request":
            problem = f"a {fact.said_by} may not state a record's fact"
            yield Mistake(path=path, problem=problem)
        if fact.default is not None and not self.accepts(word, fact.default):
            advice = self.describe(word)
            yield Mistake(path=f"{path}.default", problem="not a value", advice=advice)

    def _written_out(self, fact: Fact) -> Iterator[str]:
        named = [fact.values] if isinstance(fact.values, str) else fact.values or []
        yield from fact.also
        for word in named:
            is_list = word in type(self).model_fields
            yield from list(getattr(self, word)) if is_list else [word]


def paper_fact(code: str, signer: str) -> str:
    """Return the name of the fact that one kind of paper by one signer is."""
    return f"paper.{code}.{signer}"


def load_vocabulary(path: Path) -> Vocabulary:
    """Read and check the vocabulary.

    Raises:
        InvalidFile: with every mistake.
    """
    try:
        vocabulary = Vocabulary.model_validate(read(path))
    except ValidationError as error:
        raise InvalidFile(mistakes_of(error, str(path), Vocabulary)) from error
    if mistakes := list(vocabulary.mistakes(str(path))):
        raise InvalidFile(mistakes)
    return vocabulary


def _in_bounds(fact: Fact, value: int) -> bool:
    if fact.type == "day":
        return FIRST_DAY <= value <= LAST_DAY
    return fact.type == "integer" and 0 <= value <= (fact.max or 0)
