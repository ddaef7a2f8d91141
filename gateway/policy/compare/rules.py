"""What changed in the rules themselves, in words: added, removed, and what differs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from gateway.canonical import Json
from gateway.policy.compare.sides import Side
from gateway.policy.law import Case, Rule
from gateway.policy.reached import reached
from gateway.policy.sentence.conditions import all_text, condition_text, period_text
from gateway.policy.sentence.effects import details, effect_text
from gateway.policy.sentence.lists import joined, spaced, titles_of
from gateway.policy.sentence.rule import LAYER_NAMES, sentence_of
from gateway.policy.vocabulary import Vocabulary
from gateway.policy.words import Titled

__all__ = ["RuleChange", "rule_changes"]


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleChange:
    """A rule that is new, gone or other; ``said`` tells what, a line each."""

    kind: Literal["added", "removed", "changed"]
    rule: str
    citation: str
    said: tuple[str, ...]

    def lines(self) -> list[str]:
        """Return it for people."""
        return [f"{self.kind}: {self.rule} ({self.citation})", *map(_below, self.said)]

    def document(self) -> dict[str, Json]:
        """Return it for programs."""
        return {
            "kind": self.kind,
            "rule": self.rule,
            "citation": self.citation,
            "said": [*self.said],
        }


def _below(line: str) -> str:
    return f"  {line}"


def rule_changes(before: Side, after: Side) -> list[RuleChange]:
    """Return what changed between two sides, by rule."""
    old = {rule.id: rule for rule in before.rules}
    new = {rule.id: rule for rule in after.rules}
    found = []
    for name in sorted({*old, *new}):
        if name not in new:
            text = sentence_of(old[name], before.vocabulary)
            found.append(_change("removed", old[name], [text]))
        elif name not in old:
            text = sentence_of(new[name], after.vocabulary)
            found.append(_change("added", new[name], [text]))
        else:
            lines = list(_differing(old[name], before, new[name], after))
            if lines:
                found.append(_change("changed", new[name], lines))
    return found


def _change(
    kind: Literal["added", "removed", "changed"], rule: Rule, said: Sequence[str]
) -> RuleChange:
    return RuleChange(kind=kind, rule=rule.id, citation=rule.citation, said=tuple(said))


def _differing(old: Rule, before: Side, new: Rule, after: Side) -> Iterator[str]:
    was, now = _topics(old, before.vocabulary), _topics(new, after.vocabulary)
    for topic in dict.fromkeys([*was, *now]):
        if was.get(topic, "") != now.get(topic, ""):
            yield f"{topic}: was: {was.get(topic) or 'nothing'}"
            yield f"{topic}: is: {now.get(topic) or 'nothing'}"
    yield from _sets(old, new, after.vocabulary)
    yield from _fields(old, before.vocabulary, new, after.vocabulary)


def _topics(rule: Rule, vocabulary: Vocabulary) -> Mapping[str, str]:
    """Return what a rule says, but for its reach, by topic."""
    topics = {
        "title": rule.title,
        "law": rule.citation,
        "layer": LAYER_NAMES[rule.layer],
        "days in force": period_text(rule.start, rule.end),
        "condition": all_text(rule.when, vocabulary),
        "use of an unknown purpose": "yes" if rule.reach.any_purpose else "no",
        "silent where": joined(
            condition_text(test, vocabulary) for test in rule.lifted_by
        )
        if rule.lifted_by
        else "",
        "would change it": joined(map(spaced, rule.change)) if rule.change else "",
        "who asks is told": rule.reason,
        "lifted by a federal saving": "no" if rule.resists_saving else "yes",
        "exceptions, in order": joined([c.id for c in rule.cases[:-1]] or ["none"]),
    }
    for case in rule.cases:
        topics |= _of_case(rule, case, vocabulary)
    return topics


def _of_case(rule: Rule, case: Case, vocabulary: Vocabulary) -> Mapping[str, str]:
    name = f"exception {case.id}" if case.id else "answer"
    said = {name: effect_text(case, vocabulary)}
    if case.id:
        said[f"{name}, condition"] = all_text(case.when, vocabulary)
        said[f"{name}, law"] = f"{case.title} ({case.citation})"
    for topic, text in details(rule, case, vocabulary).items():
        said[f"{name}, {topic}"] = text
    return said


def _sets(old: Rule, new: Rule, vocabulary: Vocabulary) -> Iterator[str]:
    """Say who and what a rule no longer reaches, and whom it reaches now."""
    dimensions: Mapping[
        str, tuple[Mapping[str, Titled], Collection[str], Collection[str]]
    ] = {
        "who asks": (
            vocabulary.requester_classes,
            old.reach.requesters,
            new.reach.requesters,
        ),
        "who is asked": (
            vocabulary.custodian_types,
            old.reach.custodians,
            new.reach.custodians,
        ),
        "purposes": (vocabulary.purposes, old.reach.purposes, new.reach.purposes),
        "sources": (vocabulary.datasets, old.reach.datasets, new.reach.datasets),
    }
    for topic, (words, was, now) in dimensions.items():
        yield from _set(topic, words, was, now)


def _set(
    topic: str, words: Mapping[str, Titled], was: Collection[str], now: Collection[str]
) -> Iterator[str]:
    titles = titles_of(words)
    gone = [titles.get(word, word) for word in sorted({*was} - {*now})]
    come = [titles.get(word, word) for word in sorted({*now} - {*was})]
    if gone:
        yield f"{topic}: no longer: {joined(gone, 'and')}"
    if come:
        yield f"{topic}: now also: {joined(come, 'and')}"


def _fields(
    old: Rule, old_words: Vocabulary, new: Rule, new_words: Vocabulary
) -> Iterator[str]:
    """Say which fields and acts are reached no longer, or now, by kind of request."""
    was = {*reached(old.reach, old_words)}
    now = {*reached(new.reach, new_words)}
    for said, triples, words in (
        ("no longer", was - now, old_words),
        ("now also", now - was, new_words),
    ):
        titles, kinds = titles_of(words.categories), titles_of(words.kinds)
        by_kind = sorted(triples)
        for (kind, use), same in groupby(by_kind, key=lambda triple: triple[:2]):
            fields = joined((titles[category] for _, _, category in same), "and")
            how = "" if use == "release" else ", to find a record"
            yield f"{kinds[kind]}{how}: {said}: {fields}"
