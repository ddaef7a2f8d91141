"""What a set of keys is worth: which of them are of use here, and what is no set."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.identity import IssuerRules
from gateway.identity.fetch import MAX_BYTES, KeysUnavailable, fetch_keys
from tests.gateway.identity.signing import SigningKey, b64
from tests.gateway.identity.world import AUDIENCE, ISSUER

KEY = SigningKey.es256("key-1")
SET = json.dumps({"keys": [KEY.jwk]}).encode()


def test_keys_from_a_file(tmp_path: Path) -> None:
    """A file gives keys; missing, too large or odd it gives none."""
    path = tmp_path / "jwks.json"
    rules = IssuerRules(issuer=ISSUER, audience=AUDIENCE, jwks_file=path)
    with pytest.raises(KeysUnavailable):
        fetch_keys(rules)
    path.write_bytes(SET + b" " * MAX_BYTES)
    with pytest.raises(KeysUnavailable):
        fetch_keys(rules)
    path.write_bytes(SET)

    assert len(fetch_keys(rules)) == 1


def _fetched(tmp_path: Path, *jwks: dict[str, Any], **changes: Any) -> list[str]:  # noqa: ANN401 - fields of any type
    """The algorithms of the usable keys in a set."""
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps({"keys": [*jwks, KEY.jwk]}))
    rules = {"issuer": ISSUER, "audience": AUDIENCE, "jwks_file": path, **changes}
    found = fetch_keys(IssuerRules(**rules))
    return [key.algorithm_name for key in found if key.key_id != "key-1"]


def test_a_key_without_an_algorithm_gets_the_issuers(tmp_path: Path) -> None:
    """The issuer's list binds an RSA key, never the token's header."""
    rsa = SigningKey.rsa("rsa").jwk

    assert _fetched(tmp_path, rsa, algorithms=("PS256", "ES256")) == ["PS256"]
    assert _fetched(tmp_path, rsa | {"alg": "RS256"}) == ["RS256"]
    assert _fetched(tmp_path, rsa | {"alg": "RS256"}, algorithms=("ES256",)) == []
    assert _fetched(tmp_path, rsa | {"alg": "RSA-OAEP"}) == []


def test_keys_of_no_use_here_are_left_out(tmp_path: Path) -> None:
    """Symmetric, private, encryption, nameless keys and odd curves are no keys."""
    ed = SigningKey.ed25519("ed").jwk
    leaked = SigningKey.es256("leaked")
    number = leaked.private.private_numbers().private_value
    private = leaked.jwk | {"d": b64(number.to_bytes(32, "big"))}
    useless = [
        {"kty": "oct", "kid": "oct", "k": "a" * 43},
        private,
        ed | {"use": "enc"},
        ed | {"kid": ""},
        ed | {"kid": 7},
        ed | {"crv": "Ed448"},
        ed | {"key_ops": ["sign"]},
        {name: value for name, value in ed.items() if name != "kid"},
    ]

    assert _fetched(tmp_path, *useless) == []
    assert _fetched(tmp_path, ed) == ["EdDSA"]


members = st.dictionaries(
    st.sampled_from(["kty", "kid", "use", "alg", "crv", "x", "y", "n", "e", "d", "k"]),
    st.one_of(
        st.sampled_from(
            ["EC", "RSA", "OKP", "oct", "ES256", "P-256", "Ed25519", "sig"]
        ),
        st.text(max_size=50),
        st.integers(),
        st.none(),
        st.lists(st.integers(), max_size=2),
    ),
)


@given(keys=st.lists(st.one_of(members, st.integers(), st.none()), max_size=4))
def test_no_key_set_gets_anything_but_a_named_error(
    tmp_path_factory: pytest.TempPathFactory, keys: list[object]
) -> None:
    """Whatever stands in a set: usable keys, or KeysUnavailable."""
    path = tmp_path_factory.getbasetemp() / "odd.json"
    path.write_text(json.dumps({"keys": keys}))
    rules = IssuerRules(issuer=ISSUER, audience=AUDIENCE, jwks_file=path)

    try:
        found = fetch_keys(rules)
    except KeysUnavailable:
        found = []

    assert all(key.algorithm_name in rules.algorithms for key in found)
