"""Programs written elsewhere accept our log: Tessera's fsck, Go's checksum database."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from audit.publish import publish
from tests.audit.builders import KEYS, START_MS, filled

pytestmark = pytest.mark.services

Finder = Callable[[str], Path]


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a store, its public copy and the log's key."""
    folder = tmp_path_factory.mktemp("log")
    filled(folder / "store", 1000)
    publish(folder / "store", folder / "public", now_ms=START_MS)
    (folder / "log.vkey").write_text(KEYS.log.verifier.text)
    return folder


def fsck(
    require_tool: Finder, tree: Path, key: Path, limit_s: float = 60
) -> subprocess.CompletedProcess[str]:
    """Run Tessera's checker."""
    return subprocess.run(
        [
            str(require_tool("fsck")),
            f"--storage_url=file://{tree}/",
            f"--public_key={key}",
            "--ui=false",
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=limit_s,
    )


@pytest.mark.parametrize("tree", ["store/live", "public"])
def test_tessera_fsck(require_tool: Finder, log: Path, tree: str) -> None:
    """Tessera's own checker finds nothing, in the store and in the public copy."""
    answer = fsck(require_tool, log / tree, log / "log.vkey")

    assert answer.returncode == 0, answer.stderr
    assert "Successfully fsck'd log with size 1000" in answer.stderr


def test_tessera_fsck_does_not_accept_a_flip(
    require_tool: Finder, log: Path, tmp_path: Path
) -> None:
    """The same checker never ends well with a flipped byte, so its word counts.

    At v1.0.4 it does not end at all then, hence the limit.
    """
    shutil.copytree(log / "public", tmp_path / "copy")
    path = tmp_path / "copy" / "tile" / "entries" / "001"
    data = bytearray(path.read_bytes())
    data[100] ^= 1
    path.chmod(0o644)
    path.write_bytes(data)

    with contextlib.suppress(subprocess.TimeoutExpired):
        answer = fsck(require_tool, tmp_path / "copy", log / "log.vkey", limit_s=3)
        assert answer.returncode != 0


@pytest.mark.parametrize("tree", ["store/live", "public"])
def test_go_checksum_database(require_tool: Finder, log: Path, tree: str) -> None:
    """Go's own code opens the note, hashes the tree and checks every entry's proof."""
    answer = subprocess.run(
        [str(require_tool("sumdb")), str(log / tree), str(log / "log.vkey"), "700"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (answer.returncode, answer.stdout) == (0, "1000\n"), answer.stderr
