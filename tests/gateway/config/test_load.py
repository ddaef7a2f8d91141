"""Reading sallyport.yaml: what is right, and every mistake at once."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config import Config, load, parse_config, resolved
from gateway.config.example import SMALLEST
from gateway.errors import InvalidFile

HERE = Path("/somewhere/county/sallyport.yaml")


def written(document: object) -> bytes:
    """Return a document as YAML, of which JSON is a part."""
    return json.dumps(document).encode()


def smallest() -> dict[str, Any]:
    """Return a copy of the smallest configuration."""
    return copy.deepcopy(SMALLEST)


def mistakes(document: object) -> dict[str, str]:
    """Return the mistakes of a document: dotted path to the rest of the line."""
    with pytest.raises(InvalidFile) as caught:
        parse_config(written(document), HERE)
    assert all(
        item.path.startswith("sallyport.yaml:") for item in caught.value.mistakes
    )
    return {
        item.path.removeprefix("sallyport.yaml:"): f"{item.problem}; {item.advice}"
        for item in caught.value.mistakes
    }


def test_smallest_is_enough() -> None:
    """The smallest configuration loads, with every default filled in."""
    config = parse_config(written(SMALLEST), HERE)
    assert config.engines == ("embedded",)
    assert config.replicas == 1
    assert config.log.public_delay_seconds == 3600
    assert config.zone.key == "America/Chicago"


def test_paths_are_relative_to_the_file() -> None:
    """Relative paths start at the file's folder, defaults included."""
    config = parse_config(written(SMALLEST), HERE)
    assert config.server.key == HERE.parent / "tls/server.key"
    assert config.registry == HERE.parent / "agencies.yaml"
    assert config.control.socket == HERE.parent / "run/control.sock"
    assert config.state_path == HERE.parent / "state.db"
    assert config.path == HERE


def test_absolute_paths_stay() -> None:
    """An absolute path is taken as it is."""
    document = smallest()
    document["state"]["key"] = "/keys/state"
    assert parse_config(written(document), HERE).state.key == Path("/keys/state")


def test_policies_default_to_the_installed_ones() -> None:
    """Without a folder of rules the packaged one is used."""
    config = parse_config(written(SMALLEST), HERE)
    assert config.policies.name in {"policies", "_policies"}
    assert config.policies.is_absolute()


def test_every_mistake_at_once_with_the_nearest_word() -> None:
    """Typos, wrong types, missing settings and contradictions come together."""
    document = smallest()
    document["jurisdiction"]["time_zon"] = document["jurisdiction"].pop("time_zone")
    document["replicas"] = 2
    document["policis"] = "x"
    document["sources"]["jail"]["kind"] = "sqlit"
    document["issuers"][0]["jwks_url"] = "https://login.example/keys"
    document["log"]["witness"] = "trust.policy"
    del document["log"]["origin"]
    found = mistakes(document)
    assert found == {
        "jurisdiction.time_zone": (
            "is missing; Zone in which legal days begin, such as America/Chicago."
        ),
        "jurisdiction.time_zon": "is not a setting; did you mean time_zone?",
        "replicas": "is not one of: 1; ",
        "policis": "is not a setting; did you mean policies?",
        "sources.jail.kind": "is not one of: sqlite; did you mean sqlite?",
        "issuers.0": (
            "has 2 sources of keys; give exactly one of discovery, jwks_url, jwks_file"
        ),
        "log.witness": (
            "names a quorum, but this version collects no cosignatures;"
            " say witness: none"
        ),
        "log.origin": "is missing; The log's name in every checkpoint.",
    }


def test_an_empty_document_names_every_required_section() -> None:
    """Nothing at all is answered with everything that is needed."""
    assert set(mistakes({})) == {
        "schema",
        "jurisdiction",
        "server",
        "issuers",
        "sources",
        "log",
        "state",
    }


@pytest.mark.parametrize("data", [b"", b"- 1", b"null", b"text", b"\xff"])
def test_not_a_mapping(data: bytes) -> None:
    """A file that is no mapping is refused in words."""
    with pytest.raises(InvalidFile):
        parse_config(data, HERE)


def test_missing_file(tmp_path: Path) -> None:
    """A file that is not there is named."""
    with pytest.raises(InvalidFile, match=r"sallyport\.yaml: cannot be read"):
        load(tmp_path / "sallyport.yaml")


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"admin": {"listen": "0.0.0.0:9443"}}, "admin.listen"),
        ({"admin": {"listen": "gateway.example:9443"}}, "admin.listen"),
        ({"admin": {"listen": "127.0.0.1"}}, "admin.listen"),
        ({"admin": {"listen": "127.0.0.1:70000"}}, "admin.listen"),
        ({"admin": {"listen": "127.0.0.1:8443"}}, "admin.listen"),
        ({"engines": []}, "engines"),
        ({"engines": ["opa"]}, "engines.0"),
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


def test_resolved_never_holds_a_secret(tmp_path: Path) -> None:
    """The resolved configuration has the path of a key, not the key."""
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys/state").write_bytes(b"CANARY-SECRET")
    config = parse_config(written(SMALLEST), tmp_path / "sallyport.yaml")
    text = str(resolved(config))
    assert "keys/state" in text
    assert "CANARY" not in text


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*SMALLEST, "x", "log"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*SMALLEST, "limits", "x"]), JUNK))
def test_any_document_is_taken_or_named(change: dict[str, object]) -> None:
    """Whatever is written, it loads or ends in named mistakes; nothing else."""
    before = copy.deepcopy(SMALLEST)
    found: Config | list[str]
    try:
        found = parse_config(written(smallest() | change), HERE)
    except InvalidFile as error:
        found = [item.problem for item in error.mistakes]
    assert isinstance(found, Config) or (found and all(found))
    assert before == SMALLEST


def test_the_file_checks_join_the_rest(tmp_path: Path) -> None:
    """Missing files are reported in the same breath as other mistakes."""
    path = tmp_path / "sallyport.yaml"
    path.write_bytes(written(smallest() | {"nonsense": 1}))
    with pytest.raises(InvalidFile) as caught:
        load(path)
    paths = {
        item.path.removeprefix("sallyport.yaml:") for item in caught.value.mistakes
    }
    assert {"nonsense", "server.key", "log.keys.time", "registry"} <= paths
