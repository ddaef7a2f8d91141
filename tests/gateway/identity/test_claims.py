"""Claims: one reading of the bytes, then RFC 9068 by our clock."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import Unauthenticated
from gateway.identity import IssuerRules, Reason
from gateway.identity.claims import (
    LEEWAY_S,
    LIFETIME_S,
    MAX_CLIENT_ID,
    Claims,
    claims_of,
    members_of,
)
from tests.gateway.identity.world import NOW_MS, World

NOW = NOW_MS // 1000


@contextmanager
def suppress_refusal() -> Iterator[list[str]]:
    """Let a named refusal pass and keep its word; anything else goes on."""
    words: list[str] = []
    try:
        yield words
    except Unauthenticated as error:
        words.append(error.reason)


def judged(world: World, rules: IssuerRules | None = None, **changes: object) -> Claims:
    """The claims of a good token with changes, judged now."""
    return claims_of(world.claims(**changes), rules or world.rules(), NOW_MS)


def test_what_a_token_says_arrives_typed(world: World) -> None:
    """Every claim that counts, and no other."""
    claims = judged(
        world,
        assignment_ori="DCFBI00T0",
        ial=2,
        aal=3,
        sworn=True,
        cfr28_certified=False,
        name="Doe, J.",
    )

    assert (
        Claims(
            issuer="https://issuer.example",
            client_id="ice-ero-system",
            subject="person-17",
            token_id="token-1",
            issued_at=NOW,
            expires_at=NOW + 600,
            thumbprint=claims.thumbprint,
            employer_ori="DCICE00E0",
            assignment_ori="DCFBI00T0",
            ial=2,
            aal=3,
            attributes={"sworn": True, "cfr28_certified": False},
        )
        == claims
    )


def test_an_issuer_may_have_its_own_names_for_claims(world: World) -> None:
    """A federation's attribute names are mapped; the plain names then mean nothing."""
    name = "gfipm:2.0:user:EmployerORI"
    rules = world.rules(claims={"employer_ori": name})

    claims = judged(world, rules, **{name: "IL0990000", "employer_ori": "DCICE00E0"})

    assert claims.employer_ori == "IL0990000"


def test_a_system_has_a_name_that_the_state_holds(world: World) -> None:
    """Nobody need register it: what an unknown one asks may wait for a person too."""
    longest = "c" * MAX_CLIENT_ID
    assert judged(world, client_id=longest).client_id == longest
    with suppress_refusal() as words:
        judged(world, client_id=longest + "c")
    assert words == [Reason.CLAIM_MALFORMED]


@given(
    issued=st.integers(-700, 100),
    lives=st.integers(-10, 700),
    starts=st.none() | st.integers(-100, 100),
    ms=st.integers(0, 999),
)
def test_a_token_is_believed_exactly_within_its_time(
    world_once: World, *, issued: int, lives: int, starts: int | None, ms: int
) -> None:
    """Accepted if and only if issued, begun, unexpired and short-lived."""
    changes: dict[str, object] = {"iat": NOW + issued, "exp": NOW + issued + lives}
    if starts is not None:
        changes["nbf"] = NOW + starts
    members = world_once.claims(**changes)
    sound = (
        issued - LEEWAY_S <= ms / 1000
        and (starts is None or starts - LEEWAY_S <= ms / 1000)
        and issued + lives + LEEWAY_S > ms / 1000
        and 0 < lives <= LIFETIME_S
    )

    try:
        claims_of(members, world_once.rules(), NOW_MS + ms)
    except Unauthenticated:
        assert not sound
    else:
        assert sound


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(
    name=st.sampled_from(
        ["iss", "aud", "sub", "client_id", "jti", "iat", "exp", "nbf", "cnf", "ial"]
    ),
    value=JSON,
)
def test_no_value_of_a_claim_gets_anything_but_a_named_refusal(
    world_once: World, *, name: str, value: object
) -> None:
    """Any JSON in any claim: typed claims, or a word of the list."""
    members, rules = world_once.claims(**{name: value}), world_once.rules()

    with suppress_refusal() as refused:
        assert isinstance(claims_of(members, rules, NOW_MS), Claims)

    assert set(refused) <= set(Reason)


@given(value=st.dictionaries(st.text(max_size=5), JSON, max_size=4))
def test_one_object_is_read_as_it_was_written(value: dict[str, object]) -> None:
    """Reading gives the object back."""
    assert value == members_of(json.dumps(value).encode())


@given(data=st.binary(max_size=60))
def test_any_bytes_are_an_object_or_refused(data: bytes) -> None:
    """No byte string gets another error than the named one."""
    with suppress_refusal() as refused:
        assert isinstance(members_of(data), dict)

    assert set(refused) <= {Reason.TOKEN_MALFORMED}


@pytest.mark.parametrize(
    "data",
    [
        b'{"a":1,"a":1}',
        b'{"x":{"a":1,"\\u0061":2}}',
        b'\xef\xbb\xbf{"a":1}',
        b'{"a":Infinity}',
        b'{"a":1} {}',
        b'{"a":' + b"9" * 5000 + b"}",
        b'{"a":' * 3000,
        "{'a':1}".encode("utf-16"),
    ],
    ids=["twice", "twice escaped", "mark", "infinity", "two", "huge", "deep", "UTF-16"],
)
def test_what_two_parsers_might_read_differently_is_refused(data: bytes) -> None:
    """Members twice at any depth, byte order marks, other encodings, huge numbers."""
    with pytest.raises(Unauthenticated) as refused:
        members_of(data)

    assert refused.value.reason == Reason.TOKEN_MALFORMED
