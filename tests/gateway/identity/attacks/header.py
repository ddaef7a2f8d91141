"""Attacks in how a token is put together, what its header says, and its kind."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from gateway.identity import Reason
from tests.gateway.identity.attacks.table import Table, Try
from tests.gateway.identity.signing import SigningKey, compact
from tests.gateway.identity.world import World

HEADER = Table()
attack, head = HEADER.attack, HEADER.head

# --- RFC 8725 3.10, RFC 7515: the header points, it does not persuade ----------

head("RFC 7515 4.1.4", "unknown kid", Reason.KEY_UNKNOWN, kid="key-2")
head("RFC 7515 4.1.4", "no kid", Reason.KEY_UNKNOWN, kid=...)
head("RFC 7515 4.1.4", "kid is a number", Reason.TOKEN_MALFORMED, kid=1)
head("RFC 8725 3.10", "kid is a path", Reason.KEY_UNKNOWN, kid="../../dev/null")
head("RFC 8725 3.10", "kid is SQL", Reason.KEY_UNKNOWN, kid="x' UNION SELECT 'k")
head("RFC 8725 3.10", "kid of 300 letters", Reason.KEY_UNKNOWN, kid="k" * 300)
head("RFC 7515 4.1.11", "unknown crit", Reason.HEADER_CRITICAL, crit=["exp"], exp=1)
head("RFC 7515 4.1.11", "empty crit", Reason.HEADER_CRITICAL, crit=[])
head("RFC 7797 6", "b64 false", Reason.HEADER_CRITICAL, crit=["b64"], b64=False)
head("RFC 7797 6", "b64 true without crit", Reason.HEADER_CRITICAL, b64=True)


def own_key(
    clause: str, what: str, header: Callable[[SigningKey], dict[str, Any]]
) -> None:
    """Add a row: the attacker signs with a key it brings along."""

    @attack(clause, what, Reason.SIGNATURE)
    def attempt(world: World) -> Try:
        key = SigningKey.es256("key-1")
        token = compact(world.header(**header(key)), world.claims(), key.sign)
        return token, world.ice.der


own_key("RFC 7515 4.1.3", "own key in jwk", lambda key: {"jwk": key.jwk})
own_key("RFC 7515 4.1.2", "jku to own set", lambda _: {"jku": "https://evil.example"})
own_key("RFC 7515 4.1.5", "x5u to own chain", lambda _: {"x5u": "https://evil.example"})
own_key("RFC 7515 4.1.6", "own certificate in x5c", lambda _: {"x5c": ["MIIB"]})


@attack("RFC 7515 4", "two alg members, the honest one last", Reason.TOKEN_MALFORMED)
def _(world: World) -> Try:
    header = b'{"typ":"at+jwt","alg":"none","alg":"ES256","kid":"key-1"}'
    return compact(header, world.claims(), world.key.sign), world.ice.der


@attack("RFC 8725 3.10", "two sub members", Reason.TOKEN_MALFORMED)
def _(world: World) -> Try:
    body = json.dumps(world.claims())[:-1].encode() + b',"sub":"person-18"}'
    return compact(world.header(), body, world.key.sign), world.ice.der


@attack("RFC 7159 8.1", "payload in UTF-16", Reason.TOKEN_MALFORMED)
def _(world: World) -> Try:
    body = json.dumps(world.claims()).encode("utf-16")
    return compact(world.header(), body, world.key.sign), world.ice.der


@attack("RFC 8259 6", "exp is NaN", Reason.TOKEN_MALFORMED)
def _(world: World) -> Try:
    body = json.dumps(world.claims(exp=float("nan"))).encode()
    return compact(world.header(), body, world.key.sign), world.ice.der


@attack("RFC 7519 7.2", "payload is a list", Reason.TOKEN_MALFORMED)
def _(world: World) -> Try:
    return compact(world.header(), b"[]", world.key.sign), world.ice.der


@attack("RFC 7519 7.2", "payload of deeply nested lists", Reason.TOKEN_MALFORMED)
def _(world: World) -> Try:
    return compact(world.header(), b"[" * 5000, world.key.sign), world.ice.der


@attack("RFC 7515 5.2", "two parts", Reason.TOKEN_MALFORMED)
def _(world: World) -> Try:
    return world.token().rpartition(".")[0], world.ice.der


@attack("RFC 7516 3", "five parts: an encrypted token", Reason.TOKEN_MALFORMED)
def _(world: World) -> Try:
    return world.token() + ".AAAA.AAAA", world.ice.der


@attack("RFC 7515 5.2", "standard base64 with padding", Reason.TOKEN_MALFORMED)
def _(world: World) -> Try:
    first, rest = world.token().split(".", 1)
    return f"{first}+/=.{rest}", world.ice.der


@attack("RFC 7515 5.2", "letters that are not ASCII", Reason.TOKEN_MALFORMED)
def _(world: World) -> Try:
    return world.token() + "é", world.ice.der


@attack("RFC 8725 3.10", "more than 8 KiB", Reason.TOKEN_TOO_LARGE)
def _(world: World) -> Try:
    return world.token(padding="x" * 8192), world.ice.der


# --- RFC 8725 3.11 and RFC 9068 2.1, 4: kinds of token -------------------------

head("RFC 9068 4", "typ JWT: an ID token", Reason.TOKEN_TYPE, typ="JWT")
head("RFC 9068 4", "no typ", Reason.TOKEN_TYPE, typ=...)
head("RFC 8725 3.11", "typ of a DPoP proof", Reason.TOKEN_TYPE, typ="dpop+jwt")
head("RFC 8725 3.11", "typ of a logout token", Reason.TOKEN_TYPE, typ="logout+jwt")
head("RFC 8725 3.11", "typ in a list", Reason.TOKEN_TYPE, typ=["at+jwt"])
head("RFC 7519 5.2", "cty JWT: a nested token", Reason.TOKEN_TYPE, cty="JWT")


@attack("RFC 7519 5.2", "a token as the payload of a token", Reason.TOKEN_MALFORMED)
def _(world: World) -> Try:
    inner = world.token().encode()
    return compact(world.header(), inner, world.key.sign), world.ice.der
