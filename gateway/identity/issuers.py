"""What the gateway believes about one issuer of access tokens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

from gateway.config import Issuer

__all__ = [
    "ALGORITHMS",
    "CLAIM_WORDS",
    "IssuerRules",
    "exact_https_host",
    "issuer_rules",
]

ALGORITHMS = ("ES256", "PS256", "RS256", "EdDSA")
"""Signature algorithms an issuer may be allowed; never a symmetric one, never none."""

CLAIM_WORDS = (
    "employer_ori",
    "assignment_ori",
    "ial",
    "aal",
    "sworn",
    "ncic_certified",
    "cfr28_certified",
)
"""Our words for what a federation asserts about a person; each names a claim."""

MAX_ASSURANCE = 3


def exact_https_host(url: str) -> str:
    """Return the host of a plain https URL.

    Raises:
        ValueError: for another scheme, no host, credentials in the URL, or a fragment.
    """
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname or parts.fragment:
        raise ValueError("must be an https URL with a host and no fragment")
    if parts.username is not None or parts.password is not None:
        raise ValueError("must carry no credentials")
    return parts.hostname


@dataclass(frozen=True, kw_only=True, slots=True)
class IssuerRules:
    """One issuer: whom it speaks for, how it signs, where its keys come from.

    Exactly one of ``discovery`` (RFC 8414 or OpenID metadata), ``jwks_url`` and
    ``jwks_file`` is given. ``hosts`` are the only hosts asked; empty means the host
    of the URL given here. ``max_stale_s`` is how long keys are
    believed after they were last fetched, ``refresh_s`` how often they are fetched.
    ``assurance_ial`` and ``assurance_aal`` are levels agreed by contract, 0 for none: a
    token that names no level has that one, and none has a higher one. ``claims`` maps
    :data:`CLAIM_WORDS` to the issuer's own claim names; a word left out is its name.

    Raises:
        ValueError: with a sentence, when the values contradict each other.
    """

    issuer: str
    audience: str
    algorithms: tuple[str, ...] = ALGORITHMS
    discovery: str | None = None
    jwks_url: str | None = None
    jwks_file: Path | None = None
    ca_file: Path | None = None
    hosts: tuple[str, ...] = ()
    max_stale_s: float = 3600.0
    refresh_s: float = 300.0
    assurance_ial: int = 0
    assurance_aal: int = 0
    claims: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        """Refuse contradictions; freeze the claim names."""
        self._check_sources()
        if not self.issuer or not self.audience:
            raise ValueError("an issuer needs an issuer and an audience")
        unknown = set(self.algorithms) - set(ALGORITHMS)
        if not self.algorithms or unknown:
            raise ValueError(f"algorithms must be some of {', '.join(ALGORITHMS)}")
        if not 0 < self.refresh_s <= self.max_stale_s:
            raise ValueError("refresh_s must be above 0 and not above max_stale_s")
        for level in (self.assurance_ial, self.assurance_aal):
            if not 0 <= level <= MAX_ASSURANCE:
                raise ValueError(f"an assurance level is 0 to {MAX_ASSURANCE}")
        if odd := set(self.claims) - set(CLAIM_WORDS):
            raise ValueError(f"no such claim word: {', '.join(sorted(odd))}")
        names = {word: self.claims.get(word, word) for word in CLAIM_WORDS}
        object.__setattr__(self, "claims", MappingProxyType(names))

    def _check_sources(self) -> None:
        """Refuse anything but exactly one source, over https or from a file."""
        given = [self.discovery, self.jwks_url, self.jwks_file]
        if sum(source is not None for source in given) != 1:
            raise ValueError("give exactly one of discovery, jwks_url and jwks_file")
        for url in (self.discovery, self.jwks_url):
            if url is not None:
                exact_https_host(url)

    @property
    def allowed_hosts(self) -> frozenset[str]:
        """The only hosts that may be asked for this issuer's keys."""
        if self.hosts:
            return frozenset(self.hosts)
        urls = (self.discovery, self.jwks_url)
        return frozenset(exact_https_host(url) for url in urls if url is not None)


def issuer_rules(issuer: Issuer) -> IssuerRules:
    """Return what is believed about one configured issuer."""
    return IssuerRules(
        issuer=issuer.issuer,
        audience=issuer.audience,
        algorithms=issuer.algorithms,
        discovery=issuer.discovery,
        jwks_url=issuer.jwks_url,
        jwks_file=issuer.jwks_file,
        max_stale_s=issuer.max_stale_seconds,
        refresh_s=issuer.refresh_seconds,
        assurance_ial=issuer.assurance.ial,
        assurance_aal=issuer.assurance.aal,
        ca_file=issuer.ca_file,
        hosts=issuer.hosts,
        claims=issuer.claims,
    )
