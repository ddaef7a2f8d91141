"""Signed bytes into typed claims: RFC 9068, judged afresh at each use.

What a token says is read once from the members whose signature was found good; whether
it holds now is judged each time it is presented.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.identity.issuers import MAX_ASSURANCE, IssuerRules
from gateway.identity.reasons import Reason, refusal
from gateway.strictjson import read_json

__all__ = [
    "LEEWAY_S",
    "LIFETIME_S",
    "MAX_CLIENT_ID",
    "Claims",
    "claims_of",
    "members_of",
    "require_now",
]

LEEWAY_S = 30
"""How far two honest clocks may differ, in seconds."""

LIFETIME_S = 600
"""Longest life of an access token, ``exp - iat``, in seconds."""

MAX_CLIENT_ID = 255
"""Longest name of a system, in characters: the state has a column for so many."""

MAX_TEXT = 256
MAX_SECONDS = 1 << 40

_REQUIRED = ("iss", "exp", "aud", "sub", "client_id", "iat", "jti")  # RFC 9068 2.2
_ORI = re.compile(r"[A-Z]{2}[A-Z0-9]{7}")
_THUMBPRINT = re.compile(r"[A-Za-z0-9_-]{43}")
_ATTRIBUTES = ("sworn", "ncic_certified", "cfr28_certified")


@dataclass(frozen=True, kw_only=True, slots=True)
class Claims:
    """What a believed token says. Times are Unix seconds; 0 or "" is "not said"."""

    issuer: str
    client_id: str
    subject: str
    token_id: str
    issued_at: int
    expires_at: int
    thumbprint: str
    starts_at: int = 0
    employer_ori: str = ""
    assignment_ori: str = ""
    ial: int = 0
    aal: int = 0
    attributes: Mapping[str, bool] = field(default_factory=dict, hash=False)


def members_of(data: bytes) -> dict[str, object]:
    """Parse one JSON object strictly: UTF-8, no member twice, no NaN.

    RFC 8725 section 3.10 wants one reading of the bytes; of two members of one name
    parsers keep the first or the last as they like (RFC 7515 section 4).

    Raises:
        Unauthenticated: ``token-malformed`` for anything else.
    """
    try:
        value = read_json(data)
    except (ValueError, RecursionError):
        raise refusal(Reason.TOKEN_MALFORMED) from None
    if not isinstance(value, dict):
        raise refusal(Reason.TOKEN_MALFORMED)
    return value


def claims_of(
    members: Mapping[str, object], issuer: IssuerRules, now_ms: int
) -> Claims:
    """Return typed claims, or refuse with the first reason found.

    ``members`` must come from bytes whose signature verified under a key of
    ``issuer``; the binding to the certificate is compared by the caller.

    Raises:
        Unauthenticated: with the reason (RFC 9068 section 4, RFC 8725 section 3).
    """
    if None in map(members.get, _REQUIRED):
        raise refusal(Reason.CLAIM_MISSING)
    if members["iss"] != issuer.issuer:
        raise refusal(Reason.ISSUER)
    # One audience, as a string: a token for us and for somebody else could be
    # replayed by that somebody.
    if members["aud"] != issuer.audience:
        raise refusal(Reason.AUDIENCE)
    issued_at = _seconds(members["iat"])
    starts_at = _seconds(members.get("nbf", 0))
    expires_at = _seconds(members["exp"])
    _judge(issued_at, starts_at, expires_at, now_ms)
    names = issuer.claims
    return Claims(
        issuer=issuer.issuer,
        client_id=_text(members["client_id"], most=MAX_CLIENT_ID),
        subject=_text(members["sub"]),
        token_id=_text(members["jti"]),
        issued_at=issued_at,
        starts_at=starts_at,
        expires_at=expires_at,
        thumbprint=_confirmation(members.get("cnf")),
        employer_ori=_ori(members.get(names["employer_ori"])),
        assignment_ori=_ori(members.get(names["assignment_ori"])),
        ial=_level(members.get(names["ial"]), issuer.assurance_ial),
        aal=_level(members.get(names["aal"]), issuer.assurance_aal),
        attributes=_attributes(members, names),
    )


def require_now(claims: Claims, now_ms: int) -> Claims:
    """Return claims that were read before, if they hold now.

    Raises:
        Unauthenticated: as :func:`claims_of`, for the token's times.
    """
    _judge(claims.issued_at, claims.starts_at, claims.expires_at, now_ms)
    return claims


def _judge(issued_at: int, starts_at: int, expires_at: int, now_ms: int) -> None:
    """Judge iat, nbf and exp, in seconds, by our clock."""
    now = now_ms / 1000
    if expires_at <= now - LEEWAY_S:
        raise refusal(Reason.EXPIRED)
    if issued_at > now + LEEWAY_S:
        raise refusal(Reason.ISSUED_IN_FUTURE)
    if starts_at > now + LEEWAY_S:
        raise refusal(Reason.NOT_YET_VALID)
    if not 0 < expires_at - issued_at <= LIFETIME_S:
        raise refusal(Reason.LIFETIME)


def _seconds(value: object) -> int:
    """Return a NumericDate; only whole seconds, never text or a boolean."""
    if type(value) is not int or not 0 <= value <= MAX_SECONDS:
        raise refusal(Reason.CLAIM_MALFORMED)
    return value


def _text(value: object, *, most: int = MAX_TEXT) -> str:
    """Return a short, printable, non-empty string."""
    if not isinstance(value, str) or not 0 < len(value) <= most:
        raise refusal(Reason.CLAIM_MALFORMED)
    if not value.isprintable() or value.strip() != value:
        raise refusal(Reason.CLAIM_MALFORMED)
    return value


def _ori(value: object) -> str:
    """Return an agency identifier of nine characters, or "" when not said."""
    if value is None:
        return ""
    if not isinstance(value, str) or _ORI.fullmatch(value) is None:
        raise refusal(Reason.CLAIM_MALFORMED)
    return value


def _level(value: object, agreed: int) -> int:
    """Return an assurance level 1 to 3, or 0 when neither token nor contract says.

    Some issuers cannot assert a level; a level agreed by contract stands in, and is
    then also the most that is believed.
    """
    if value is None:
        return agreed
    if type(value) is not int or not 1 <= value <= MAX_ASSURANCE:
        raise refusal(Reason.CLAIM_MALFORMED)
    return min(value, agreed) if agreed else value


def _attributes(
    members: Mapping[str, object], names: Mapping[str, str]
) -> dict[str, bool]:
    """Return what the issuer says about the person, yes or no."""
    said = {word: members.get(names[word]) for word in _ATTRIBUTES}
    for value in said.values():
        if value is not None and not isinstance(value, bool):
            raise refusal(Reason.CLAIM_MALFORMED)
    return {word: value for word, value in said.items() if isinstance(value, bool)}


def _confirmation(value: object) -> str:
    """Return the thumbprint of RFC 8705 section 3.1.

    A second confirmation method (a DPoP key, say) would have to be proved too;
    ignoring it would take half of the binding away.
    """
    if value is None:
        raise refusal(Reason.BINDING_MISSING)
    if not isinstance(value, dict) or "x5t#S256" not in value:
        raise refusal(Reason.BINDING_MISSING)
    if len(value) != 1:
        raise refusal(Reason.BINDING_UNSUPPORTED)
    thumbprint = value["x5t#S256"]
    if not isinstance(thumbprint, str) or not _THUMBPRINT.fullmatch(thumbprint):
        raise refusal(Reason.CLAIM_MALFORMED)
    return thumbprint
