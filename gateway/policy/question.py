"""The one complete question that policy answers: closed words, typed facts, a day.

Its canonical bytes are hashed, memoised, archived and replayed. Nothing in it names a
person, an agency, a case or a paper: who asks and what they hold enter as a class and
as typed facts. Words and values are checked here, so that evaluators never guess.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from gateway.canonical import canonical, digest
from gateway.errors import GatewayError, Mistake
from gateway.policy.parties import sent_on
from gateway.policy.vocabulary import (
    FIRST_DAY,
    LAST_DAY,
    UNKNOWN,
    Value,
    Vocabulary,
)
from gateway.yamlfile import nearest

__all__ = [
    "CONFIRMED",
    "Ask",
    "AskKey",
    "InvalidQuestion",
    "Question",
    "Vector",
]

AskKey: TypeAlias = tuple[str, str, str]
"""Kind, use, category."""

SCHEMA = "sallyport.question/1"
ASK_SCOPE = "ask"
CONFIRMED = "issuer_confirmed"
"""The state of a paper that its issuer confirmed: only such a one can require."""


class InvalidQuestion(GatewayError):
    """A question names a word or value that is not in the vocabulary."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        """Keep every mistake."""
        super().__init__("; ".join(map(str, mistakes)))
        self.mistakes = tuple(mistakes)


@dataclass(frozen=True, kw_only=True, slots=True)
class Ask:
    """One category asked for, with the papers that cover it as facts."""

    kind: str
    use: str
    category: str
    facts: Mapping[str, Value] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Vector:
    """The facts of one record; what is not in it is unknown.

    ``facts`` are those of the record, ``categories`` those of each category of it.
    Equal and hashable by canonical bytes.
    """

    facts: Mapping[str, Value] = field(default_factory=dict)
    categories: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    canonical: bytes = field(init=False)

    def __post_init__(self) -> None:
        """Leave out what is unknown and fix the canonical bytes."""
        facts = _known(self.facts)
        categories = {c: f for c, v in self.categories.items() if (f := _known(v))}
        object.__setattr__(self, "facts", facts)
        object.__setattr__(self, "categories", categories)
        row = {"facts": facts, "categories": categories}
        object.__setattr__(self, "canonical", canonical(row))

    @classmethod
    def unknown(cls, needs: Iterable[str] = ()) -> Vector:  # noqa: ARG003  # whatever is needed, nothing is known
        """Return the vector of which nothing is known: the decoy for no match."""
        return cls()

    def __eq__(self, other: object) -> bool:
        """Compare by canonical bytes."""
        return isinstance(other, Vector) and self.canonical == other.canonical

    def __hash__(self) -> int:
        """Hash the canonical bytes."""
        return hash(self.canonical)


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """A checked question. Build it with :meth:`build`."""

    document: Mapping[str, object] = field(repr=False, hash=False)
    ask_keys: tuple[AskKey, ...]
    """The asks in the order in which answers list them."""
    canonical: bytes = field(repr=False)
    digest: str
    confirmed: frozenset[AskKey] = frozenset()
    """The asks for which there is a paper that its issuer confirmed."""

    @classmethod
    def build(
        cls,
        *,
        vocabulary: Vocabulary,
        day: int,
        custodian: str,
        dataset_kind: str,
        requester_class: str,
        facts: Mapping[str, Value],
        asks: Sequence[Ask],
        recipient: str = "",
    ) -> Question:
        """Return the question with its facts in canonical form.

        Args:
            vocabulary: the closed lists of the bundle in force.
            day: the law's day, YYYYMMDD in the jurisdiction's zone.
            custodian: a custodian type.
            dataset_kind: a dataset kind.
            requester_class: a requester class.
            facts: request facts; those equal to their default are left out.
            asks: what is asked; each (kind, use, category) once.
            recipient: the class that finally gets the answer, if it is another: then
                it is asked for both, and what closes more stands. What the requester
                has of its own, such as an agreement, does not count for it.

        Raises:
            InvalidQuestion: with every wrong word, value or scope.
        """
        classes = vocabulary.requester_classes
        mistakes = [
            *_listed("custodian", custodian, vocabulary.custodian_types),
            *_listed("dataset", dataset_kind, vocabulary.datasets),
            *_listed("requester", requester_class, classes),
            *(_listed("recipient", recipient, classes) if recipient else ()),
            *_fact_mistakes("facts", facts, vocabulary, "request"),
            *_ask_mistakes(asks, vocabulary),
        ]
        if not FIRST_DAY <= day <= LAST_DAY:
            mistakes.append(Mistake(path="day", problem="is not a day, YYYYMMDD"))
        if mistakes:
            raise InvalidQuestion(mistakes)
        groups, keys = _grouped(asks, vocabulary)
        document: dict[str, Any] = {
            "schema": SCHEMA,
            "day": day,
            "custodian": custodian,
            "dataset": dataset_kind,
            "requester": requester_class,
            "facts": _without_defaults(facts, vocabulary),
            "asks": groups,
            "records": "pending",
        }
        if recipient not in {"", requester_class}:
            document = sent_on(document, recipient, vocabulary)
        data = canonical(document)
        return cls(
            document=document,
            ask_keys=keys,
            canonical=data,
            digest=digest(data),
            confirmed=frozenset(
                (ask.kind, ask.use, ask.category)
                for ask in asks
                if CONFIRMED in ask.facts.values()
            ),
        )

    def with_records(self, vectors: Sequence[Vector]) -> bytes:
        """Return the canonical question with these records instead of pending."""
        records = [{"facts": v.facts, "categories": v.categories} for v in vectors]
        return canonical({**self.document, "records": records})

    def check(self, vector: Vector, vocabulary: Vocabulary) -> None:
        """Refuse a vector whose facts are not of a record.

        Raises:
            InvalidQuestion: with every wrong fact.
        """
        mistakes = list(
            _fact_mistakes("records.facts", vector.facts, vocabulary, "record")
        )
        for category, facts in vector.categories.items():
            mistakes += _listed("records", category, vocabulary.categories)
            mistakes += _fact_mistakes(
                f"records.categories.{category}", facts, vocabulary, "record_category"
            )
        if mistakes:
            raise InvalidQuestion(mistakes)


def _known(facts: Mapping[str, Value]) -> dict[str, Value]:
    return {fact: value for fact, value in facts.items() if value != UNKNOWN}


def _without_defaults(
    facts: Mapping[str, Value], vocabulary: Vocabulary
) -> dict[str, Value]:
    return {f: v for f, v in facts.items() if v != vocabulary.defaults[f]}


_NO_PAPERS = canonical({})


def _grouped(
    asks: Sequence[Ask], vocabulary: Vocabulary
) -> tuple[list[dict[str, object]], tuple[AskKey, ...]]:
    """Return the asks in groups of equal kind, use and papers, and their order."""
    groups: dict[tuple[str, str, bytes], list[str]] = {}
    papers: dict[bytes, dict[str, Value]] = {_NO_PAPERS: {}}
    for ask in asks:
        data = _NO_PAPERS
        if ask.facts:
            facts = _without_defaults(ask.facts, vocabulary)
            data = canonical(facts)
            papers[data] = facts
        groups.setdefault((ask.kind, ask.use, data), []).append(ask.category)
    rows: list[dict[str, object]] = []
    keys: list[AskKey] = []
    for (kind, use, data), categories in sorted(groups.items()):
        categories.sort()
        rows.append(
            {
                "kind": kind,
                "use": use,
                "facts": papers[data],
                "categories": categories,
            }
        )
        keys += [(kind, use, category) for category in categories]
    return rows, tuple(keys)


def _ask_mistakes(asks: Sequence[Ask], vocabulary: Vocabulary) -> Iterator[Mistake]:
    seen: set[AskKey] = set()
    if not asks:
        yield Mistake(path="asks", problem="nothing is asked")
    for i, ask in enumerate(asks):
        words = vocabulary.asked.get((ask.kind, ask.use))
        if words is None or ask.category not in words:
            yield from _unknown(f"asks.{i}", ask, vocabulary)
        if ask.facts:
            path = f"asks.{i}.facts"
            yield from _fact_mistakes(path, ask.facts, vocabulary, ASK_SCOPE)
        key = (ask.kind, ask.use, ask.category)
        if key in seen:
            yield Mistake(path=f"asks.{i}", problem="is asked twice")
        seen.add(key)


def _unknown(path: str, ask: Ask, vocabulary: Vocabulary) -> Iterator[Mistake]:
    """Yield which words of an ask are none."""
    yield from _listed(f"{path}.kind", ask.kind, vocabulary.kinds)
    yield from _listed(f"{path}.use", ask.use, vocabulary.uses)
    words = vocabulary.asked.get((ask.kind, ask.use))
    if words is not None:
        yield from _listed(f"{path}.category", ask.category, words)


def _fact_mistakes(
    path: str, facts: Mapping[str, Value], vocabulary: Vocabulary, scope: str
) -> Iterator[Mistake]:
    for fact, value in facts.items():
        if vocabulary.scopes.get(fact) != scope:
            problem = f"{fact} is no fact of this place"
            words = [f for f, s in vocabulary.scopes.items() if s == scope]
            yield Mistake(path=path, problem=problem, advice=nearest(fact, words))
        elif not vocabulary.accepts(fact, value):
            advice = vocabulary.describe(fact)
            yield Mistake(path=f"{path}.{fact}", problem="not a value", advice=advice)


def _listed(path: str, word: str, words: Collection[str]) -> list[Mistake]:
    if word in words:
        return []
    problem = f"{word} is not a known word"
    return [Mistake(path=path, problem=problem, advice=nearest(word, words))]
