"""The attack table: every way in that RFC 8725, 9068 and 8705 name, tried once.

Each row names its clause and the reason word it must be refused with. A control row
that differs from the attacks only in being honest is accepted.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization

from gateway.errors import Unauthenticated
from gateway.identity import Authenticator, Reason, Registration, Requester
from tests.gateway.identity.world import (
    AGENCIES,
    AUDIENCE,
    ISSUER,
    NOW_MS,
    AgencyCA,
    SigningKey,
    World,
    b64,
    compact,
    der_of,
    thumbprint,
)

Try = tuple[str | None, bytes | None]


@dataclass(frozen=True, kw_only=True)
class Attack:
    """One row: the clause that names it, what is tried, and the word it earns."""

    clause: str
    what: str
    reason: Reason
    attempt: Callable[[World], Try]


ATTACKS: list[Attack] = []


def attack(
    clause: str, what: str, reason: Reason
) -> Callable[[Callable[[World], Try]], Callable[[World], Try]]:
    """Add a row to the table."""

    def add(attempt: Callable[[World], Try]) -> Callable[[World], Try]:
        row = Attack(clause=clause, what=what, reason=reason, attempt=attempt)
        ATTACKS.append(row)
        return attempt

    return add


def claim(clause: str, what: str, reason: Reason, **changes: object) -> None:
    """Add a row that differs from the control in claims only."""

    @attack(clause, what, reason)
    def attempt(world: World) -> Try:
        claims = world.claims(**changes)
        return compact(world.header(), claims, world.key.sign), world.ice.der


def head(clause: str, what: str, reason: Reason, **changes: object) -> None:
    """Add a row that differs from the control in the header only, rightly signed."""

    @attack(clause, what, reason)
    def attempt(world: World) -> Try:
        token = compact(world.header(**changes), world.claims(), world.key.sign)
        return token, world.ice.der


def seconds(offset: int) -> int:
    """A time relative to the world's clock."""
    return NOW_MS // 1000 + offset


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


# --- RFC 9068 2.2 and 4: claims ------------------------------------------------

for missing in ("iss", "exp", "aud", "sub", "client_id", "iat", "jti"):
    claim("RFC 9068 2.2", f"no {missing}", Reason.CLAIM_MISSING, **{missing: ...})
claim("RFC 9068 2.2", "jti is null", Reason.CLAIM_MISSING, jti=None)
claim("RFC 9068 2.2", "sub is empty", Reason.CLAIM_MALFORMED, sub="")
claim("RFC 9068 2.2", "sub is a number", Reason.CLAIM_MALFORMED, sub=17)
claim("RFC 9068 2.2", "client_id is a list", Reason.CLAIM_MALFORMED, client_id=["a"])
claim("RFC 8725 3.10", "line break in sub", Reason.CLAIM_MALFORMED, sub="a\nb")
claim(
    "RFC 8725 3.8", "another issuer, right key", Reason.ISSUER, iss="https://b.example"
)
claim("RFC 8725 3.8", "issuer with a slash more", Reason.ISSUER, iss=ISSUER + "/")
claim("RFC 8725 3.8", "issuer in a list", Reason.ISSUER, iss=[ISSUER])
claim("RFC 8725 3.9", "another audience", Reason.AUDIENCE, aud="https://b.example")
claim(
    "RFC 8725 3.9",
    "two audiences",
    Reason.AUDIENCE,
    aud=[AUDIENCE, "https://b.example"],
)
claim("RFC 8725 3.9", "our audience in a list", Reason.AUDIENCE, aud=[AUDIENCE])
claim("RFC 9068 4", "expired beyond the leeway", Reason.EXPIRED, exp=seconds(-30))
claim("RFC 7519 4.1.4", "exp is text", Reason.CLAIM_MALFORMED, exp="1900000000")
claim("RFC 7519 4.1.4", "exp is true", Reason.CLAIM_MALFORMED, exp=True)
claim("RFC 7519 4.1.4", "exp is a fraction", Reason.CLAIM_MALFORMED, exp=1.9e9)
claim("RFC 7519 4.1.4", "exp is negative", Reason.CLAIM_MALFORMED, exp=-1)
claim("RFC 7519 4.1.6", "issued 31 s ahead", Reason.ISSUED_IN_FUTURE, iat=seconds(31))
claim(
    "RFC 7519 4.1.6", "issued an hour ahead", Reason.ISSUED_IN_FUTURE, iat=seconds(3600)
)
claim("RFC 7519 4.1.5", "not before in a minute", Reason.NOT_YET_VALID, nbf=seconds(60))
claim("RFC 7519 4.1.5", "nbf is text", Reason.CLAIM_MALFORMED, nbf="0")
claim("RFC 9068 5", "lives ten years", Reason.LIFETIME, exp=seconds(315_360_000))
claim("RFC 9068 5", "lives 601 s", Reason.LIFETIME, exp=seconds(601))
claim("RFC 9068 5", "expires when issued", Reason.LIFETIME, exp=seconds(0))
claim(
    "GFIPM ORI",
    "ORI of ten letters",
    Reason.CLAIM_MALFORMED,
    employer_ori="IL09900000",
)
claim(
    "GFIPM ORI", "ORI of eight letters", Reason.CLAIM_MALFORMED, employer_ori="IL099000"
)
claim(
    "GFIPM ORI", "ORI in a list", Reason.CLAIM_MALFORMED, assignment_ori=["DCICE00E0"]
)
claim("NIST 800-63", "assurance level 4", Reason.CLAIM_MALFORMED, aal=4)
claim("NIST 800-63", "assurance level as text", Reason.CLAIM_MALFORMED, ial="2")
claim("GFIPM", "sworn as text", Reason.CLAIM_MALFORMED, sworn="true")

