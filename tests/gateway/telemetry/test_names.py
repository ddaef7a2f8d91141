"""The table of keys: which values each one takes."""

from __future__ import annotations

import pytest

from gateway.telemetry import FIELDS


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("route", "/v1/exchanges/{exchange}"),
        ("route", "unmatched"),
        ("status", 200),
        ("open", True),
        ("exchange", "ab" * 16),
        ("where", "gateway/policy/opa.py:12:ask"),
        ("error", "ValueError"),
        ("issuer", "https://login.example"),
        ("detail", "the clock was set"),
        ("time", "2026-11-23T09:43:14.770641Z"),
        ("listen", "https://[::1]:8443"),
        ("version", "0.1.0"),
    ],
)
def test_what_code_writes_is_allowed(key: str, value: object) -> None:
    """The values that are really written have the declared form."""
    assert FIELDS[key].allows(value)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("route", "/v1/person/x?name=y"),
        ("status", "200"),
        ("status", True),
        ("status", None),
        ("open", 1),
        ("exchange", "GARCIA"),
        ("where", "a b"),
        ("error", "two words"),
        ("issuer", "https://x/?q=1"),
        ("detail", "a\nb"),
        ("detail", "x" * 301),
        ("dataset", ""),
    ],
)
def test_content_is_not(key: str, value: object) -> None:
    """Values of another form are not written, whoever hands them over."""
    assert not FIELDS[key].allows(value)
