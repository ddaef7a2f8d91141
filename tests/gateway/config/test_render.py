"""The resolved configuration: values in force, secrets as paths."""

from __future__ import annotations

from pathlib import Path

from gateway.config import parse_config, resolved
from gateway.config.example import SMALLEST
from tests.gateway.config.documents import written


def test_resolved_never_holds_a_secret(tmp_path: Path) -> None:
    """The resolved configuration has the path of a key, not the key."""
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys/state").write_bytes(b"CANARY-SECRET")
    config = parse_config(written(SMALLEST), tmp_path / "sallyport.yaml")
    text = str(resolved(config))
    assert "keys/state" in text
    assert "CANARY" not in text
