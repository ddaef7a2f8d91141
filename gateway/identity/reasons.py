"""Why a requester is not known: the closed list of words behind a 401."""

from __future__ import annotations

from enum import StrEnum

from gateway.errors import Unauthenticated

__all__ = ["Reason", "refusal"]


class Reason(StrEnum):
    """One word for each check that can fail; counted, never sent to the requester.

    A requester sees 401 and nothing else: which check failed would tell an attacker
    how far the forgery came.
    """

    CERTIFICATE_MISSING = "certificate-missing"
    CERTIFICATE_MALFORMED = "certificate-malformed"
    CERTIFICATE_TIME = "certificate-time"
    CERTIFICATE_ISSUER = "certificate-issuer"
    CERTIFICATE_REVOKED = "certificate-revoked"
    SESSION_RESUMED = "session-resumed"
    TOKEN_MISSING = "token-missing"  # noqa: S105 - a reason word, not a secret
    TOKEN_TOO_LARGE = "token-too-large"  # noqa: S105 - a reason word, not a secret
    TOKEN_MALFORMED = "token-malformed"  # noqa: S105 - a reason word, not a secret
    TOKEN_TYPE = "token-type"  # noqa: S105 - a reason word, not a secret
    HEADER_CRITICAL = "header-critical"
    ALGORITHM = "algorithm"
    KEY_UNKNOWN = "key-unknown"
    KEY_WEAK = "key-weak"
    SIGNATURE = "signature"
    ISSUER = "issuer"
    AUDIENCE = "audience"
    CLAIM_MISSING = "claim-missing"
    CLAIM_MALFORMED = "claim-malformed"
    EXPIRED = "expired"
    NOT_YET_VALID = "not-yet-valid"
    ISSUED_IN_FUTURE = "issued-in-future"
    LIFETIME = "lifetime"
    BINDING_MISSING = "binding-missing"
    BINDING_UNSUPPORTED = "binding-unsupported"
    BINDING_MISMATCH = "binding-mismatch"


def refusal(reason: Reason) -> Unauthenticated:
    """Return the error to raise for a reason."""
    return Unauthenticated(reason)
