"""Attacks in what is presented, and in what signs it."""

from __future__ import annotations

import hashlib
import hmac
import json

from cryptography.hazmat.primitives import serialization

from gateway.identity import Reason
from tests.gateway.identity.attacks.table import Table, Try
from tests.gateway.identity.signing import SigningKey, b64, compact
from tests.gateway.identity.world import World

SIGNATURE = Table()
attack, head = SIGNATURE.attack, SIGNATURE.head

# --- what is presented at all (RFC 6750, RFC 8705 section 2) -------------------


@attack("RFC 6750 2.1", "no token", Reason.TOKEN_MISSING)
def _(world: World) -> Try:
    return None, world.ice.der


@attack("RFC 6750 2.1", "an empty token", Reason.TOKEN_MISSING)
def _(world: World) -> Try:
    return "", world.ice.der


@attack("RFC 8705 3", "no client certificate", Reason.CERTIFICATE_MISSING)
def _(world: World) -> Try:
    return world.token(), None


@attack("RFC 8705 3", "bytes that are no certificate", Reason.CERTIFICATE_MALFORMED)
def _(world: World) -> Try:
    return world.token(), b"\x30\x03\x02\x01\x01"


# --- RFC 8725 2.1 and 3.1: algorithm verification ------------------------------

head("RFC 8725 3.1", "alg none, signed anyway", Reason.ALGORITHM, alg="none")
head("RFC 8725 3.1", "alg None in odd case", Reason.ALGORITHM, alg="nOnE")
head("RFC 8725 3.1", "no alg", Reason.ALGORITHM, alg=...)
head("RFC 8725 3.1", "alg is a list", Reason.ALGORITHM, alg=["ES256"])
head("RFC 8725 3.1", "alg ES384, not on the list", Reason.ALGORITHM, alg="ES384")
head("RFC 8725 3.1", "alg RS256 over an EC key", Reason.KEY_UNKNOWN, alg="RS256")
head("RFC 8725 3.1", "alg EdDSA over an EC key", Reason.KEY_UNKNOWN, alg="EdDSA")


@attack("RFC 8725 3.1", "alg none and no signature", Reason.ALGORITHM)
def _(world: World) -> Try:
    token = compact(world.header(alg="none"), world.claims(), lambda _: b"")
    return token, world.ice.der


@attack("RFC 8725 2.1", "HS256 keyed with the public key's PEM", Reason.ALGORITHM)
def _(world: World) -> Try:
    pem = world.key.private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    token = compact(
        world.header(alg="HS256"),
        world.claims(),
        lambda data: hmac.digest(pem, data, hashlib.sha256),
    )
    return token, world.ice.der


@attack("RFC 8725 2.1", "HS256 keyed with the JWK's own text", Reason.ALGORITHM)
def _(world: World) -> Try:
    secret = json.dumps(world.key.jwk).encode()
    token = compact(
        world.header(alg="HS256"),
        world.claims(),
        lambda data: hmac.digest(secret, data, hashlib.sha256),
    )
    return token, world.ice.der


@attack("RFC 8725 3.2", "an all-zero ECDSA signature", Reason.SIGNATURE)
def _(world: World) -> Try:
    token = compact(world.header(), world.claims(), lambda _: bytes(64))
    return token, world.ice.der


@attack("RFC 8725 3.2", "a signature in DER instead of r and s", Reason.SIGNATURE)
def _(world: World) -> Try:
    der = bytes([0x30, 6, 2, 1, 1, 2, 1, 1])
    return compact(world.header(), world.claims(), lambda _: der), world.ice.der


@attack("RFC 8725 2.1", "a signature by another key", Reason.SIGNATURE)
def _(world: World) -> Try:
    return world.token(SigningKey.es256("key-1")), world.ice.der


@attack("RFC 8725 3.3", "payload changed after signing", Reason.SIGNATURE)
def _(world: World) -> Try:
    head_part, _, signature = world.token().split(".")
    body = b64(json.dumps(world.claims(sub="person-18")).encode())
    return f"{head_part}.{body}.{signature}", world.ice.der


@attack("RFC 8725 3.3", "signature cut off", Reason.SIGNATURE)
def _(world: World) -> Try:
    return world.token().rpartition(".")[0] + ".", world.ice.der


@attack("RFC 8725 3.5", "RSA key of 1024 bits", Reason.KEY_WEAK)
def _(world: World) -> Try:
    weak = SigningKey.rsa("weak", bits=1024)
    world.publish(world.key, weak)
    header = world.header(alg="RS256", kid="weak")
    return compact(header, world.claims(), weak.sign), world.ice.der


@attack("RFC 8725 2.1", "a symmetric key in the issuer's set", Reason.ALGORITHM)
def _(world: World) -> Try:
    jwk = {"kty": "oct", "kid": "shared", "k": b64(b"k" * 32)}
    world.jwks.write_text(json.dumps({"keys": [world.key.jwk, jwk]}))
    token = compact(
        world.header(alg="HS256", kid="shared"),
        world.claims(),
        lambda data: hmac.digest(b"k" * 32, data, hashlib.sha256),
    )
    return token, world.ice.der
