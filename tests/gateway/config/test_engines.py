"""Which engines decide: what contradicts itself is refused in one go."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.config import parse_config
from tests.gateway.config.documents import HERE, mistakes, smallest, written

SECRETS = {"token": "keys/opa.token", "signing_key": "keys/bundle.key"}


def with_engines(*names: str, **opa: Any) -> dict[str, Any]:  # noqa: ANN401  # any JSON
    """Return a configuration with these engines."""
    section = {"opa": SECRETS | opa} if opa or "opa" in names else {}
    return smallest() | {"engines": list(names)} | section


@pytest.mark.parametrize("names", [("opa",), ("embedded", "opa"), ("opa", "embedded")])
def test_one_engine_or_two(names: tuple[str, ...]) -> None:
    """Either engine alone is legal, and both in any order."""
    config = parse_config(written(with_engines(*names)), HERE)
    assert config.engines == names
    assert config.opa is not None
    assert config.opa.url == "http://127.0.0.1:8181"
    assert config.opa.token == HERE.parent / "keys/opa.token"


def test_an_engine_named_twice_is_one() -> None:
    """Two answers of the same engine are no agreement."""
    assert set(mistakes(with_engines("embedded", "embedded"))) == {"engines"}


def test_engine_and_settings_belong_together() -> None:
    """Each without the other is a mistake, and a lack inside is said only once."""
    assert set(mistakes(smallest() | {"engines": ["opa"]})) == {"opa"}
    assert set(mistakes(smallest() | {"opa": SECRETS})) == {"opa"}
    alone = smallest() | {"engines": ["opa"], "opa": {"token": "t"}}
    assert set(mistakes(alone)) == {"opa.signing_key"}


@pytest.mark.parametrize(
    ("settings", "paths"),
    [
        ({"url": "http://10.1.2.3:8181"}, {"opa.url"}),
        ({"url": "https://opa.example"}, {"opa.url"}),
        ({"url": "https://opa.example", "other_hosts": True}, set()),
        ({"url": "http://opa.example", "other_hosts": True}, {"opa.url"}),
        ({"url": "http://127.0.0.1:8181/v1"}, {"opa.url"}),
        ({"url": "http://[::1]:8181"}, set()),
        ({"url": "https://localhost", "ca_file": "ca.pem"}, set()),
        ({"ca_file": "ca.pem"}, {"opa.ca_file"}),
        ({"signing_key": "keys/opa.token"}, {"opa.token"}),
    ],
)
def test_where_opa_may_be(settings: dict[str, Any], paths: set[str]) -> None:
    """On this machine, or elsewhere in writing and over TLS; never with a path."""
    document = with_engines("opa", **settings)
    if paths:
        assert set(mistakes(document)) == paths
    else:
        parse_config(written(document), HERE)
