"""Bounds of settings: each is named with its path."""

from __future__ import annotations

import pytest

from tests.gateway.config.documents import mistakes, smallest


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"admin": {"listen": "0.0.0.0:9443"}}, "admin.listen"),
        ({"admin": {"listen": "gateway.example:9443"}}, "admin.listen"),
        ({"admin": {"listen": "127.0.0.1"}}, "admin.listen"),
        ({"admin": {"listen": "127.0.0.1:70000"}}, "admin.listen"),
        ({"admin": {"listen": "127.0.0.1:8443"}}, "admin.listen"),
        ({"engines": []}, "engines"),
        ({"engines": ["regopy"]}, "engines.0"),
        ({"demo": "yes"}, "demo"),
        ({"state": {"key": "k", "url": "postgresql://x/y"}}, "state.url"),
        ({"limits": {"reserve": 64}}, "limits.reserve"),
        (
            {"limits": {"client": {"per_minute": 5000, "burst": 1}}},
            "limits.client.per_minute",
        ),
        ({"retention": {"archive_days": 401}}, "retention.archive_days"),
        ({"reviews": {"due_hours": 0}}, "reviews.due_hours"),
        ({"policy_max_age_seconds": 1}, "policy_max_age_seconds"),
        ({"schema": "sallyport.config/2"}, "schema"),
    ],
)
def test_a_value_out_of_bounds_is_named(change: dict[str, object], path: str) -> None:
    """Each bound and contradiction names the setting it is about, and only that."""
    assert list(mistakes(smallest() | change)) == [path]
