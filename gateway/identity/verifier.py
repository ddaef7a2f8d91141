"""Access tokens: RFC 9068, checked in the order of RFC 8725, believed for one use.

::

    1  size           no more than 8 KiB, three parts
    2  header         one reading; typ at+jwt; no crit, no b64, no nested token
    3  algorithm      on the issuer's own list; never symmetric, never none
    4  key            by (key id, algorithm); jku, x5u, x5c and jwk are not looked at
    5  signature      with a key of sufficient length
    6  claims         issuer, audience, times, binding: the times judged at each use

What was signed may come from a cache of at most 30 s; the times never do. The
binding to the certificate, the registry and cut-offs are the caller's (see
:mod:`gateway.identity.authenticator`).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from jwt.api_jws import PyJWS
from jwt.exceptions import (
    InvalidKeyError,
    InvalidSignatureError,
    PyJWTError,
)
from jwt.utils import base64url_decode

from gateway.clock import Clock
from gateway.identity.claims import Claims, claims_of, members_of, require_now
from gateway.identity.issuers import ALGORITHMS
from gateway.identity.keys import IssuerKey, Keys
from gateway.identity.reasons import Reason, refusal

__all__ = ["CACHE_S", "MAX_TOKEN", "Verifier", "bearer_token", "cache_name"]

MAX_TOKEN = 8 * 1024
"""Largest token looked at, in bytes."""

CACHE_S = 30.0
"""Longest life of a signature result, in seconds."""

CACHE_ENTRIES = 4096
PARTS = 3
MAX_KEY_ID = 256

_TYPES = ("at+jwt", "application/at+jwt")  # RFC 9068 section 4
_FORBIDDEN = ("crit", "b64")  # RFC 7515 4.1.11: we understand no extension
_JWS = PyJWS(algorithms=ALGORITHMS)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Signed:
    """A signature result: the token that says this was signed with this key."""

    claims: Claims
    found: IssuerKey
    kid: str
    algorithm: str
    until: float  # monotonic seconds


def bearer_token(values: list[str]) -> str | None:
    """Return the token of an ``Authorization`` header, from all its values.

    ``None`` means that there was no header. RFC 6750 section 2.1; a second header,
    another scheme or a second word is refused.

    Raises:
        Unauthenticated: ``token-malformed``.
    """
    if not values:
        return None
    scheme, _, token = values[0].partition(" ")
    if len(values) > 1 or scheme.lower() != "bearer" or not token or " " in token:
        raise refusal(Reason.TOKEN_MALFORMED)
    return token


def cache_name(token: bytes, certificate_der: bytes) -> bytes:
    """Return the name under which a signature result is kept.

    SHA-256 of the token's length (4 bytes), the token and the certificate: the length
    keeps the two apart.
    """
    length = len(token).to_bytes(4, "big")
    return hashlib.sha256(length + token + certificate_der).digest()


class Verifier:
    """Turns a token into claims that its issuer signed and that hold now."""

    def __init__(self, *, keys: Keys, clock: Clock) -> None:
        """Take the keys and the clock; the cache is this object's own."""
        self._keys = keys
        self._clock = clock
        self._cache: dict[bytes, _Signed] = {}

    async def verify(self, token: str, certificate_der: bytes) -> Claims:
        """Return the token's claims, judged at this moment.

        The certificate is part of the cache's key, so that a result found for one
        connection is not used for another.

        Raises:
            Unauthenticated: with the reason.
            Unavailable: ``identity-unavailable``, when keys are missing or stale.
        """
        if len(token) > MAX_TOKEN:
            raise refusal(Reason.TOKEN_TOO_LARGE)
        if not token.isascii():
            raise refusal(Reason.TOKEN_MALFORMED)
        name = cache_name(token.encode(), certificate_der)
        signed = self._cached(name)
        if signed is not None:
            return require_now(signed.claims, self._clock.now_ms())
        signed = await self._signed(token)
        self._keep(name, signed)
        return signed.claims

    def forget(self) -> None:
        """Empty the cache: after an activation, a cut-off or a change of keys."""
        self._cache.clear()

    def _cached(self, name: bytes) -> _Signed | None:
        """Return a result that is young and whose key is still the one in use."""
        signed = self._cache.get(name)
        if signed is None or signed.until <= self._clock.monotonic():
            return None
        in_use = self._keys.holds(signed.found, signed.kid, signed.algorithm)
        return signed if in_use else None

    def _keep(self, name: bytes, signed: _Signed) -> None:
        """Remember a result; the oldest makes room."""
        self._cache.pop(name, None)
        while len(self._cache) >= CACHE_ENTRIES:
            del self._cache[next(iter(self._cache))]
        self._cache[name] = signed

    async def _signed(self, token: str) -> _Signed:
        """Do steps 1 to 5."""
        kid, algorithm = _header(token)
        if not self._keys.allows(algorithm):
            raise refusal(Reason.ALGORITHM)
        found = self._keys.candidates(kid, algorithm)
        if not found:
            found = await self._keys.looked_for(kid, algorithm)
        if not found:
            raise refusal(Reason.KEY_UNKNOWN)
        # Two issuers may use the same key id: whose key verifies is the issuer, and
        # `iss` must then say so (step 6).
        reason = Reason.SIGNATURE
        for candidate in found:
            payload = _payload(token, candidate)
            if isinstance(payload, Reason):
                reason = payload
                continue
            return _Signed(
                claims=claims_of(
                    members_of(payload), candidate.rules, self._clock.now_ms()
                ),
                found=candidate,
                kid=kid,
                algorithm=algorithm,
                until=self._clock.monotonic() + CACHE_S,
            )
        raise refusal(reason)


def _header(token: str) -> tuple[str, str]:
    """Return key id and algorithm of a header that is fit to be looked at."""
    if token.count(".") != PARTS - 1:
        raise refusal(Reason.TOKEN_MALFORMED)
    try:
        # The library decodes and reads the token below; this reading comes first
        # only because the library does not see a member that occurs twice.
        header = members_of(base64url_decode(token.partition(".")[0]))
        if any(name in header for name in _FORBIDDEN):
            raise refusal(Reason.HEADER_CRITICAL)
        _JWS.get_unverified_header(token)
    except (PyJWTError, ValueError):
        raise refusal(Reason.TOKEN_MALFORMED) from None
    if header.get("typ") not in _TYPES or "cty" in header:
        raise refusal(Reason.TOKEN_TYPE)
    algorithm, kid = header.get("alg"), header.get("kid")
    if algorithm not in ALGORITHMS:
        raise refusal(Reason.ALGORITHM)
    if not isinstance(kid, str) or not 0 < len(kid) <= MAX_KEY_ID:
        raise refusal(Reason.KEY_UNKNOWN)
    return kid, str(algorithm)


def _payload(token: str, candidate: IssuerKey) -> bytes | Reason:
    """Return the signed bytes, or why this key does not verify them."""
    try:
        decoded = _JWS.decode_complete(
            token,
            key=candidate.key,
            algorithms=candidate.rules.algorithms,
            options={"verify_signature": True, "enforce_minimum_key_length": True},
        )
    except InvalidSignatureError:
        return Reason.SIGNATURE
    except InvalidKeyError:
        return Reason.KEY_WEAK
    except PyJWTError:
        # Nothing is known that gets here; whatever the library refuses is refused.
        return Reason.TOKEN_MALFORMED
    payload: bytes = decoded["payload"]
    return payload