# --- RFC 8705 3: the token's binding to the certificate ------------------------

claim("RFC 8705 3.1", "no cnf", Reason.BINDING_MISSING, cnf=...)
claim("RFC 8705 3.1", "cnf is text", Reason.BINDING_MISSING, cnf="x5t#S256")
claim(
    "RFC 8705 3.1", "cnf of a DPoP key", Reason.BINDING_MISSING, cnf={"jkt": "a" * 43}
)
claim(
    "RFC 8705 3.1",
    "thumbprint in hex",
    Reason.CLAIM_MALFORMED,
    cnf={"x5t#S256": "a" * 64},
)
claim(
    "RFC 8705 3.1", "thumbprint is null", Reason.CLAIM_MALFORMED, cnf={"x5t#S256": None}
)
claim(
    "RFC 7800 3.1",
    "of no certificate",
    Reason.BINDING_MISMATCH,
    cnf={"x5t#S256": "A" * 43},
)


@attack("RFC 7800 3.1", "two confirmation methods", Reason.BINDING_UNSUPPORTED)
def _(world: World) -> Try:
    cnf = {"x5t#S256": thumbprint(world.ice.der), "jkt": "A" * 43}
    return world.token(cnf=cnf), world.ice.der


@attack("RFC 8705 3", "stolen token, own certificate", Reason.BINDING_MISMATCH)
def _(world: World) -> Try:
    own = der_of(world.ice.ca.issue_cert("thief@ice.example"))
    return world.token(), own


@attack("RFC 8705 3", "bound to the SHA-1 of it", Reason.CLAIM_MALFORMED)
def _(world: World) -> Try:
    short = b64(hashlib.sha1(world.ice.der, usedforsecurity=False).digest())
    return world.token(cnf={"x5t#S256": short}), world.ice.der


@attack("RFC 8705 7.3", "certificate of another agency's CA", Reason.CERTIFICATE_ISSUER)
def _(world: World) -> Try:
    der = world.sheriff.der
    return world.token(cnf={"x5t#S256": thumbprint(der)}), der


@attack("RFC 8705 7.3", "certificate of a CA nobody pinned", Reason.CERTIFICATE_ISSUER)
def _(world: World) -> Try:
    der = AgencyCA.new("ice").der  # the same name on it, another key
    return world.token(cnf={"x5t#S256": thumbprint(der)}), der


@attack("RFC 8705 7.3", "the same by an unknown system", Reason.CERTIFICATE_ISSUER)
def _(world: World) -> Try:
    der = AgencyCA.new("ice").der
    cnf = {"x5t#S256": thumbprint(der)}
    return world.token(cnf=cnf, client_id="somebody"), der


@attack("RFC 5280 6.1", "expired certificate", Reason.CERTIFICATE_TIME)
def _(world: World) -> Try:
    end = dt.datetime(2026, 9, 21, tzinfo=dt.UTC)
    der = der_of(world.ice.ca.issue_cert("old@ice.example", not_after=end))
    return world.token(cnf={"x5t#S256": thumbprint(der)}), der


@attack("RFC 5280 6.1", "certificate of tomorrow", Reason.CERTIFICATE_TIME)
def _(world: World) -> Try:
    start = dt.datetime(2026, 9, 22, tzinfo=dt.UTC)
    der = der_of(world.ice.ca.issue_cert("new@ice.example", not_before=start))
    return world.token(cnf={"x5t#S256": thumbprint(der)}), der


@asynccontextmanager
async def running(world: World) -> AsyncIterator[Authenticator]:
    """An authenticator whose keys are kept."""
    async with asyncio.TaskGroup() as group, world.keys().refreshing(group) as keys:
        yield world.authenticator(keys)


async def asked(world: World, attempt: Try) -> Requester:
    """Ask a fresh authenticator once."""
    async with running(world) as authenticator:
        return await authenticator.authenticate(*attempt)


