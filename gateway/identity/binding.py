"""Client certificates: mutual TLS, the token's binding to it, one CA per agency.

RFC 8705: the token names the certificate it may be used with. Every agency has its
own certificate authority; TLS admits a certificate of any of them, and the check
here that the certificate is that agency's own is what keeps one agency's authority
from speaking for another.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature

from gateway.errors import InvalidFile, Mistake
from gateway.identity.reasons import Reason, refusal

__all__ = [
    "ClientAuthorities",
    "PeerCertificate",
    "peer_certificate",
    "server_ssl_context",
]

CACHE_ENTRIES = 4096


@dataclass(frozen=True, kw_only=True, slots=True)
class PeerCertificate:
    """A client certificate: digests, validity (Unix ms), whose CA issued it.

    ``sha256`` is lower-case hex of the DER; ``thumbprint`` the same digest in the
    form of RFC 8705 ``x5t#S256``; ``authorities`` the names of the pinned CAs of
    which one certificate issued this one directly.
    """

    sha256: str
    thumbprint: str
    not_before_ms: int
    not_after_ms: int
    authorities: frozenset[str]


class ClientAuthorities:
    """The pinned certificate authorities, by name, and what they have issued.

    What a certificate is does not change, so it is parsed once; whether it is in
    time, and which authority an agency needs, is asked each time.
    """

    def __init__(self, authorities: Mapping[str, Path]) -> None:
        """Read the CA files: PEM, one or more issuing certificates each.

        Raises:
            InvalidFile: naming each file that holds no certificate.
        """
        mistakes: list[Mistake] = []
        self._issuing: dict[str, list[x509.Certificate]] = {}
        for name, path in authorities.items():
            try:
                found = x509.load_pem_x509_certificates(path.read_bytes())
            except (OSError, ValueError):
                mistakes.append(
                    Mistake(
                        path=str(path),
                        problem=f"holds no certificate for the client CA {name}",
                        advice="give a PEM file of the certificates that issue",
                    )
                )
            else:
                self._issuing[name] = found
        if mistakes:
            raise InvalidFile(mistakes)
        self._known: dict[bytes, PeerCertificate] = {}

    def read(self, der: bytes) -> PeerCertificate:
        """Return what a certificate is.

        Raises:
            Unauthenticated: ``certificate-malformed``.
        """
        digest = hashlib.sha256(der).digest()
        known = self._known.get(digest)
        if known is None:
            known = self._parsed(der, digest)
            while len(self._known) >= CACHE_ENTRIES:
                del self._known[next(iter(self._known))]
            self._known[digest] = known
        return known

    def _parsed(self, der: bytes, digest: bytes) -> PeerCertificate:
        """Parse and find the pinned authorities that issued it."""
        try:
            certificate = x509.load_der_x509_certificate(der)
            return PeerCertificate(
                sha256=digest.hex(),
                thumbprint=base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
                not_before_ms=_ms(certificate.not_valid_before_utc),
                not_after_ms=_ms(certificate.not_valid_after_utc),
                authorities=frozenset(
                    name
                    for name, issuing in self._issuing.items()
                    if any(_issued(certificate, issuer) for issuer in issuing)
                ),
            )
        except ValueError:
            raise refusal(Reason.CERTIFICATE_MALFORMED) from None


def _ms(moment: datetime) -> int:
    """Return an aware time as Unix ms."""
    return int(moment.timestamp() * 1000)


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether the issuer's name and key are on the certificate."""
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def peer_certificate(transport: asyncio.BaseTransport | None) -> bytes | None:
    """Return the DER certificate the peer proved to hold, or None.

    Raises:
        Unauthenticated: ``session-resumed``: a resumed TLS 1.2 session would carry
            an earlier handshake's proof into this connection.
    """
    peer = None if transport is None else transport.get_extra_info("ssl_object")
    if not isinstance(peer, ssl.SSLObject | ssl.SSLSocket):
        return None
    if peer.session_reused:
        raise refusal(Reason.SESSION_RESUMED)
    return peer.getpeercert(binary_form=True)


def server_ssl_context(
    *,
    certificate: Path,
    key: Path,
    client_cas: Mapping[str, Path],
    minimum: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3,
) -> ssl.SSLContext:
    """Return the context that the gateway terminates TLS with.

    A client certificate of a pinned CA is required, and no session can be resumed.
    The default is TLS 1.3 alone, because Python cannot switch off the session ids of
    TLS 1.2: with ``minimum`` lowered, :func:`peer_certificate` refuses a resumed one.

    Raises:
        InvalidFile: naming the file that could not be used.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = minimum
    context.verify_mode = ssl.CERT_REQUIRED
    # A CA file may hold an issuing certificate without its root.
    context.verify_flags |= ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN
    context.num_tickets = 0
    context.options |= ssl.OP_NO_TICKET | ssl.OP_NO_RENEGOTIATION
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_CIPHER_SERVER_PREFERENCE
    context.set_alpn_protocols(["http/1.1"])
    try:
        context.load_cert_chain(certificate, key)
    except (OSError, ValueError) as error:
        raise InvalidFile([_unusable(certificate, "the server's", error)]) from error
    for name, path in client_cas.items():
        try:
            context.load_verify_locations(cafile=path)
        except (OSError, ValueError) as error:
            raise InvalidFile([_unusable(path, f"client CA {name}", error)]) from error
    if not client_cas:
        problem = "no client CA is named, so nobody could connect"
        raise InvalidFile([Mistake(path="server.client_cas", problem=problem)])
    return context


def _unusable(path: Path, what: str, error: Exception) -> Mistake:
    """Say which file TLS could not use; never what is in it."""
    return Mistake(
        path=str(path),
        problem=f"cannot be used as {what} certificate ({type(error).__name__})",
    )
