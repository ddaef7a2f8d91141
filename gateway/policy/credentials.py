"""What gateway and OPA know each other by: a token, and the key that signs bundles."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from gateway.config import OpaSection, read_secret
from gateway.errors import InvalidFile, Mistake

__all__ = ["Credentials", "read_credentials"]

T = TypeVar("T")

_TOKEN = re.compile(rb"[A-Za-z0-9._~+/=-]{32,4096}")
"""RFC 6750 section 2.1, and long enough not to be guessed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Credentials:
    """The token (a secret), the private key in PEM (a secret), its public half."""

    token: str = field(repr=False)
    signing_key: bytes = field(repr=False)
    public_key: str


def read_credentials(opa: OpaSection) -> Credentials:
    """Read both secrets; blocks.

    Raises:
        InvalidFile: naming every file that cannot be used, never its content.
    """
    mistakes: list[Mistake] = []
    token = _one(mistakes, lambda: _token(opa))
    pair = _one(mistakes, lambda: _pair(opa))
    if token is None or pair is None:
        raise InvalidFile(mistakes)
    return Credentials(token=token, signing_key=pair[0], public_key=pair[1])


def _one(mistakes: list[Mistake], read: Callable[[], T]) -> T | None:
    try:
        return read()
    except InvalidFile as error:
        mistakes += error.mistakes
        return None


def _token(opa: OpaSection) -> str:
    data = read_secret(opa.token).strip()
    if _TOKEN.fullmatch(data) is None:
        raise InvalidFile(
            [
                Mistake(
                    path=str(opa.token),
                    problem="is not a token",
                    advice="make one with: openssl rand -hex 32",
                )
            ]
        )
    return data.decode()


def _pair(opa: OpaSection) -> tuple[bytes, str]:
    pem = read_secret(opa.signing_key)
    try:
        key = load_pem_private_key(pem, password=None)
    except (TypeError, ValueError):
        key = None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name != "secp256r1":
        raise InvalidFile(
            [
                Mistake(
                    path=str(opa.signing_key),
                    problem="is not an EC P-256 private key in PEM, without a password",
                    advice="make one with: openssl ecparam -genkey -noout"
                    " -name prime256v1",
                )
            ]
        )
    public = key.public_key().public_bytes(
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    )
    return pem, public.decode()
