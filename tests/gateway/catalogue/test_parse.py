"""Transforms as the file writes them."""

from __future__ import annotations

import pytest
from pydantic_core import PydanticCustomError

from gateway.catalogue import Transform, TransformKind
from gateway.catalogue.parse import parse_transform


@pytest.mark.parametrize(
    ("written", "transform"),
    [
        ("share", Transform(kind=TransformKind.SHARE)),
        ("null", Transform(kind=TransformKind.NULL)),
        ({"zip3": {}}, Transform(kind=TransformKind.ZIP3)),
        ({"zip3": None}, Transform(kind=TransformKind.ZIP3)),
        ({"mask": {"keep_last": 4}}, Transform(kind=TransformKind.MASK, keep_last=4)),
        ({"age_band": {"width": 5}}, Transform(kind=TransformKind.AGE_BAND, width=5)),
        (
            {"county": {"map": {"Springfield": "Sangamon", "Pekin": "Tazewell"}}},
            Transform(
                kind=TransformKind.COUNTY,
                map=(("pekin", "Tazewell"), ("springfield", "Sangamon")),
            ),
        ),
        (
            {"public_pointer": {"url": "https://county.example/x"}},
            Transform(
                kind=TransformKind.PUBLIC_POINTER, url="https://county.example/x"
            ),
        ),
    ],
)
def test_forms(written: object, transform: Transform) -> None:
    """A word, or a word with its settings; what is parsed stays as it is."""
    assert parse_transform(written) == transform
    assert parse_transform(transform) is transform


@pytest.mark.parametrize(
    ("written", "problem", "advice"),
    [
        (None, "is empty", 'write "null" in quotes to release an empty value'),
        ("shar", "no such transform: 'shar'", "did you mean share?"),
        (7, "is not a transform", "for example share, or (mask"),
        ({"mask": {}, "zip3": {}}, "is not a transform", ""),
        ("mask", "mask needs keep_last", ""),
        ({"mask": 4}, "the settings of mask are not a mapping", ""),
        ({"mask": {"keep": 4, "keep_last": 4}}, "mask has no keep", "did you mean"),
        ({"zip3": {"x": 1}}, "zip3 has no x", ""),
        ({"mask": {"keep_last": 7}}, "keep_last is not a whole number from 1 to 6", ""),
        ({"mask": {"keep_last": True}}, "keep_last is not a whole number", ""),
        ({"mask": {"keep_last": "4"}}, "keep_last is not a whole number", ""),
        ({"age_band": {"width": 1}}, "width is not a whole number from 5 to 30", ""),
        ({"public_pointer": {"url": 1}}, "url is not text", ""),
        ({"public_pointer": {"url": "http://x"}}, "is not an https address", ""),
        ({"county": {"map": {}}}, "map is not a mapping of text to text", ""),
        ({"county": {"map": {"a": 1}}}, "map is not a mapping of text to text", ""),
        ({"county": {"map": "a"}}, "map is not a mapping of text to text", ""),
    ],
)
def test_mistakes(written: object, problem: str, advice: str) -> None:
    """What is wrong is said, and where there is one, the nearest right word."""
    with pytest.raises(PydanticCustomError) as caught:
        parse_transform(written)

    assert caught.value.message().startswith(problem)
    told = str((caught.value.context or {}).get("advice", ""))
    assert told.replace("{", "(").startswith(advice)
