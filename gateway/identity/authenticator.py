"""Who asks, in order: certificate, token, binding, authority, registry.

::

    1  the certificate that the peer proved to hold, in time
    2  the token, signed by an issuer we know, judged now
    3  the token names this certificate (RFC 8705)
    4  the certificate is of the agency's own authority, and not revoked
    5  the registry says who that is

All five are done for each request; only the signature and the certificate's bytes
are remembered. What is known but not allowed is a value that policy refuses; only
what cannot be believed is an error.
"""

from __future__ import annotations

import hmac

from gateway.clock import Clock
from gateway.identity.binding import ClientAuthorities, PeerCertificate
from gateway.identity.reasons import Reason, refusal
from gateway.identity.registry import Registry
from gateway.identity.requester import Requester
from gateway.identity.verifier import Verifier

__all__ = ["Authenticator"]


class Authenticator:
    """The entry point of the web layer."""

    def __init__(
        self,
        *,
        verifier: Verifier,
        authorities: ClientAuthorities,
        registry: Registry,
        clock: Clock,
    ) -> None:
        """Take the parts; :meth:`use` replaces the registry."""
        self._verifier = verifier
        self._authorities = authorities
        self._registry = registry
        self._clock = clock

    async def authenticate(
        self, token: str | None, certificate_der: bytes | None
    ) -> Requester:
        """Return who asks, resolved at this moment.

        Raises:
            Unauthenticated: with one of :class:`~gateway.identity.reasons.Reason`.
            Unavailable: ``identity-unavailable``, when an issuer's keys are missing.
        """
        if not certificate_der:
            raise refusal(Reason.CERTIFICATE_MISSING)
        if not token:
            raise refusal(Reason.TOKEN_MISSING)
        certificate = self._in_time(certificate_der)
        claims = await self._verifier.verify(token, certificate_der)
        if not hmac.compare_digest(claims.thumbprint, certificate.thumbprint):
            raise refusal(Reason.BINDING_MISMATCH)
        self._check_authority(claims.issuer, claims.client_id, certificate)
        return self._registry.resolve(claims, certificate.sha256, self._clock.now_ms())

    def again(self, requester: Requester) -> Requester:
        """Resolve the same requester once more, now: before release, for each page.

        The answer differs from ``requester`` when an agreement ended, or the registry
        was replaced, in between. The token is not judged again: it was presented in
        time, and a stream may outlive it.

        Raises:
            Unauthenticated: ``certificate-revoked`` if it was revoked meanwhile.
        """
        rules = self._registry.client(requester.issuer, requester.client_id)
        if rules and requester.certificate_sha256 in rules.revoked_certificates:
            raise refusal(Reason.CERTIFICATE_REVOKED)
        return self._registry.resolve(
            requester.claims, requester.certificate_sha256, self._clock.now_ms()
        )

    def use(self, registry: Registry) -> None:
        """Replace the registry, after an activation; remembered results are gone."""
        self._registry = registry
        self._verifier.forget()

    def _in_time(self, der: bytes) -> PeerCertificate:
        """Read the certificate and judge its validity by our clock."""
        certificate = self._authorities.read(der)
        now = self._clock.now_ms()
        if not certificate.not_before_ms <= now <= certificate.not_after_ms:
            raise refusal(Reason.CERTIFICATE_TIME)
        return certificate

    def _check_authority(
        self, issuer: str, client_id: str, certificate: PeerCertificate
    ) -> None:
        """Refuse a certificate of another agency's authority, or a revoked one.

        A system that is not registered has no agency, so any pinned authority will
        do: the registry calls it unregistered, and policy refuses it by name.
        """
        rules = self._registry.client(issuer, client_id)
        if not certificate.authorities:
            raise refusal(Reason.CERTIFICATE_ISSUER)
        if rules is None:
            return
        if rules.client_ca not in certificate.authorities:
            raise refusal(Reason.CERTIFICATE_ISSUER)
        if certificate.sha256 in rules.revoked_certificates:
            raise refusal(Reason.CERTIFICATE_REVOKED)
