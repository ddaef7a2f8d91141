"""The state key: private, of one length, one derived key for each use."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from gateway.errors import InvalidFile
from gateway.state import StateKeys, create_state_key

PINNED = {
    "reviews": "834fcad130364a0f",
    "archive": "3a31b5f4f736bd6d",
    "dedup": "950c4613b9c06ce2",
    "papers": "60a05b950ca6c72c",
    "acts": "7488e9b7a1563c8c",
    "asked": "472dfce15e316eb1",
    "pseudonyms": "54ef5df40e6aa5cf",
}


def test_the_derived_keys_are_pinned() -> None:
    """What was sealed stays readable: the derivation does not change by accident."""
    keys = StateKeys.derive(bytes(range(32)))
    found = {k: v.hex()[:16] for k, v in dataclasses.asdict(keys).items()}
    assert found == PINNED


def test_no_key_serves_two_uses() -> None:
    """Every use has a key of its own, of 32 bytes."""
    values = dataclasses.astuple(StateKeys.derive(b"x" * 32))
    assert len(set(values)) == len(values)
    assert {len(value) for value in values} == {32}


def test_a_key_never_shows_itself() -> None:
    """The keys have no representation that could be logged."""
    secret = b"CANARYCANARYCANARYCANARYCANARY12"
    keys = StateKeys.derive(secret)
    assert keys.reviews.hex() not in repr(keys)
    assert repr(keys.reviews)[2:-1] not in repr(keys)


def test_a_created_key_is_private_and_never_replaced(tmp_path: Path) -> None:
    """A new key is 0600; a second creation refuses."""
    path = tmp_path / "keys/state"
    create_state_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
    before = StateKeys.read(path)
    with pytest.raises(FileExistsError):
        create_state_key(path)
    assert StateKeys.read(path) == before


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_key_of_another_length_is_refused(tmp_path: Path, size: int) -> None:
    """A cut or padded key file is refused by name."""
    path = tmp_path / "key"
    path.touch(mode=0o600)
    path.write_bytes(b"x" * size)
    with pytest.raises(InvalidFile):
        StateKeys.read(path)
