"""Attacks in what a token claims."""

from __future__ import annotations

from gateway.identity import Reason
from tests.gateway.identity.attacks.table import Table, seconds
from tests.gateway.identity.world import AUDIENCE, ISSUER

CLAIMS = Table()
claim = CLAIMS.claim

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
