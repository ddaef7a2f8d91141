"""Keys of an issuer, fetched: blocking, bounded, run off the loop by :mod:`.keys`.

Only hosts named beforehand are asked, over TLS, with no redirect followed, no proxy
of the environment used, and no more than :data:`MAX_BYTES` read.
"""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Iterator
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import IO
from urllib import request

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt import (
    PyJWK,
    PyJWKClient,
    PyJWKClientConnectionError,
    PyJWKClientError,
    PyJWTError,
)

from gateway.identity.issuers import IssuerRules, exact_https_host

__all__ = ["MAX_BYTES", "KeysUnavailable", "fetch_keys"]

MAX_BYTES = 256 * 1024
"""Largest metadata or key document read, in bytes, as sent."""

SOCKET_S = 5.0
TOTAL_S = 10.0
"""Longest time for one document: a server that drips bytes must not hold a thread."""

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
        client = _Client(rules, _jwks_url(rules))
        return _keys_of(client.fetch_data(), rules)
    except (PyJWTError, OSError, ValueError, RecursionError, HTTPException) as error:
        raise KeysUnavailable(f"{type(error).__name__}: {error}"[:200]) from error


class _Client(PyJWKClient):
    """The library's client with a bounded fetch; it never sees the event loop."""

    def __init__(self, rules: IssuerRules, url: str) -> None:
        super().__init__(
            url,
            cache_jwk_set=False,  # what is kept, and for how long, is keys.py's matter
            timeout=SOCKET_S,
            ssl_context=ssl.create_default_context(cafile=rules.ca_file),
        )
        self._hosts = rules.allowed_hosts

    def fetch_data(self) -> dict[str, object]:
        """Return the JSON object at the address.

        Raises:
            PyJWKClientError: for a host not named, or an answer that is no object.
        """
        if exact_https_host(self.uri) not in self._hosts:
            raise PyJWKClientError("the address is not on an allowed host")
        value = json.loads(_bounded(self.uri, self.ssl_context))
        if not isinstance(value, dict):
            raise PyJWKClientError("the answer is not a JSON object")
        return value


def _bounded(url: str, context: ssl.SSLContext | None) -> bytes:
    """Return a document's bytes within the limits of this module."""
    deadline = time.monotonic() + TOTAL_S
    opener = request.OpenerDirector()
    # Only these handlers: so no redirect is followed and no proxy is used.
    for handler in (
        request.HTTPSHandler(context=context),
        request.HTTPDefaultErrorHandler(),
        request.HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    asked = request.Request(url, headers={"Accept": "application/json"})  # noqa: S310 - exact_https_host() was asked first
    with opener.open(asked, timeout=SOCKET_S) as response:
        if response.headers.get("Content-Encoding", "identity") != "identity":
            raise PyJWKClientConnectionError("a content coding was used")
        return b"".join(_chunks(response, deadline))


def _chunks(response: HTTPResponse | IO[bytes], deadline: float) -> Iterator[bytes]:
    """Yield the body, until it ends, is too large, or takes too long."""
    left = MAX_BYTES
    while chunk := response.read1(65536):  # type: ignore[union-attr] # urllib answers an HTTPResponse
        left -= len(chunk)
        if left < 0:
            raise PyJWKClientConnectionError(f"larger than {MAX_BYTES} bytes")
        if time.monotonic() > deadline:
            raise PyJWKClientConnectionError(f"took more than {TOTAL_S:g} seconds")
        yield chunk


def _jwks_url(rules: IssuerRules) -> str:
    """Return the address of the keys, asking the issuer's metadata if need be.

    RFC 8414 section 3.3: the metadata must name exactly the issuer it was asked for.
    """
    if rules.jwks_url is not None:
        return rules.jwks_url
    if rules.discovery is None:
        raise PyJWKClientError("no source of keys")
    metadata = _Client(rules, rules.discovery).fetch_data()
    if metadata.get("issuer") != rules.issuer:
        raise PyJWKClientError("the metadata is another issuer's")
    url = metadata.get("jwks_uri")
    if not isinstance(url, str):
        raise PyJWKClientError("the metadata names no keys")
    return url


def _file(path: Path) -> object:
    """Return the JSON in a key file of bounded size."""
    with path.open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise PyJWKClientError(f"larger than {MAX_BYTES} bytes")
    return json.loads(data)


def _keys_of(document: object, rules: IssuerRules) -> list[PyJWK]:
    """Return a key for each (key, allowed algorithm) of a JWK set."""
    members = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(members, list):
        raise PyJWKClientError("not a JWK set")
    keys = [
        key
        for member in members
        if isinstance(member, dict)
        for key in _usable(member, rules)
    ]
    if not keys:
        raise PyJWKClientError("no usable key")
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
