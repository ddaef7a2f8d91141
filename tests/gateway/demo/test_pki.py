"""The demo's certificates, checked by the library that will check them."""

from __future__ import annotations

import datetime as dt
import hashlib
import ssl
import stat
from base64 import urlsafe_b64decode
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from gateway.demo.pki import Authority, new_authority, thumbprint, write_private

NOW = dt.datetime.now(dt.UTC)


@pytest.fixture(scope="module")
def authority() -> Authority:
    """One agency's authority."""
    return new_authority("Sample agency", now=NOW)


def test_a_client_certificate_chains_to_its_own_authority(
    authority: Authority,
) -> None:
    """Verification succeeds against the issuing authority and no other."""
    issued = authority.issue_client("sample-system", now=NOW)
    leaf = x509.load_pem_x509_certificate(issued.certificate)
    other = new_authority("Other agency", now=NOW)

    def verify(trusted: Authority) -> None:
        store = Store([trusted.certificate])
        PolicyBuilder().store(store).build_client_verifier().verify(leaf, [])

    with pytest.raises(VerificationError):
        verify(other)
    usage = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert [item.dotted_string for item in usage] == ["1.3.6.1.5.5.7.3.2"]


def test_the_thumbprint_is_that_of_rfc_8705(authority: Authority) -> None:
    """``x5t#S256`` is the unpadded base64url SHA-256 of the DER certificate."""
    issued = authority.issue_client("sample-system", now=NOW)
    certificate = x509.load_pem_x509_certificate(issued.certificate)
    der = certificate.public_bytes(Encoding.DER)
    found = thumbprint(certificate)

    assert "=" not in found
    assert urlsafe_b64decode(found + "=") == hashlib.sha256(der).digest()


def test_openssl_accepts_the_pair_under_strict_rules(
    authority: Authority, tmp_path: Path
) -> None:
    """A server context loads certificate and key, and trusts the authority."""
    issued = authority.issue_server("sample gateway", now=NOW)
    (tmp_path / "server.pem").write_bytes(issued.certificate)
    write_private(tmp_path / "server.key", issued.key)
    (tmp_path / "ca.pem").write_bytes(authority.pem)
    context = ssl.create_default_context(cafile=str(tmp_path / "ca.pem"))
    context.verify_flags |= ssl.VerifyFlags.VERIFY_X509_STRICT

    context.load_cert_chain(tmp_path / "server.pem", tmp_path / "server.key")

    assert len(context.get_ca_certs()) == 1


def test_keys_are_private_from_the_first_moment(tmp_path: Path) -> None:
    """A secret's file is 0600 and never an existing one with another mode."""
    write_private(tmp_path / "key.pem", b"secret")

    assert stat.S_IMODE((tmp_path / "key.pem").stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        write_private(tmp_path / "key.pem", b"other")
