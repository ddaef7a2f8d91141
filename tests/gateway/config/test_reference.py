"""The settings as data: complete, explained, with units."""

from __future__ import annotations

from gateway.config import settings


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
