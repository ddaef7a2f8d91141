"""Certificates of the demo: one authority per agency, made fresh on each run.

In a real county each requester's agency runs its own authority and hands in only
its certificate; here the demo plays all of them.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import ipaddress
import os
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

__all__ = [
    "Authority",
    "Issued",
    "new_authority",
    "private_pem",
    "thumbprint",
    "write_private",
]

LIFETIME: Final = dt.timedelta(days=30)
"""How long the demo's certificates live; tokens live ten minutes."""

SKEW: Final = dt.timedelta(minutes=5)
"""Certificates are valid a little before now, for clocks that disagree."""


def write_private(path: Path, data: bytes) -> None:
    """Write a secret so that it is never readable by others, not for a moment.

    Raises:
        FileExistsError: rather than keep the mode of a file that is there already.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
        file.write(data)


def thumbprint(certificate: x509.Certificate) -> str:
    """Return ``x5t#S256`` of RFC 8705 section 3.1: base64url of SHA-256 of the DER."""
    der = certificate.public_bytes(serialization.Encoding.DER)
    return urlsafe_b64encode(hashlib.sha256(der).digest()).rstrip(b"=").decode()


def private_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Return a private key as unencrypted PKCS #8 PEM."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Issued:
    """A certificate with its key, both PEM."""

    certificate: bytes
    key: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Authority:
    """A certificate authority: it issues for one agency and no other."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        """The authority's certificate, PEM: what a gateway pins."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def issue_client(self, name: str, *, now: dt.datetime) -> Issued:
        """Issue a client certificate (TLS client authentication only)."""
        return self._issue(name, ExtendedKeyUsageOID.CLIENT_AUTH, None, now)

    def issue_server(self, name: str, *, now: dt.datetime) -> Issued:
        """Issue a server certificate for this machine's loopback names."""
        names = x509.SubjectAlternativeName(
            [
                x509.DNSName("localhost"),
                x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
                x509.IPAddress(ipaddress.ip_address("::1")),
            ]
        )
        return self._issue(name, ExtendedKeyUsageOID.SERVER_AUTH, names, now)

    def _issue(
        self,
        name: str,
        usage: x509.ObjectIdentifier,
        names: x509.SubjectAlternativeName | None,
        now: dt.datetime,
    ) -> Issued:
        key = ec.generate_private_key(ec.SECP256R1())
        builder = (
            _builder(name, self.certificate.subject, key, now)
            .add_extension(
                x509.BasicConstraints(ca=False, path_length=None), critical=True
            )
            .add_extension(_usage(signs=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(
                    self.key.public_key()
                ),
                critical=False,
            )
        )
        if names is not None:
            builder = builder.add_extension(names, critical=False)
        certificate = builder.sign(self.key, hashes.SHA256())
        return Issued(
            certificate=certificate.public_bytes(serialization.Encoding.PEM),
            key=private_pem(key),
        )


def new_authority(title: str, *, now: dt.datetime) -> Authority:
    """Make an authority with a new P-256 key, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        _builder(title, None, key, now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    return Authority(certificate=certificate, key=key)


def _builder(
    name: str,
    issuer: x509.Name | None,
    key: ec.EllipticCurvePrivateKey,
    now: dt.datetime,
) -> x509.CertificateBuilder:
    """Begin a certificate: names, key, serial number, validity, key identifier."""
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Sallyport demo (synthetic)"),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if issuer is None else issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - SKEW)
        .not_valid_after(now + LIFETIME)
        .add_extension(
            x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
        )
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    """Return the key usage of an authority (signs certificates) or of an end."""
    return x509.KeyUsage(
        digital_signature=not signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )
