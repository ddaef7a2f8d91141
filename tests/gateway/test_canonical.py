"""Canonical bytes are what RFC 8785 says, for the small language."""

from __future__ import annotations

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.canonical import Json, canonical, digest

WORDS = st.text(st.characters(codec="ascii", categories=("L", "N", "P")), max_size=12)
SMALL = st.recursive(
    st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(WORDS, inner),
    max_leaves=30,
)


@given(SMALL)
def test_it_is_rfc_8785(value: Json) -> None:
    """Sorted keys, no white space, only the escapes that must be: RFC 8785, 3.2.

    The standard library gives the same bytes where keys are ASCII and numbers are
    integers: there, sorting by code point and by UTF-16 unit are the same.
    """
    plain = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    surrogates_replaced = plain.encode("utf-8", "surrogatepass")

    assert canonical(value) == surrogates_replaced


@given(SMALL)
def test_it_can_be_read_back(value: Json) -> None:
    """Nothing is lost, and writing it again gives the same bytes."""
    once = canonical(value)

    assert json.loads(once) == value
    assert canonical(json.loads(once)) == once


@given(st.dictionaries(WORDS, st.integers(0, 9), min_size=2))
def test_order_does_not_matter(members: dict[str, int]) -> None:
    """Members written in another order give the same bytes."""
    assert canonical(dict(reversed(members.items()))) == canonical(members)


def test_pinned() -> None:
    """These bytes are hashed into logs: they never change."""
    value = {"b": [1, True, "é\n"], "a": {"day": 20260120}}

    assert canonical(value) == '{"a":{"day":20260120},"b":[1,true,"é\\n"]}'.encode()
    assert digest(canonical(value)) == (
        "42f40157895bf4051e5040747962ada5ec216859a7402b77460f775c1c3e3407"
    )


def test_digest() -> None:
    """A digest is SHA-256 in lower-case hex."""
    assert digest(b"") == hashlib.sha256(b"").hexdigest()


@pytest.mark.parametrize("value", [object(), {1: "a"}, b"bytes", {"a": {2, 3}}])
def test_what_json_cannot_hold(value: object) -> None:
    """What JSON can't hold is refused, not turned into something else."""
    with pytest.raises(TypeError):
        canonical(value)
