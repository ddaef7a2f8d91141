"""The settings as data: complete, explained, with units."""

from __future__ import annotations

from gateway.config import settings
from gateway.config.reference import as_written


def test_every_setting_is_explained() -> None:
    """Each line has a path of its own, a type and a sentence."""
    found = settings()
    assert len({item.path for item in found}) == len(found)
    for item in found:
        assert item.help.endswith("."), item.path
        assert item.type, item.path
    by_path = {item.path: item for item in found}
    assert by_path["log.auditors.*.key"].type == "path"
    assert by_path["server.max_body_bytes"].default == "65536"
    assert by_path["issuers.*.issuer"].default == "required"
    assert by_path["demo"].default == "false"


def test_what_only_one_kind_has_says_so() -> None:
    """Settings of all kinds stand there once; others say whose they are."""
    by_path = {item.path: item for item in settings()}
    assert by_path["sources.*.kind"].type == "sqlite | postgres"
    assert by_path["sources.*.timeout_ms"].help == "Longest statement."
    assert by_path["sources.*.path"].help.startswith("(sqlite) ")
    assert by_path["sources.*.host"].help.startswith("(postgres) ")


def test_a_branch_of_a_union_is_no_part_of_a_path() -> None:
    """What names the kind in an error is left out; a source of that name is not."""
    assert as_written(("sources", "jail", "sqlite", "path")) == (
        *("sources", "jail", "path"),
    )
    assert as_written(("sources", "sqlite", "postgres", "host")) == (
        *("sources", "sqlite", "host"),
    )
    assert as_written(("log", "auditors", 0, "key")) == ("log", "auditors", 0, "key")


def test_every_number_has_a_unit() -> None:
    """No integer without a unit, but for levels and the like."""
    bare = {
        item.path for item in settings() if item.type == "integer" and not item.unit
    }
    assert bare == {
        "server.max_depth",
        "issuers.*.assurance.ial",
        "issuers.*.assurance.aal",
    }
