"""The demo's identity provider: it mints what a real one would, for ten minutes.

RFC 9068 access tokens (``at+jwt``), signed with ES256 and bound to the requester's
client certificate (RFC 8705), so that a stolen token alone opens nothing.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from gateway.demo.pki import private_pem

__all__ = ["AUDIENCE", "ISSUER", "LIFETIME_S", "Issuer"]

ISSUER: Final = "https://issuer.example.invalid"
"""Who signs the demo's tokens; a name that can never be looked up."""

AUDIENCE: Final = "https://gateway.example.invalid"
"""Whom the demo's tokens are for."""

LIFETIME_S: Final = 600
"""Seconds a token lives; the gateway refuses longer lives."""


class Issuer:
    """Signs access tokens with one ES256 key."""

    def __init__(self, *, key: ec.EllipticCurvePrivateKey, kid: str = "demo-1") -> None:
        """Keep the key and the name it has in the key set."""
        self._key = key
        self._kid = kid

    @classmethod
    def new(cls) -> Issuer:
        """Make an issuer with a new P-256 key."""
        return cls(key=ec.generate_private_key(ec.SECP256R1()))

    @classmethod
    def load(cls, path: Path) -> Issuer:
        """Read an issuer's key from PEM.

        Raises:
            OSError: when the file cannot be read.
            ValueError: when it holds no unencrypted P-256 key.
        """
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise ValueError(f"{path.name} is not the key of the demo's issuer")  # noqa: TRY004 - the file's content is wrong, not its Python type
        return cls(key=key)

    @property
    def pem(self) -> bytes:
        """The private key, PEM."""
        return private_pem(self._key)

    @property
    def jwks(self) -> str:
        """The public key as a JSON Web Key Set (RFC 7517)."""
        public = ECAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        named = {**public, "kid": self._kid, "use": "sig", "alg": "ES256"}
        return json.dumps({"keys": [named]}, indent=2) + "\n"

    def mint(
        self,
        *,
        client_id: str,
        subject: str,
        thumbprint: str,
        now_s: int,
        claims: Mapping[str, object],
    ) -> str:
        """Sign one access token.

        Args:
            client_id: the requester's system.
            subject: the person at the keyboard, as the issuer knows them.
            thumbprint: ``x5t#S256`` of the certificate the token is bound to.
            now_s: seconds since 1970; the token lives ten minutes from here.
            claims: what else the issuer asserts (agency numbers, assurance).
        """
        body = {
            **claims,
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": subject,
            "client_id": client_id,
            "iat": now_s,
            "exp": now_s + LIFETIME_S,
            "jti": secrets.token_hex(16),
            "cnf": {"x5t#S256": thumbprint},
        }
        headers = {"typ": "at+jwt", "kid": self._kid}
        return jwt.encode(body, self._key, algorithm="ES256", headers=headers)
