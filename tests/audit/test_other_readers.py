"""Programs written elsewhere accept our log, and what they wrote is accepted here.

Tessera's fsck, Go's checksum database, transparency-dev's formats; a log of Tessera's.
"""

from __future__ import annotations

import contextlib
import functools
import http.server
import shutil
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from audit.checkpoint import without_mldsa
from audit.errors import SourceUnreadable
from audit.proof import leaf_at, prove
from audit.publish import publish
from audit.reading import FolderSource
from audit.report import Outcome
from audit.signer import SeedSigner
from audit.verify import Trust, verify
from audit.web import WebSource
from tests.audit.builders import KEYS, START_MS, filled

pytestmark = pytest.mark.services

Finder = Callable[[str], Path]


SIZE = 1000


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a store, its public copy and the log's keys."""
    folder = tmp_path_factory.mktemp("log")
    filled(folder / "store", SIZE)
    publish(folder / "store", folder / "public", now_ms=START_MS)
    (folder / "log.vkey").write_text(KEYS.log.verifier.text)
    signing = [key for key in KEYS.verifiers if not key.name.endswith("/receipt")]
    (folder / "signing.vkeys").write_text("\n".join(key.text for key in signing))
    return folder


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves a folder and says nothing."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def served(tree: Path) -> Iterator[str]:
    """Serve a tree as any web server would; yield its address."""
    handler = functools.partial(Quiet, directory=str(tree))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def fsck(
    require_tool: Finder, where: str, key: Path, limit_s: float = 60
) -> subprocess.CompletedProcess[str]:
    """Run Tessera's checker."""
    return subprocess.run(
        [
            str(require_tool("fsck")),
            f"--storage_url={where}/",
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
    answer = fsck(require_tool, f"file://{log / tree}", log / "log.vkey")

    assert answer.returncode == 0, answer.stderr
    assert f"Successfully fsck'd log with size {SIZE}" in answer.stderr


def test_tessera_fsck_over_http(require_tool: Finder, log: Path) -> None:
    """The same, from a plain web server that shows the public copy."""
    with served(log / "public") as url:
        answer = fsck(require_tool, url, log / "log.vkey")

    assert answer.returncode == 0, answer.stderr
    assert f"Successfully fsck'd log with size {SIZE}" in answer.stderr


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
        where = f"file://{tmp_path / 'copy'}"
        answer = fsck(require_tool, where, log / "log.vkey", limit_s=3)
        assert answer.returncode != 0


def sumdb(require_tool: Finder, *words: str | Path) -> tuple[int, str, str]:
    """Run the program around Go's checksum database."""
    answer = subprocess.run(
        [str(require_tool("sumdb")), *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
    )
    return answer.returncode, answer.stdout, answer.stderr


@pytest.mark.parametrize("tree", ["store/live", "public"])
def test_go_checksum_database(require_tool: Finder, log: Path, tree: str) -> None:
    """Go's own code opens the note, hashes the tree and checks every entry's proof.

    Both cosignatures, Ed25519 and ML-DSA-44, are checked by other code as well.
    """
    answer = sumdb(require_tool, log / tree, log / "signing.vkeys", "700")

    assert answer[:2] == (0, f"{SIZE}\n"), answer[2]


def test_an_altered_mldsa_line_is_refused_there_too(
    require_tool: Finder, log: Path, tmp_path: Path
) -> None:
    """So what it accepted above was that line, not its absence."""
    shutil.copytree(log / "public", tmp_path / "copy")
    path = tmp_path / "copy" / "checkpoint"
    whole = path.read_bytes()
    path.write_bytes(whole[:-100] + b"AAAA" + whole[-96:])
    code, _, said = sumdb(require_tool, tmp_path / "copy", log / "signing.vkeys")
    assert (code, "invalid signature" in said) == (1, True), said
    path.write_bytes(without_mldsa(whole))
    code, _, said = sumdb(require_tool, tmp_path / "copy", log / "signing.vkeys")
    assert (code, "3 keys, 2 of them signed" in said) == (1, True), said


@pytest.mark.parametrize(
    ("mldsa", "keys"), [(True, "signing.vkeys"), (False, "log.vkey")]
)
def test_proofs_are_read_elsewhere(
    require_tool: Finder, log: Path, tmp_path: Path, *, mldsa: bool, keys: str
) -> None:
    """A .tlog-proof of ours, small or whole, holds for code not written here."""
    source = FolderSource(log / "public")
    note = (log / "public" / "checkpoint").read_bytes()
    leaf, proof = tmp_path / "leaf", tmp_path / "x.tlog-proof"
    leaf.write_bytes(leaf_at(source, 777, SIZE))
    proof.write_bytes(prove(source, 777, note, SIZE, mldsa=mldsa).pack())

    answer = sumdb(require_tool, "-proof", proof, leaf, log / keys)
    assert answer[:2] == (0, "777\n"), answer[2]
    leaf.write_bytes(leaf.read_bytes() + b" ")
    assert sumdb(require_tool, "-proof", proof, leaf, log / keys)[0] == 1


# --- a log that was written elsewhere ---------------------------------------------


@contextlib.contextmanager
def tessera(require_tool: Finder, folder: Path, key: Path, port: int) -> Iterator[str]:
    """Run Tessera's own log on a folder; yield its address."""
    program = str(require_tool("posix"))
    process = subprocess.Popen(
        [
            program,
            f"--storage_dir={folder}",
            f"--private_key={key}",
            f"--listen=127.0.0.1:{port}",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def until(work: Callable[[], bool], what: str) -> None:
    """Try something again until it is so; servers start when they like."""
    deadline = time.monotonic() + 60
    while not work():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def add(url: str, data: bytes) -> int:
    """Add an entry to Tessera's log; return its index."""
    with urllib.request.urlopen(f"{url}/add", data, 30) as answer:  # noqa: S310 - loopback
        return int(answer.read())


def test_a_log_written_by_tessera_verifies_here(
    require_tool: Finder, tmp_path: Path, free_port: Callable[[], int]
) -> None:
    """Its folder and its address; one flipped byte in it is found and named."""
    require_tool("posix")
    signer = SeedSigner.generate("tessera.example/log")
    key, folder = tmp_path / "key", tmp_path / "log"
    key.write_text(signer.secret_text)
    trust = Trust(keys=[signer.verifier])
    leaves = [b"leaf %d" % number for number in range(512)]

    def served_size() -> int:
        data = WebSource(url).read("checkpoint") or b"\n0\n"
        return int(data.split(b"\n")[1])

    def up() -> bool:
        with contextlib.suppress(SourceUnreadable):
            return WebSource(url).read("checkpoint") is not None
        return False

    with tessera(require_tool, folder, key, free_port()) as url:
        until(up, "Tessera did not start")
        with ThreadPoolExecutor(64) as pool:
            indices = list(pool.map(functools.partial(add, url), leaves))
        until(lambda: served_size() == len(leaves), "no checkpoint of all entries")
        online = verify(WebSource(url), trust, leaves=False)

    assert sorted(indices) == list(range(len(leaves)))
    source = FolderSource(folder)
    assert leaf_at(source, indices[7], len(leaves)) == leaves[7]
    for report in (online, verify(source, trust, leaves=False)):
        assert report.outcome() is Outcome.UNWITNESSED, report.lines()
        assert report.facts["entries"] == len(leaves)

    path = folder / "tile" / "entries" / "001"
    data = bytearray(path.read_bytes())
    data[100] ^= 1
    path.chmod(0o644)
    path.write_bytes(data)
    report = verify(source, trust, leaves=False)
    assert report.outcome() is Outcome.TAMPERED
    assert report.findings[0].where == "tile/entries/001"
