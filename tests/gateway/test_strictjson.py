"""One reading of a JSON document, or none."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.strictjson import RepeatedMember, read_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(VALUES)
def test_what_is_json_is_read(value: object) -> None:
    """Any document that any reader reads in one way."""
    assert read_json(json.dumps(value).encode()) == value


@pytest.mark.parametrize(
    "data", [b'{"a":1,"a":1}', b'[{"b":{"a":1,"\\u0061":2}}]', b'{"a":1,"b":2,"a":3}']
)
def test_a_member_twice(data: bytes) -> None:
    """However deep, and however its name is written."""
    with pytest.raises(RepeatedMember):
        read_json(data)


@pytest.mark.parametrize(
    "data", [b"", b"{", b"NaN", b'{"a":-Infinity}', b"\xff", b'"\\ud8"', b"1 2"]
)
def test_what_is_not_json(data: bytes) -> None:
    """Has no value: neither words of other languages, nor half a document, nor two."""
    with pytest.raises(ValueError, match=r".") as caught:
        read_json(data)
    assert not isinstance(caught.value, RepeatedMember)


def test_what_is_nested_too_deeply() -> None:
    """Ends in the error that a caller can name, not in a crash."""
    with pytest.raises(RecursionError):
        read_json(b"[" * 100_000)
