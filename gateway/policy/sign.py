"""Signs bundles in OPA's own format: ``.signatures.json``, one ES256 token.

Every JSON file here is canonical, so OPA's digest of its value is the digest of its
bytes; ``audit.bundle`` reads and verifies what is signed, by this or by ``opa sign``.
"""

from __future__ import annotations

import base64
from pathlib import PurePosixPath

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from gateway.canonical import canonical, digest
from gateway.policy.bundle import SIGNATURES, Bundle

__all__ = ["signed"]

WIDTH = 32
"""Bytes of each half of a P-256 signature."""


def signed(bundle: Bundle, *, pem: bytes, key_id: str) -> Bundle:
    """Return the bundle with a signature over all its files.

    Args:
        bundle: the files; an old signature is replaced.
        pem: an EC P-256 private key, PEM without a passphrase.
        key_id: the name that verifiers know the key by.

    Raises:
        ValueError: for any other key.
    """
    key = load_pem_private_key(pem, password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name != "secp256r1":
        raise ValueError("bundles are signed with an EC P-256 key")
    files = {p: data for p, data in bundle.files.items() if p != SIGNATURES}
    payload = {
        "files": [
            {"name": path, "hash": digest(files[path]), "algorithm": "SHA-256"}
            for path in sorted(files, key=PurePosixPath)
        ],
        "keyid": key_id,
    }
    header = {"alg": "ES256", "kid": key_id}
    told = b".".join(_base64url(canonical(part)) for part in (header, payload))
    r, s = decode_dss_signature(key.sign(told, ec.ECDSA(hashes.SHA256())))
    raw = r.to_bytes(WIDTH, "big") + s.to_bytes(WIDTH, "big")
    token = (told + b"." + _base64url(raw)).decode()
    return Bundle(files={**files, SIGNATURES: canonical({"signatures": [token]})})


def _base64url(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")
