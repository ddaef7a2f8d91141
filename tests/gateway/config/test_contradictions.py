"""Contradictions: one sentence each, all in one go."""

from __future__ import annotations

from gateway.config import parse_config
from tests.gateway.config.documents import HERE, mistakes, smallest, written


def test_contradictions_inside_sections() -> None:
    """Settings that exclude each other are named in one go."""
    document = smallest()
    document["server"] |= {"connection_seconds": 20, "request_seconds": 30}
    document["sources"]["jail"]["timeout_ms"] = 30_000
    document["log"]["public_delay_seconds"] = 60
    document["log"]["keys"]["receipt"] = document["log"]["keys"]["log"]
    document["log"]["auditors"] *= 2
    document["issuers"] *= 2
    document["issuers"][0] |= {"max_stale_seconds": 60, "refresh_seconds": 300}
    document["control"] = {"socket": "x" * 120}
    assert set(mistakes(document)) == {
        "server.request_seconds",
        "sources.jail.timeout_ms",
        "log.public_delay_seconds",
        "log.keys.log",
        "log.keys.receipt",
        "log.auditors.0.name",
        "log.auditors.1.name",
        "issuers.0.issuer",
        "issuers.1.issuer",
        "issuers.0.max_stale_seconds",
        "issuers.1.max_stale_seconds",
        "control.socket",
    }


def test_the_witness_must_be_said_outside_a_demo() -> None:
    """Nobody runs unwitnessed by leaving a line out; a demo may."""
    document = smallest()
    del document["log"]["witness"]
    assert set(mistakes(document)) == {"log.witness"}
    config = parse_config(written(document | {"demo": True}), HERE)
    assert config.log.quorum is None


def test_the_limits_of_an_unwitnessed_log_come_in_order() -> None:
    """The alarm first, the refusal after it; a county may choose both."""
    document = smallest()
    document["log"] |= {"unwitnessed_alarm_seconds": 60}
    config = parse_config(written(document), HERE)
    assert config.log.unwitnessed_alarm_seconds == 60
    assert config.log.unwitnessed_refuse_seconds == 24 * 3600
    document["log"] |= {"unwitnessed_refuse_seconds": 59}
    assert mistakes(document) == {
        "log.unwitnessed_refuse_seconds": (
            "is shorter than unwitnessed_alarm_seconds: no alarm would come;"
            " at least 60"
        )
    }


def test_plain_http_only_to_this_machine_in_a_demo() -> None:
    """A demo's issuer may be named by plain http; no key is ever fetched so."""
    document = smallest()
    document["issuers"][0] = {
        "issuer": "http://127.0.0.1:9000",
        "audience": "x",
        "jwks_url": "http://127.0.0.1:9000/keys",
    }
    assert set(mistakes(document)) == {"issuers.0.issuer", "issuers.0.jwks_url"}
    assert set(mistakes(document | {"demo": True})) == {"issuers.0.jwks_url"}
