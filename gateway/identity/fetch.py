"""Keys of an issuer, fetched: blocking, bounded, run off the loop by :mod:`.keys`.

Only hosts named beforehand are asked, over TLS, with no redirect followed, no proxy
of the environment used, and no more than :data:`MAX_BYTES` read.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from http.client import HTTPException
from pathlib import Path
from typing import IO
from urllib import request

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt import PyJWK, PyJWTError

from audit.within import TlsHandler
from gateway.identity.issuers import IssuerRules, exact_https_host

__all__ = ["MAX_BYTES", "KeysUnavailable", "fetch_keys"]

MAX_BYTES = 256 * 1024
"""Largest metadata or key document read, in bytes, as sent."""

CONNECT_S = 5.0
"""Longest time to connect to an address, and to agree on keys with it."""

TOTAL_S = 10.0
"""Longest time for a whole answer, from its first header to the last byte.

A server that drips bytes must not hold a thread, nor keep an issuer's keys from being
read again.
"""

_PUBLIC = (rsa.RSAPublicKey, ec.EllipticCurvePublicKey, ed25519.Ed25519PublicKey)
_FAMILY = {"RSA": ("PS256", "RS256"), "EC": ("ES256",), "OKP": ("EdDSA",)}


class KeysUnavailable(Exception):
    """Keys could not be had; the caller keeps what it has until that is stale."""


def fetch_keys(rules: IssuerRules) -> list[PyJWK]:
    """Return the issuer's usable keys, each bound to one allowed algorithm. Blocks.

    Raises:
        KeysUnavailable: whatever went wrong, in one sentence without secrets.
    """
    try:
        if rules.jwks_file is not None:
            return _keys_of(_file(rules.jwks_file), rules)
        return _keys_of(_document(rules, _jwks_url(rules)), rules)
    except (PyJWTError, OSError, ValueError, RecursionError, HTTPException) as error:
        raise KeysUnavailable(f"{type(error).__name__}: {error}"[:200]) from error


def _document(rules: IssuerRules, url: str) -> dict[str, object]:
    """Return the JSON object at an address of the issuer.

    Raises:
        KeysUnavailable: for a host not named, or an answer that is no object.
    """
    if exact_https_host(url) not in rules.allowed_hosts:
        raise KeysUnavailable("the address is not on an allowed host")
    context = ssl.create_default_context(cafile=rules.ca_file)
    value = json.loads(_bounded(url, context))
    if not isinstance(value, dict):
        raise KeysUnavailable("the answer is not a JSON object")
    return value


def _bounded(url: str, context: ssl.SSLContext) -> bytes:
    """Return a document's bytes within the limits of this module."""
    opener = request.OpenerDirector()
    # Only these handlers: so no redirect is followed and no proxy is used.
    for handler in (
        TlsHandler(TOTAL_S, context),
        request.HTTPDefaultErrorHandler(),
        request.HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    asked = request.Request(url, headers={"Accept": "application/json"})  # noqa: S310 - exact_https_host() was asked first
    with opener.open(asked, timeout=CONNECT_S) as response:
        if response.headers.get("Content-Encoding", "identity") != "identity":
            raise KeysUnavailable("a content coding was used")
        return _whole(response)


def _whole(file: IO[bytes]) -> bytes:
    """Return all that is in a file or an answer, which is not too large."""
    data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise KeysUnavailable(f"larger than {MAX_BYTES} bytes")
    return data


def _jwks_url(rules: IssuerRules) -> str:
    """Return the address of the keys, asking the issuer's metadata if need be.

    RFC 8414 section 3.3: the metadata must name exactly the issuer it was asked for.
    """
    if rules.jwks_url is not None:
        return rules.jwks_url
    if rules.discovery is None:
        raise KeysUnavailable("no source of keys")
    metadata = _document(rules, rules.discovery)
    if metadata.get("issuer") != rules.issuer:
        raise KeysUnavailable("the metadata is another issuer's")
    url = metadata.get("jwks_uri")
    if not isinstance(url, str):
        raise KeysUnavailable("the metadata names no keys")
    return url


def _file(path: Path) -> object:
    """Return the JSON in a key file of bounded size."""
    with path.open("rb") as file:
        return json.loads(_whole(file))


def _keys_of(document: object, rules: IssuerRules) -> list[PyJWK]:
    """Return a key for each (key, allowed algorithm) of a JWK set."""
    members = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(members, list):
        raise KeysUnavailable("not a JWK set")
    keys = [
        key
        for member in members
        if isinstance(member, dict)
        for key in _usable(member, rules)
    ]
    if not keys:
        raise KeysUnavailable("no usable key")
    return keys


def _usable(member: dict[str, object], rules: IssuerRules) -> Iterator[PyJWK]:
    """Yield a JWK once for each algorithm that it and the issuer allow.

    A key that names no algorithm is bound to the issuer's list here, so that the
    token never chooses (RFC 8725 section 3.1). Symmetric and private keys are none.
    """
    kid, use, alg = member.get("kid"), member.get("use", "sig"), member.get("alg")
    operations = member.get("key_ops", ["verify"])
    if not isinstance(kid, str) or not kid or use != "sig":
        return
    if not isinstance(operations, list) or "verify" not in operations:
        return
    for name in _FAMILY.get(str(member.get("kty")), ()):
        if name not in rules.algorithms or alg not in (None, name):
            continue
        try:
            key = PyJWK.from_dict(member, algorithm=name)
        except PyJWTError:
            continue
        if isinstance(key.key, _PUBLIC):
            yield key
