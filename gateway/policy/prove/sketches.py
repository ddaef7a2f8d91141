"""A question that the solver found, in words: as a question, and as a case file."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gateway.policy.prove.choices import Choice, Number, day_of
from gateway.policy.prove.logic import so
from gateway.policy.prove.places import Word
from gateway.policy.prove.questions import PURPOSE, Question
from gateway.policy.prove.theory import Theory
from gateway.policy.question import Ask, Vector
from gateway.policy.question import Question as Asked
from gateway.policy.vocabulary import (
    ABSENT,
    FIRST_DAY,
    UNKNOWN,
    Value,
    Vocabulary,
    paper_fact,
)

__all__ = ["Chosen", "Sketch", "sketched"]

ANY = "*"
"""What tables call every value that they do not list: of a number, all."""

Chosen = Mapping[str, Collection[Word]]
"""Words that are meant, by dimension, where a class has others too."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sketch:
    """One question about one record, all of it in words and values.

    ``unknown`` are facts that are not known and that a case file has to say so of.
    """

    day: int
    custodian: str
    dataset: str
    requester: str
    kind: str
    use: str
    category: str
    request: Mapping[str, Value] = field(default_factory=dict)
    papers: Mapping[str, str] = field(default_factory=dict)
    record: Mapping[str, Value] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    particular: Mapping[str, Value] = field(default_factory=dict)

    def asked(self, vocabulary: Vocabulary) -> tuple[Asked, Vector]:
        """Return the question and the record that engines are asked."""
        ask = Ask(
            kind=self.kind, use=self.use, category=self.category, facts=self.papers
        )
        question = Asked.build(
            vocabulary=vocabulary,
            day=self.day,
            custodian=self.custodian,
            dataset_kind=self.dataset,
            requester_class=self.requester,
            facts=self.request,
            asks=[ask],
        )
        own = {self.category: self.particular} if self.particular else {}
        return question, Vector(facts=self.record, categories=own)

    def case(
        self,
        vocabulary: Vocabulary,
        *,
        name: str,
        title: str,
        packs: Sequence[str],
        overlay: str | None,
        expect: Mapping[str, Any],
    ) -> dict[str, Any]:
        """Return the question as a case file."""
        facts = {f: _written(f, v, vocabulary) for f, v in self.request.items()}
        purpose = facts.pop(PURPOSE, UNKNOWN)
        implied = {
            "subjects_given": self.use == "match",
            "bulk": self.kind == "bulk_export",
        }
        for fact, follows in implied.items():
            if follows and fact in vocabulary.facts:
                facts.setdefault(fact, False)
        document: dict[str, Any] = {
            "schema": "sallyport.case/1",
            "id": name,
            "title": title,
            "packs": list(packs),
            "overlay": overlay,
            "day": _written_day(self.day),
            "custodian": self.custodian,
            "dataset": self.dataset,
            "request": {**self._asks(vocabulary), "purpose": purpose, **facts},
            "requester": {"class": self.requester},
            "papers": [
                {"type": code, "signer": signer, "state": self.papers[fact]}
                for fact, code, signer in _papers(vocabulary)
                if fact in self.papers
            ],
            "facts": {
                **{f: _written(f, v, vocabulary) for f, v in self.record.items()},
                **dict.fromkeys(self.unknown, UNKNOWN),
            },
            "category_facts": {
                self.category: {
                    f: _written(f, v, vocabulary) for f, v in self.particular.items()
                }
            }
            if self.particular
            else {},
            "expect": dict(expect),
        }
        return {k: v for k, v in document.items() if v not in (None, [], {})}

    def _asks(self, vocabulary: Vocabulary) -> dict[str, Any]:
        if self.use == "match":
            return {"kinds": [self.kind], "match": [self.category]}
        if self.category == vocabulary.category_of_kind(self.kind):
            return {"kinds": [self.kind]}
        return {"kinds": [self.kind], "categories": [self.category]}


def sketched(
    model: Any,  # noqa: ANN401 - the solver has no types
    question: Question,
    theory: Theory,
    chosen: Chosen | None = None,
) -> Sketch:
    """Return the question that a model of the solver is."""
    return _Reader(model, theory).sketch(question, chosen or {})


