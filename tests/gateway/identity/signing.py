"""Keys, certificates and tokens, made by hand.

Tokens are put together here from bytes and signed with ``cryptography``, so that the
verifier is not tried with tokens of its own library's making.
"""

from __future__ import annotations

import base64
import hashlib
import json
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import trustme
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

__all__ = ["AgencyCA", "SigningKey", "b64", "compact", "der_of", "thumbprint"]


def b64(data: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _number(value: int) -> str:
    return b64(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def thumbprint(der: bytes) -> str:
    """The ``x5t#S256`` of a certificate."""
    return b64(hashlib.sha256(der).digest())


def compact(
    header: Mapping[str, Any] | bytes,
    payload: Mapping[str, Any] | bytes,
    sign: Callable[[bytes], bytes],
) -> str:
    """A JWS in compact form from exactly these members or bytes."""
    head = header if isinstance(header, bytes) else json.dumps(header).encode()
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    signed = f"{b64(head)}.{b64(body)}"
    return f"{signed}.{b64(sign(signed.encode()))}"


@dataclass(frozen=True, kw_only=True)
class SigningKey:
    """A private key, how it signs, and its public half as a JWK."""

    algorithm: str
    sign: Callable[[bytes], bytes]
    jwk: dict[str, Any]
    private: Any

    @staticmethod
    def es256(kid: str) -> SigningKey:
        """A fresh P-256 key."""
        private = ec.generate_private_key(ec.SECP256R1())

        def sign(data: bytes) -> bytes:
            der = private.sign(data, ec.ECDSA(hashes.SHA256()))
            r, s = decode_dss_signature(der)
            return r.to_bytes(32, "big") + s.to_bytes(32, "big")

        numbers = private.public_key().public_numbers()
        jwk = {
            "kty": "EC",
            "crv": "P-256",
            "kid": kid,
            "x": b64(numbers.x.to_bytes(32, "big")),
            "y": b64(numbers.y.to_bytes(32, "big")),
        }
        return SigningKey(algorithm="ES256", sign=sign, jwk=jwk, private=private)

    @staticmethod
    def rsa(kid: str, bits: int = 2048, algorithm: str = "RS256") -> SigningKey:
        """A fresh RSA key."""
        private = rsa.generate_private_key(65537, bits)
        pss = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
        scheme = pss if algorithm == "PS256" else padding.PKCS1v15()
        numbers = private.public_key().public_numbers()
        jwk = {
            "kty": "RSA",
            "kid": kid,
            "n": _number(numbers.n),
            "e": _number(numbers.e),
        }
        return SigningKey(
            algorithm=algorithm,
            sign=lambda data: private.sign(data, scheme, hashes.SHA256()),
            jwk=jwk,
            private=private,
        )

    @staticmethod
    def ed25519(kid: str) -> SigningKey:
        """A fresh Ed25519 key."""
        private = ed25519.Ed25519PrivateKey.generate()
        raw = private.public_key().public_bytes_raw()
        jwk = {"kty": "OKP", "crv": "Ed25519", "kid": kid, "x": b64(raw)}
        return SigningKey(
            algorithm="EdDSA", sign=private.sign, jwk=jwk, private=private
        )


@dataclass(kw_only=True)
class AgencyCA:
    """An agency's certificate authority and its first client certificate."""

    ca: trustme.CA
    leaf: trustme.LeafCert

    @staticmethod
    def new(name: str) -> AgencyCA:
        """A fresh authority with one certificate."""
        ca = trustme.CA(organization_name=name)
        return AgencyCA(ca=ca, leaf=ca.issue_cert(f"system@{name}.example"))

    @property
    def der(self) -> bytes:
        """The client certificate."""
        return der_of(self.leaf)


def der_of(leaf: trustme.LeafCert) -> bytes:
    """The DER of a leaf made by trustme."""
    return ssl.PEM_cert_to_DER_cert(leaf.cert_chain_pems[0].bytes().decode())