@pytest.mark.parametrize(
    "row", ATTACKS, ids=[f"{row.clause}: {row.what}" for row in ATTACKS]
)
async def test_every_attack_is_refused_by_name(row: Attack, world: World) -> None:
    """The attempt is refused, with the word that says which check refused it."""
    attempt = row.attempt(world)

    async with running(world) as authenticator:
        with pytest.raises(Unauthenticated) as refused:
            await authenticator.authenticate(*attempt)

    assert row.reason == refused.value.reason


def test_the_table_is_large_and_its_rows_differ() -> None:
    """At least forty rows, each said once, each with its clause."""
    names = [(row.clause, row.what) for row in ATTACKS]

    assert len(set(names)) == len(names) >= 40


async def test_control_an_honest_token_is_accepted(world: World) -> None:
    """The same token without an attack resolves to the agency's component."""
    requester = await asked(world, (world.token(), world.ice.der))

    assert requester.requester_class == "ice_ero"
    assert requester.registration is Registration.REGISTERED
    assert requester.person_named


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": seconds(-29), "iat": seconds(-600)},
        {"iat": seconds(30)},
        {"nbf": seconds(30)},
        {"exp": seconds(600)},
        {"aal": 2, "ial": 3, "sworn": True, "scope": "anything"},
    ],
)
async def test_control_the_other_side_of_each_limit(
    world: World, changes: dict[str, Any]
) -> None:
    """One second inside each limit is accepted; so are claims nobody asks for."""
    requester = await asked(world, (world.token(**changes), world.ice.der))

    assert requester.agency_id == "ice"


async def test_control_key_pointers_in_an_honest_header_are_not_followed(
    world: World,
) -> None:
    """A token with jku, x5u, x5c and jwk is judged as if they were not there."""
    header = world.header(
        jku="https://evil.example", x5u="https://evil.example", x5c=["MIIB"], jwk={}
    )
    token = compact(header, world.claims(), world.key.sign)

    requester = await asked(world, (token, world.ice.der))

    assert requester.agency_id == "ice"


async def test_control_the_long_form_of_the_type(world: World) -> None:
    """`application/at+jwt` is the same type (RFC 9068 section 2.1)."""
    header = world.header(typ="application/at+jwt")
    token = compact(header, world.claims(), world.key.sign)

    assert (await asked(world, (token, world.ice.der))).agency_id == "ice"


async def test_a_system_nobody_registered_is_unregistered_not_an_error(
    world: World,
) -> None:
    """A genuine token of an unknown system is a value that policy refuses by name."""
    token = world.token(client_id="somebody")

    requester = await asked(world, (token, world.ice.der))

    assert (requester.requester_class, requester.registration) == (
        "unregistered",
        Registration.CLIENT_UNKNOWN,
    )


async def test_revoking_a_certificate_works_on_the_next_request(world: World) -> None:
    """A certificate revoked in the registry is refused although results are cached."""
    token, der = world.token(), world.ice.der
    async with running(world) as authenticator:
        before = await authenticator.authenticate(token, der)
        digest = hashlib.sha256(der).hexdigest()
        line = f"    client_ca: ice\n    revoked_certificates: ['{digest}']\n"
        text = AGENCIES.replace("    client_ca: ice\n", line)
        authenticator.use(await asyncio.to_thread(world.registry, text))
        with pytest.raises(Unauthenticated) as refused:
            await authenticator.authenticate(token, der)
        with pytest.raises(Unauthenticated) as stopped:
            authenticator.again(before)

    assert refused.value.reason == Reason.CERTIFICATE_REVOKED
    assert stopped.value.reason == Reason.CERTIFICATE_REVOKED


async def test_a_cached_token_still_expires(world: World) -> None:
    """Time is judged at each use: a token believed a moment ago expires on time."""
    token = world.token(iat=seconds(-580), exp=seconds(20))
    async with running(world) as authenticator:
        await authenticator.authenticate(token, world.ice.der)
        world.clock.pass_s(49)
        inside = await authenticator.authenticate(token, world.ice.der)
        world.clock.pass_s(1)
        with pytest.raises(Unauthenticated) as refused:
            await authenticator.authenticate(token, world.ice.der)

    assert inside.agency_id == "ice"
    assert refused.value.reason == Reason.EXPIRED


async def test_a_second_look_sees_an_agreement_end(world: World) -> None:
    """`again` resolves the same requester at the new moment."""
    token = world.token(
        client_id="sheriff-system",
        employer_ori="IL0990000",
        cnf={"x5t#S256": thumbprint(world.sheriff.der)},
    )
    async with running(world) as authenticator:
        first = await authenticator.authenticate(token, world.sheriff.der)
        same = authenticator.again(first)
        world.clock.pass_s(365 * 86_400)
        later = authenticator.again(first)

    assert (first.agreement, later.agreement) == ("in_force", "expired")
    assert first == same != later