class _Reader:
    """Reads the values of a model."""

    def __init__(self, model: Any, theory: Theory) -> None:  # noqa: ANN401 - as above
        self._model = model
        self._vocabulary = theory.vocabulary
        self._usual = theory.usual

    def sketch(self, question: Question, chosen: Chosen) -> Sketch:
        known = self._vocabulary
        words = {
            name: self._word(name, choice, chosen.get(name, ()))
            for name, choice in question.dimensions.items()
        }
        (purpose,) = words[PURPOSE]
        facts = self._facts(question)
        facts[PURPOSE] = purpose
        said = {
            fact: value
            for fact, value in facts.items()
            if value != known.defaults[fact]
        }
        papers = {
            fact: str(self._value(choice, ABSENT))
            for fact, choice in question.papers.items()
        }
        kind, use, category = words["ask"]
        return Sketch(
            day=day_of(self._bits(question.day)),
            custodian=words["custodian"][0],
            dataset=words["dataset"][0],
            requester=words["requester"][0],
            kind=kind,
            use=use,
            category=category,
            request=_of(said, "request", known),
            papers={f: state for f, state in papers.items() if state != ABSENT},
            record=_of(said, "record", known),
            unknown=tuple(f for f in facts if f not in said and _ordinary(f, known)),
            particular=_of(said, "record_category", known),
        )

    def _facts(self, question: Question) -> dict[str, Value]:
        """Return the value of each fact that is looked at."""
        found: dict[str, Value] = {
            fact: self._value(choice, str(self._vocabulary.defaults[fact]).lower())
            for fact, choice in question.facts.items()
        }
        for fact, number in question.numbers.items():
            found[fact] = self._number(number)
        return {fact: self._typed(fact, value) for fact, value in found.items()}

    def _typed(self, fact: str, value: Value) -> Value:
        """Return a value as questions hold it; of a number that is known, any."""
        match self._vocabulary.facts[fact].type:
            case "boolean" if value != UNKNOWN:
                return value == "true"
            case "day" | "integer" as number if value == ANY:
                return FIRST_DAY if number == "day" else 0
            case _:
                return value

    def _number(self, number: Number) -> Value:
        if so(self._model, number.unknown):
            return UNKNOWN
        bits = self._bits(number.value)
        return day_of(bits) if number.day else bits

    def _word(self, level: str, choice: Choice, meant: Collection[Word]) -> Word:
        words = self._class(choice)
        fitting = [word for word in words if word in meant] or words
        return min(fitting, key=lambda word: self._usual.place(level, word))

    def _value(self, choice: Choice, default: str) -> str:
        words = self._class(choice)
        return default if default in words else words[0]

    def _class(self, choice: Choice) -> tuple[Any, ...]:
        return next(
            words
            for words, literal in zip(choice.classes, choice.literals, strict=True)
            if so(self._model, literal)
        )

    def _bits(self, value: Any) -> int:  # noqa: ANN401 - as above
        found: int = self._model.evaluate(value, model_completion=True).as_long()
        return found


def _of(facts: Mapping[str, Value], scope: str, known: Vocabulary) -> dict[str, Value]:
    return {f: value for f, value in facts.items() if known.scopes[f] == scope}


def _ordinary(fact: str, known: Vocabulary) -> bool:
    """Tell whether a case file that says nothing of a fact knows it all the same."""
    return known.facts[fact].ordinarily is not None


def _papers(vocabulary: Vocabulary) -> list[tuple[str, str, str]]:
    return [
        (paper_fact(code, signer), code, signer)
        for code, paper in vocabulary.instruments.items()
        for signer in paper.signers
    ]


def _written(fact: str, value: Value, vocabulary: Vocabulary) -> Value:
    is_day = vocabulary.facts[fact].type == "day" and isinstance(value, int)
    return _written_day(int(value)) if is_day else value


def _written_day(day: int) -> str:
    text = f"{day:08d}"
    return f"{text[:4]}-{text[4:6]}-{text[6:]}"
