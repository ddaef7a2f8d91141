"""The demo's identity provider."""

from __future__ import annotations

import json
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from gateway.demo.pki import write_private
from gateway.demo.tokens import AUDIENCE, ISSUER, LIFETIME_S, Issuer

NOW_S = 1_800_000_000


def mint(issuer: Issuer) -> str:
    """Mint one token for a sample requester."""
    return issuer.mint(
        client_id="sample-system",
        subject="person-1",
        thumbprint="t" * 43,
        now_s=NOW_S,
        claims={"employer_ori": "DEMO00000", "iss": "https://elsewhere.invalid"},
    )


def test_the_token_is_rfc_9068_bound_to_the_certificate() -> None:
    """Header and claims are those of RFC 9068 sections 2.1 and 2.2 and RFC 8705."""
    issuer = Issuer.new()
    token = mint(issuer)
    key = jwt.PyJWKSet.from_json(issuer.jwks).keys[0]
    claims = jwt.decode(
        token,
        key,
        algorithms=["ES256"],
        audience=AUDIENCE,
        options={"verify_exp": False, "verify_iat": False},
    )

    assert jwt.get_unverified_header(token) == {
        "typ": "at+jwt",
        "alg": "ES256",
        "kid": "demo-1",
    }
    assert claims["iss"] == ISSUER
    assert claims["exp"] - claims["iat"] == LIFETIME_S <= 600
    assert claims["cnf"] == {"x5t#S256": "t" * 43}
    assert claims["employer_ori"] == "DEMO00000"
    assert set(claims) >= {"sub", "client_id", "jti", "aud"}


def test_each_token_has_its_own_identifier() -> None:
    """Two tokens of the same second differ in ``jti``."""
    issuer = Issuer.new()

    assert mint(issuer) != mint(issuer)


def test_the_key_set_holds_no_private_part() -> None:
    """The published key has only the public members."""
    (key,) = json.loads(Issuer.new().jwks)["keys"]

    assert set(key) == {"kty", "crv", "x", "y", "kid", "use", "alg"}


def test_an_issuer_survives_its_file(tmp_path: Path) -> None:
    """A key written and read again signs for the same key set."""
    issuer = Issuer.new()
    write_private(tmp_path / "issuer.key", issuer.pem)

    assert Issuer.load(tmp_path / "issuer.key").jwks == issuer.jwks


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    """A file that holds no P-256 key is a named error."""
    other = ed25519.Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    write_private(tmp_path / "other.key", other)

    with pytest.raises(ValueError, match="demo's issuer"):
        Issuer.load(tmp_path / "other.key")
