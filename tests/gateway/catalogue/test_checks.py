"""Small checks of the dataset file, each with its sentence."""

from __future__ import annotations

from collections.abc import Callable

import pytest


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("[name, dob]", "[nam, dob]", "minimum: no such selector: nam; did you mean "),
        ("[name, dob]", "[]", "minimum: an empty set would let everybody be listed"),
        (
            "type: text, transform: {zip3: {}}",
            "type: date, transform: {zip3: {}}",
            "fields.zip.transform: zip3 is for integer or text, this field is date",
        ),
        (
            "{column: q, type: boolean}",
            "{column: q, type: date}",
            "facts: convicted: the vocabulary says boolean, here it is date",
        ),
        (
            "{column: q, type: boolean}",
            "{type: boolean}",
            "facts: convicted: needs column or expression, one of them",
        ),
        (
            "{expression: {not_null: booked_at}}",
            "{expression: {not_null: booked_at}, column: x}",
            "facts: in_custody: needs column or expression, one of them",
        ),
        (
            "{expression: {not_null: booked_at}}",
            "{expression: {not_null: booked_at}, type: integer}",
            "facts: in_custody: its expression is a boolean; in_custody: the voc",
        ),
        (
            "{expression: {not_null: booked_at}}",
            "{expression: {years_since: booked_at}}",
            "facts: in_custody: the vocabulary says boolean, here it is integer",
        ),
        (
            "{L: low, H: high}",
            "{L: low, H: hihg}",
            "facts: level: no such code: hihg (did you mean high?)",
        ),
        (
            "{L: low, H: high}",
            "{L: low, H: '?'}",
            "facts: level: no such code: ?",
        ),
        (
            "{column: strikes, type: integer}",
            "{column: strikes, values: {a: b}}",
            "facts: strikes: only a code fact has values",
        ),
        (
            "{column: is_public, type: boolean}",
            "{column: is_public, type: code}",
            "category_facts: publicly_available: the vocabulary says boolean, here",
        ),
        ("convicted:", "convictd:", "facts.convictd: no such record fact: 'convictd'"),
        (
            "America/Chicago",
            "../etc/passwd",
            "facts.validated_on.time_zone: no such time zone: ",
        ),
        ("category: dob", "category: dobb", "selectors.dob.category: no such category"),
    ],
)
def test_sentences(
    mistakes: Callable[..., list[str]], old: str, new: str, sentence: str
) -> None:
    """What is wrong is said in a sentence, at its place."""
    assert mistakes((old, new))[0].startswith(f"jail.yaml:{sentence}")


def test_selectors_that_are_wrong_themselves(
    mistakes: Callable[..., list[str]],
) -> None:
    """Where no selector could be read, sets of them are not judged."""
    found = mistakes(("case: upper", "case: x"), ("[name, dob]", "[nam, dob]"))

    assert len(found) == 1


def test_a_type_that_is_wrong_itself(mistakes: Callable[..., list[str]]) -> None:
    """Where the type could not be read, the transform is not judged by it."""
    found = mistakes(("type: text, transform: {zip3", "type: x, transform: {zip3"))

    assert len(found) == 1
