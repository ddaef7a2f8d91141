"""A county's folder with an OPA server in its configuration."""

from __future__ import annotations

import json
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from gateway.config import Config, load
from tests.gateway.county import found_county

TOKEN = "token-of-the-tests-0123456789-abcdef"


def county_with_opa(folder: Path, port: int = 8181) -> Config:
    """Write a county whose engines are OPA and the embedded one."""
    path = found_county(folder).path
    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    for name, data in (("opa.token", TOKEN.encode()), ("bundle.key", pem)):
        (folder / "keys" / name).write_bytes(data)
        (folder / "keys" / name).chmod(0o600)
    document = json.loads(path.read_text()) | {
        "engines": ["opa", "embedded"],
        "opa": {
            "url": f"http://127.0.0.1:{port}",
            "token": "keys/opa.token",
            "signing_key": "keys/bundle.key",
        },
    }
    path.write_text(json.dumps(document))
    return load(path)
