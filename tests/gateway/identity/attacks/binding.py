"""Attacks in how a token is bound to the certificate, and in the certificate."""

from __future__ import annotations

import datetime as dt
import hashlib

from gateway.identity import Reason
from tests.gateway.identity.attacks.table import Table, Try
from tests.gateway.identity.signing import AgencyCA, b64, der_of, thumbprint
from tests.gateway.identity.world import World

BINDING = Table()
attack, claim = BINDING.attack, BINDING.claim

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
