"""The verifier beyond the attack table: its cache, odd bytes, the header it reads."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jwt.api_jws import PyJWS

from gateway.errors import Unauthenticated
from gateway.identity import Keys, Reason, Verifier, bearer_token, verifier
from gateway.identity.verifier import CACHE_S
from tests.gateway.identity.signing import SigningKey, compact
from tests.gateway.identity.world import World


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tokens whose signature was really checked."""
    tokens: list[str] = []
    real = PyJWS.decode_complete

    def counting(self: PyJWS, jwt: str, **rest: object) -> object:
        tokens.append(jwt)
        return real(self, jwt, **rest)  # type: ignore[arg-type] # handed on as given

    monkeypatch.setattr(PyJWS, "decode_complete", counting)
    return tokens


async def test_a_signature_is_checked_once_in_thirty_seconds(
    world: World, checked: list[str]
) -> None:
    """The second use within the time costs no signature; the first after it does."""
    token = world.token()
    async with world.kept() as keys:
        judge = Verifier(keys=keys, clock=world.clock)
        for _ in range(3):
            await judge.verify(token, b"certificate")
        within = len(checked)
        world.clock.pass_s(CACHE_S)
        await judge.verify(token, b"certificate")

    assert (within, len(checked)) == (1, 2)


async def test_a_result_belongs_to_its_certificate(
    world: World, checked: list[str]
) -> None:
    """Another certificate's use of the token starts from the beginning."""
    token = world.token()
    async with world.kept() as keys:
        judge = Verifier(keys=keys, clock=world.clock)
        await judge.verify(token, b"one")
        await judge.verify(token, b"other")

    assert len(checked) == 2


def test_token_and_certificate_cannot_be_shifted_into_each_other() -> None:
    """The length stands first: bytes moved over the boundary make another name."""
    names = {
        verifier.cache_name(token, certificate)
        for token, certificate in ((b"ab", b"c"), (b"a", b"bc"), (b"abc", b""))
    }

    assert len(names) == 3


async def test_refusals_are_not_remembered(world: World, checked: list[str]) -> None:
    """A token with a bad signature is judged anew each time."""
    token = world.token(SigningKey.es256("key-1"))
    async with world.kept() as keys:
        judge = Verifier(keys=keys, clock=world.clock)
        for _ in range(2):
            with pytest.raises(Unauthenticated):
                await judge.verify(token, b"")

    assert len(checked) == 2


async def test_the_cache_is_bounded_and_can_be_emptied(
    world: World, checked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The oldest results make room, and `forget` leaves none."""
    monkeypatch.setattr(verifier, "CACHE_ENTRIES", 2)
    tokens = [world.token(jti=f"token-{number}") for number in range(3)]
    async with world.kept() as keys:
        judge = Verifier(keys=keys, clock=world.clock)
        for token in [*tokens, tokens[1], tokens[2]]:
            await judge.verify(token, b"")
        kept = len(checked)
        await judge.verify(tokens[0], b"")
        pushed_out = len(checked)
        judge.forget()
        await judge.verify(tokens[0], b"")

    assert (kept, pushed_out, len(checked)) == (3, 4, 5)


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "EdDSA"])
async def test_each_allowed_algorithm_is_accepted(world: World, algorithm: str) -> None:
    """RSA with both paddings and Ed25519 verify like ES256."""
    if algorithm == "EdDSA":
        key = SigningKey.ed25519("key-2")
    else:
        key = SigningKey.rsa("key-2", algorithm=algorithm)
    await asyncio.to_thread(world.publish, world.key, key)
    token = compact(world.header(alg=algorithm, kid="key-2"), world.claims(), key.sign)
    async with world.kept() as keys:
        claims = await Verifier(keys=keys, clock=world.clock).verify(token, b"")

    assert claims.subject == "person-17"


async def test_an_algorithm_that_no_issuer_may_use_is_refused_before_the_key(
    world: World,
) -> None:
    """Each issuer has its own list; a good key does not widen it."""
    keys = world.keys(world.rules(algorithms=("EdDSA",)))
    async with world.kept(keys) as kept:
        with pytest.raises(Unauthenticated) as refused:
            await Verifier(keys=kept, clock=world.clock).verify(world.token(), b"")

    assert refused.value.reason == Reason.ALGORITHM


async def test_whatever_the_library_refuses_is_refused(world: World) -> None:
    """Beyond signature and key length, too: here a key of another issuer's list."""
    async with world.kept() as keys:
        (found,) = keys.candidates("key-1", "ES256")
    odd = replace(found, rules=world.rules(algorithms=("EdDSA",)))

    assert verifier._payload(world.token(), odd) == Reason.TOKEN_MALFORMED


@pytest.mark.parametrize(
    ("values", "token"),
    [
        ([], None),
        (["Bearer abc"], "abc"),
        (["bearer abc"], "abc"),
        (["BEARER abc"], "abc"),
    ],
)
def test_the_header_gives_its_token(values: list[str], token: str | None) -> None:
    """The scheme is read in any case (RFC 7235 section 2.1); no header is no token."""
    assert token == bearer_token(values)


@pytest.mark.parametrize(
    "values",
    [
        [""],
        ["abc"],
        ["Bearer"],
        ["Bearer "],
        ["Bearer  abc"],
        ["Bearer a b"],
        ["Basic abc"],
        ["DPoP abc"],
        ["Bearer abc", "Bearer abc"],
    ],
)
def test_any_other_header_is_refused(values: list[str]) -> None:
    """Another scheme, two headers, more words: refused, not searched for a token."""
    with pytest.raises(Unauthenticated) as refused:
        bearer_token(values)

    assert refused.value.reason == Reason.TOKEN_MALFORMED


ALPHABET = st.sampled_from(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.=+/ \n\x00é"
)
NAMES = ("typ", "alg", "kid", "crit", "b64", "cty", "cnf", "aud", "exp", "iat")
ODD_JSON = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=8),
        st.sampled_from(["at+jwt", "ES256", "key-1", "JWT", "none"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                [
                    "typ",
                    "alg",
                    "kid",
                    "crit",
                    "b64",
                    "jwk",
                    "cnf",
                    "aud",
                    "exp",
                    "iat",
                    "sub",
                ]
            ),
            inner,
            max_size=5,
        ),
    ),
    max_leaves=12,
)


async def _word(keys: Keys, world: World, token: str) -> str:
    """The reason word a token is refused with."""
    with pytest.raises(Unauthenticated) as refused:
        await Verifier(keys=keys, clock=world.clock).verify(token, b"")
    return refused.value.reason


@given(token=st.text(ALPHABET, max_size=200))
async def test_no_text_gets_anything_but_a_named_refusal(
    world_once: World, token: str
) -> None:
    """Whatever text is sent as a token is refused with a word of the list."""
    async with world_once.kept() as keys:
        assert Reason(await _word(keys, world_once, token))


@given(header=ODD_JSON, payload=ODD_JSON, sound=st.booleans())
async def test_no_json_gets_anything_but_a_named_refusal(
    world_once: World, header: object, payload: object, *, sound: bool
) -> None:
    """Odd members, even rightly signed under a good header, are refused by name."""
    head = world_once.header() if sound else _bytes(header)
    token = compact(head, _bytes(payload), world_once.key.sign)
    async with world_once.kept() as keys:
        assert Reason(await _word(keys, world_once, token))


def _bytes(value: object) -> bytes:
    """JSON as a careless issuer would write it."""
    return json.dumps(value).encode()
