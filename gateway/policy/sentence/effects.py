"""What a case comes to, in words: the answer, who decides, what is due."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from gateway.policy.clauses import BASES
from gateway.policy.law import Case, Due, Rule
from gateway.policy.sentence.lists import joined, spaced, titles_of
from gateway.policy.vocabulary import Vocabulary

__all__ = ["ANSWERS", "details", "due_text", "effect_text"]

ANSWERS = {
    "prohibit": "no",
    "review": "that a person decides",
    "require": "yes, because the law commands it",
    "permit": "yes",
}
"""The four effects as answers."""


def effect_text(case: Case, vocabulary: Vocabulary) -> str:
    """Return the answer of a case, with who decides where somebody does."""
    reviewer = titles_of(vocabulary.reviewers)[case.reviewer]
    if case.effect == "review":
        return f"that {reviewer} decides"
    if case.effect == "permit" and case.discretion:
        if case.exercised:
            return "yes, as the local government has chosen"
        return f"yes if the local government so chooses, and else {reviewer} decides"
    if case.effect == "prohibit" and case.on_unknown == "review":
        return f"no (where nobody knows if it is so, {reviewer} decides)"
    return ANSWERS[case.effect]


def details(rule: Rule, case: Case, vocabulary: Vocabulary) -> Mapping[str, str]:
    """Return what a case says beside its answer, each as a sentence by its topic."""
    told = [titles_of(vocabulary.categories)[word] for word in case.reveals]
    by_law = f" ({case.reveals_citation})" if told else ""
    by_end = {
        f"due {effect}": _due_in_the_end(effect, case, vocabulary) for effect in ANSWERS
    }
    return {
        "reason": f"The reason: {titles_of(vocabulary.reason_codes)[case.reason]}.",
        "local": _local(rule, case),
        "due": f"Always due: {_dues(case.obligations, vocabulary)}.",
        **by_end,
        "tells": f"The answer itself may reveal: {_all(told)}{by_law}.",
    }


def _local(rule: Rule, case: Case) -> str:
    """Say what local policy may do to it, where it stands below local policy."""
    if rule.layer not in BASES:
        return ""
    if case.effect == "require":
        return "Local policy may not change it."
    if case.effect == "prohibit":
        return f"Local policy {'may' if case.may_expand else 'may not'} open it."
    return f"Local policy {'may' if case.may_restrict else 'may not'} narrow it."


def _due_in_the_end(effect: str, case: Case, vocabulary: Vocabulary) -> str:
    dues = _dues(case.obligations_on.get(effect, ()), vocabulary)
    return f"Due where the answer comes to be '{ANSWERS[effect]}': {dues}."


def due_text(due: Due, vocabulary: Vocabulary) -> str:
    """Return one obligation with its parameters."""
    title = titles_of(vocabulary.obligations)[due.code]
    given = [f"{spaced(name)}: {_value(value)}" for name, value in due.parameters]
    return f"{title} ({', '.join(given)})" if given else title


def _dues(dues: Iterable[Due], vocabulary: Vocabulary) -> str:
    return _all([due_text(due, vocabulary) for due in dues])


def _all(said: Sequence[str]) -> str:
    return joined(said, "and") if said else "nothing"


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return " + ".join(map(spaced, value)) if value else "none"
    return spaced(str(value))
