"""What tests of comparisons share."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from gateway.policy.law import Rule
from tests.gateway.policy.small import library, rule


@pytest.fixture
def law(tmp_path: Path) -> Rule:
    """A rule in force from 2019 until 2025, with two conditions on the day."""
    text = rule(
        "st.a",
        effective={"from": "2019-01-01", "until": "2025-01-01"},
        when=[{"day": {"from": "2021-01-01"}}],
        unless=[
            {"id": "c", "when": [{"day": {"until": "2023-01-01"}}], "effect": "permit"}
        ],
    )
    found = library(tmp_path, rules={"st": [text]})
    (made,) = found.rules(found.chosen(["st"], None))
    return made


@pytest.fixture(scope="session")
def pem() -> bytes:
    """An EC P-256 key, as a file of it holds it."""
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
