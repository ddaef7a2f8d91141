"""What answers tell of a record's facts, and that rules declare it.

Two records that differ in one fact are told apart where some question about them,
whatever else it says, is answered otherwise: released, waiting for a person, or
withheld. Whether it waits or is withheld is told only beside something that is
released, or where it may be known that there is a record; that is counted as told.
Reasons, duties and what would change an answer are the screen's, which sees no record.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from gateway.policy.bitset import union
from gateway.policy.prove.answers import Answer
from gateway.policy.prove.logic import Bool, both, either, no
from gateway.policy.prove.openness import both_cases
from gateway.policy.prove.places import Word
from gateway.policy.prove.results import Declared, Leak, Proof
from gateway.policy.prove.search import Search
from gateway.policy.prove.stack import Stack
from gateway.policy.vocabulary import EXISTENCE

__all__ = ["leaks_of", "reveals"]

OUTCOMES = ("release", "wait", "withhold")
RECORD = frozenset({"record", "record_category"})


class _Pair:
    """One question about two records."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        scopes = stack.vocabulary.scopes
        self.facts = [
            fact
            for fact in sorted({*stack.question.facts, *stack.question.numbers})
            if scopes[fact] in RECORD
        ]
        question, constraint = stack.question.about_another(self.facts, "other")
        self.one, self.other = stack.answer, Answer(stack.law, question)
        asks = {
            word
            for word in stack.law.places.reached["ask"]
            if word[1] == "release" and word[2] != EXISTENCE
        }
        self.meant = {"ask": asks}
        self.shown = both([stack.question.dimensions["ask"].among(asks), constraint])

    def differ(self, *outcomes: str) -> Bool:
        """Return when one of these outcomes comes out for one record only."""
        return both(
            [
                self.shown,
                either(
                    _unlike(self.one.outcome(word), self.other.outcome(word))
                    for word in outcomes
                ),
            ]
        )

    def same(self, fact: str) -> Bool:
        """Return when both records say the same of a fact."""
        one, other = self.one.question, self.other.question
        parts: list[Bool] = []
        if fact in one.facts:
            pairs = zip(
                one.facts[fact].literals, other.facts[fact].literals, strict=True
            )
            parts += [a == b for a, b in pairs]
        if fact in one.numbers:
            a, b = one.numbers[fact], other.numbers[fact]
            parts += [a.unknown == b.unknown, a.value == b.value]
        return both(parts)


def reveals(stack: Stack) -> Proof:
    """Prove that what answers tell of a record, rules declare.

    Where nothing that a rule declares is otherwise, no answer is.
    """
    pair = _Pair(stack)
    rows, rules = stack.law.table.clauses, stack.law.table.rules
    declared = [
        int(number)
        for number, row in rows.items()
        if rules[row.rule].cases[row.case].reveals
    ]
    alike = both(
        no(
            both(
                [
                    pair.one.reaches[n],
                    pair.one.allowed[n],
                    _unlike(pair.one.borne_out[n], pair.other.borne_out[n]),
                ]
            )
        )
        for n in declared
    )
    search = stack.search({"broken": both([pair.differ(*OUTCOMES), alike])})
    found = search.smallest("broken")
    return both_cases(
        stack,
        Proof(id="reveals", says="What answers tell of a record, rules declare."),
        found,
        (pair.one, pair.other),
        ("told apart from the next", "told apart from the one before"),
    )


def leaks_of(stack: Stack) -> Iterator[Leak]:
    """Yield what answers tell, by requester family, dataset and fact."""
    pair = _Pair(stack)
    families = {
        family: {
            (name,)
            for name, who in stack.vocabulary.requester_classes.items()
            if who.family == family
        }
        for family in stack.vocabulary.families
    }
    datasets = _alike(stack.law.places.reached["dataset"])
    parts = stack.question.dimensions
    claims = {
        **{f"same {fact}": pair.same(fact) for fact in pair.facts},
        **{f"by {f}": parts["requester"].among(w) for f, w in families.items()},
        **{f"in {d[0][0]}": parts["dataset"].among(d) for d in datasets},
        "release": pair.differ("release"),
        "wait": pair.differ(*OUTCOMES),
    }
    search = stack.search(claims)
    testing = {fact: _testing(stack, fact) for fact in pair.facts}
    for family, words in families.items():
        reach = stack.law.places.reached["requester"]
        by = union(reach[word] for word in words)
        for some in datasets:
            here = by & stack.law.places.reached["dataset"][some[0]]
            where = (f"by {family}", f"in {some[0][0]}")
            for fact in pair.facts:
                if testing[fact] & here:
                    yield Leak(
                        family=family,
                        datasets=tuple(word for (word,) in some),
                        fact=fact,
                        tells=_tells(search, pair.facts, fact, where),
                        declared=tuple(_declared(stack, testing[fact] & here)),
                    )


def _tells(
    search: Search, facts: Sequence[str], fact: str, where: tuple[str, str]
) -> str:
    """Return what of the answers tells a fact, all others being the same."""
    same = [f"same {other}" for other in facts if other != fact]
    for tells in ("release", "wait"):
        if search.possible(tells, *where, *same):
            return tells
    return ""


def _alike(reached: Mapping[Word, int]) -> list[list[Word]]:
    """Return the words of a dimension, those together that the same rules reach."""
    found: dict[int, list[Word]] = {}
    for word, some in reached.items():
        found.setdefault(some, []).append(word)
    return list(found.values())


def _testing(stack: Stack, fact: str) -> int:
    """Return the clauses that look at a fact."""
    conditions = stack.law.conditions
    return union(
        [
            *conditions.values.get(fact, {}).values(),
            *(
                dead
                for test in conditions.comparisons.values()
                if test.fact == fact
                for dead in test.dead.values()
            ),
        ]
    )


def _declared(stack: Stack, some: int) -> Iterator[Declared]:
    """Yield the cases of some clauses that declare what they reveal, each once."""
    table = stack.law.table
    rows = [table.clauses[str(number)] for number in stack.law.bits.members(some)]
    for rule, case in dict.fromkeys((row.rule, row.case) for row in rows):
        said = table.rules[rule].cases[case]
        if said.reveals:
            yield Declared(
                rule=rule,
                case=case,
                categories=tuple(said.reveals),
                citation=said.reveals_citation,
            )


def _unlike(one: Bool, other: Bool) -> Bool:
    """Return when one of two holds and the other does not."""
    return either([both([one, no(other)]), both([other, no(one)])])
