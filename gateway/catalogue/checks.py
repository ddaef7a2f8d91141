"""What a dataset file may say, one small check at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import ValidationInfo

from gateway.catalogue.mistakes import wrong
from gateway.catalogue.transforms import Transform, TransformKind
from gateway.catalogue.values import ValueType
from gateway.catalogue.words import UNREVIEWED, FactWord
from gateway.yamlfile import nearest

if TYPE_CHECKING:  # the models import this module
    from gateway.catalogue.file import FactFile

__all__ = [
    "fact_name",
    "facts_agree",
    "https_url",
    "known",
    "sets_of_selectors",
    "time_zone",
    "transform_fits",
]

_FACT_TYPES = {
    "boolean": "boolean",
    "code": "code",
    "integer": "integer",
    "date": "day",
}
"""Type in a dataset file -> type in the vocabulary."""

_TYPES_OF = {
    TransformKind.YEAR_ONLY: {ValueType.DATE},
    TransformKind.AGE_BAND: {ValueType.DATE},
    TransformKind.ZIP3: {ValueType.TEXT, ValueType.INTEGER},
    TransformKind.MASK: {ValueType.TEXT, ValueType.INTEGER},
    TransformKind.COUNTY: {ValueType.TEXT},
}
"""What a transform can be applied to; others to anything."""


def known(words: str, what: str) -> Callable[[str, ValidationInfo], str]:
    """Return a check that a word is on a list of the validation context."""

    def check(value: str, info: ValidationInfo) -> str:
        """Refuse a word that is not on the list, naming the nearest."""
        allowed = getattr(info.context, words)
        if value in allowed or (words == "categories" and value == UNREVIEWED):
            return value
        raise wrong(f"no such {what}: {value!r}", nearest(value, allowed))

    return check


def fact_name(words: str) -> Callable[[str, ValidationInfo], str]:
    """Return a check that a fact is one of the record, or of a category."""
    return known(words, words.replace("_", " ").removesuffix("s"))


def time_zone(value: str) -> str:
    """Refuse what is not a name of the IANA time zone database."""
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        advice = nearest(value, available_timezones())
        raise wrong(f"no such time zone: {value!r}", advice) from None
    return value


def https_url(value: str) -> str:
    """Refuse what is not an https address without a query."""
    try:
        parts = urlsplit(value)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme != "https" or not parts.hostname or parts.query or parts.fragment:
        raise wrong("is not an https address without query and fragment")
    return value


def transform_fits(transform: Transform, kind: ValueType | None) -> Transform:
    """Refuse a transform that means nothing for a type."""
    allowed = _TYPES_OF.get(transform.kind)
    if kind is not None and allowed is not None and kind not in allowed:
        types = " or ".join(sorted(allowed))
        raise wrong(f"{transform.kind} is for {types}, this field is {kind}")
    return transform


def sets_of_selectors(
    sets: list[list[str]], selectors: Mapping[str, Any] | None
) -> list[list[str]]:
    """Refuse an empty set, or one that names what is not a selector."""
    if any(not names for names in sets):
        raise wrong("an empty set would let everybody be listed")
    if selectors is not None:
        unknown = sorted({name for names in sets for name in names} - set(selectors))
        if unknown:
            advice = nearest(unknown[0], selectors)
            raise wrong(f"no such selector: {', '.join(unknown)}", advice)
    return sets


def facts_agree(facts: Mapping[str, FactFile], context: object, words: str) -> None:
    """Refuse facts whose form or type is not what the vocabulary says, all at once."""
    vocabulary: Mapping[str, FactWord] = getattr(context, words)
    problems = [
        f"{name}: {problem}"
        for name, fact in facts.items()
        for problem in _problems(fact, vocabulary[name])
    ]
    if problems:
        raise wrong("; ".join(problems))


def _problems(fact: FactFile, word: FactWord) -> list[str]:
    """Return what is wrong with one fact."""
    problems = []
    if (fact.column is None) == (fact.expression is None):
        problems.append("needs column or expression, one of them")
    stated = fact.type
    if fact.expression is not None:
        if stated not in {None, fact.expression.result}:
            problems.append(f"its expression is a {fact.expression.result}")
        stated = stated or fact.expression.result  # type: ignore[assignment]  # result is boolean or integer
    if stated is not None and _FACT_TYPES[stated] != word.type:
        problems.append(f"the vocabulary says {word.type}, here it is {stated}")
    if fact.values and word.type != "code":
        problems.append("only a code fact has values")
    if strange := sorted(set(fact.values.values()) - word.values):
        near = nearest(strange[0], word.values)
        problems.append(f"no such code: {', '.join(strange)}" + (near and f" ({near})"))
    return problems
