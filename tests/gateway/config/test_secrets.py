"""Secret files: private or refused, and never repeated."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.config import private_file_problem, read_secret
from gateway.errors import InvalidFile


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A private file with a secret in it."""
    path = tmp_path / "key"
    path.write_bytes(b"CANARY")
    path.chmod(0o600)
    return path


def test_a_private_file_is_read(secret: Path) -> None:
    """Mode 0600 is accepted, and so is 0400."""
    assert read_secret(secret) == b"CANARY"
    secret.chmod(0o400)
    assert read_secret(secret) == b"CANARY"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o601, 0o620])
def test_a_file_open_to_others_is_refused(secret: Path, mode: int) -> None:
    """Any bit for group or world refuses, and the sentence says what to run."""
    secret.chmod(mode)
    with pytest.raises(InvalidFile, match="chmod 600") as caught:
        read_secret(secret)
    assert "CANARY" not in str(caught.value)


def test_missing_empty_large_and_folders_are_refused(tmp_path: Path) -> None:
    """What is not a file with a secret in it is refused by name."""
    assert "cannot be read" in private_file_problem(tmp_path / "none")
    assert private_file_problem(tmp_path) == "is not a file; name the file itself"
    empty, large = tmp_path / "empty", tmp_path / "large"
    for path, size in ((empty, 0), (large, 70_000)):
        path.touch(mode=0o600)
        path.write_bytes(b"x" * size)
    with pytest.raises(InvalidFile, match="is empty"):
        read_secret(empty)
    with pytest.raises(InvalidFile, match="larger than"):
        read_secret(large)
