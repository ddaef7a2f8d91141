"""A rule as a sentence: under this law, when this is asked, the answer is that, unless.

Made of the record alone. Two rules that decide differently never read the same: the
suite changes each member of each rule and looks for another text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from gateway.policy.law import FIRST, LAST, Case, Rule
from gateway.policy.sentence.conditions import (
    all_text,
    condition_text,
    period_text,
)
from gateway.policy.sentence.effects import details, effect_text
from gateway.policy.sentence.lists import joined, spaced, titles_of
from gateway.policy.sentence.reach import asked_text, who_text
from gateway.policy.sentence.unknown import unknown_texts
from gateway.policy.vocabulary import Vocabulary

__all__ = [
    "AFTER",
    "LAYER_NAMES",
    "Part",
    "Role",
    "parts_of",
    "sentence_of",
    "text_of",
]

Role: TypeAlias = Literal["under", "when", "answer", "unless", "unknown", "beside"]

LAYER_NAMES = {
    "record_bar": "a bar on the record",
    "process": "judicial process",
    "saving": "a federal saving",
    "overlay": "local policy",
    "state": "state law",
    "federal_permission": "a federal permission",
    "agency_default": "the agency's default",
}
"""The layers as people speak of them."""

NO_WORD = {"due", "due prohibit", "due review", "due require", "due permit", "tells"}
"""Topics that are not mentioned where nothing is said about them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One part of what a rule says; ``case`` is the exception it is of, if any."""

    role: Role
    text: str
    case: str = ""


def sentence_of(rule: Rule, vocabulary: Vocabulary) -> str:
    """Return the sentence: law, question, answer, exceptions."""
    parts = parts_of(rule, vocabulary)
    return " ".join(part.text for part in parts if part.role not in AFTER)


AFTER: frozenset[Role] = frozenset({"unknown", "beside"})
"""Roles of parts that stand after the sentence."""


def text_of(rule: Rule, vocabulary: Vocabulary) -> str:
    """Return the sentence, and after it all that the rule says beside."""
    return " ".join(part.text for part in parts_of(rule, vocabulary))


def parts_of(rule: Rule, vocabulary: Vocabulary) -> list[Part]:
    """Return the parts of a rule, in order: the sentence, then what is beside it.

    What holds where something is not known stands between them.
    """
    *exceptions, own = rule.cases
    asks, asked = who_text(rule.reach, vocabulary)
    condition = f", and {all_text(rule.when, vocabulary)}" if rule.when else ""
    what = asked_text(rule.reach, vocabulary)
    return [
        Part(role="under", text=_under(rule)),
        Part(role="when", text=f"when {asks} asks {asked} {what}{condition},"),
        Part(role="answer", text=_answer(rule, own, vocabulary)),
        *_unless(rule, exceptions, vocabulary),
        *(Part(role="unknown", text=text) for text in unknown_texts(rule, vocabulary)),
        *_beside(rule, vocabulary),
    ]


def _under(rule: Rule) -> str:
    always = rule.start == FIRST and rule.end == LAST
    period = "" if always else f", in force {period_text(rule.start, rule.end)}"
    return f"Under {rule.citation} ({LAYER_NAMES[rule.layer]}{period}),"


def _answer(rule: Rule, own: Case, vocabulary: Vocabulary) -> str:
    more = len(rule.cases) > 1 or bool(rule.lifted_by)
    end = ", unless" if more else "."
    return f"{_comes_to(rule, own, vocabulary)}{end}"


def _comes_to(rule: Rule, case: Case, vocabulary: Vocabulary) -> str:
    """Return the answer of a case; of a bar that permits, that it says nothing."""
    if rule.layer == "record_bar" and case.effect == "permit":
        return "this rule is silent"
    return f"the answer is {effect_text(case, vocabulary)}"


def _unless(
    rule: Rule, exceptions: list[Case], vocabulary: Vocabulary
) -> Iterator[Part]:
    """Yield each exception, in order; the first that holds counts."""
    texts = [
        (
            case.id,
            (
                f"{all_text(case.when, vocabulary)}: then"
                f" {_comes_to(rule, case, vocabulary)} ({case.citation})"
            ),
        )
        for case in exceptions
    ]
    texts += [
        ("", f"{condition_text(test, vocabulary)}: then this rule is silent")
        for test in rule.lifted_by
    ]
    for i, (case_id, text) in enumerate(texts):
        end = "." if i + 1 == len(texts) else "; or"
        yield Part(role="unless", text=f"({i + 1}) {text}{end}", case=case_id)


def _beside(rule: Rule, vocabulary: Vocabulary) -> Iterator[Part]:
    """Yield what the rule says beside its answer; of exceptions, what is other."""
    own = details(rule, rule.cases[-1], vocabulary)
    usual = [text for topic, text in own.items() if not _silent(topic, text)]
    yield Part(role="beside", text=" ".join(usual))
    for i, case in enumerate(rule.cases[:-1]):
        said = details(rule, case, vocabulary)
        other = [text for topic, text in said.items() if text != own[topic]]
        if other:
            text = f"In exception {i + 1}: {' '.join(other)}"
            yield Part(role="beside", text=text, case=case.id)
    if rule.reason != rule.cases[-1].reason:
        why = titles_of(vocabulary.reason_codes)[rule.reason]
        yield Part(role="beside", text=f"Who asks is told: {why}.")
    if rule.change:
        papers = titles_of(vocabulary.instruments)
        words = [papers.get(word, spaced(word)) for word in rule.change]
        text = f"Who asks is told what would change it: {joined(words)}."
        yield Part(role="beside", text=text)
    if rule.resists_saving:
        yield Part(role="beside", text="No federal saving lifts it.")


def _silent(topic: str, text: str) -> bool:
    return not text or (topic in NO_WORD and text.endswith(": nothing."))
