"""Logs whose bytes are pinned: another implementation's, and our own."""

from __future__ import annotations

import contextlib
import subprocess
from pathlib import Path

from audit.checkpoint import Checkpoint, sign_checkpoint
from audit.merkle import leaf_hash
from audit.note import b64encode
from audit.signer import SeedSigner
from audit.tiles import pack_entries
from audit.tree import Tree
from scripts.tools import Missing, go
from tests.conftest import missing

TESSERA_KEY = (
    "PRIVATE+KEY+example.com/log/testdata+33d7b496+"
    "AeymY/SZAX0jZcJ8enZ5FY1Dz+wTML2yWSkK+9DSF3eg"
)
WORDS = ["one", "two", "three", "four", "five", "six", "seven", "eit", "nain", "ten"]
WORDS += ["ileven", "twelf", "threeten", "fourten", "fivten"]

# Signatures of the same key over the same leaves, typed in from the golden log.
KNOWN = {
    0: "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
    3: "Wqx3HImawpLnS/Gv4ubjAvi1WIOy0b8Ze0amvqbavKk=",
}
KNOWN_3 = (
    b"example.com/log/testdata\n3\nWqx3HImawpLnS/Gv4ubjAvi1WIOy0b8Ze0amvqbavKk=\n\n"
    b"\xe2\x80\x94 example.com/log/testdata "
    b"M9e0lvAQRtH832pk2RTbeSeZMkp4FZSdJYFBUjO5SKxuRbywPUF3cx+HUrb50kjd3rUWW/fj53Wj1d"
    b"wcwh9bGQnqVAg=\n"
)


def built(size: int) -> tuple[bytes, bytes, bytes]:
    """Return checkpoint, tile and bundle of the first words."""
    signer = SeedSigner.parse(TESSERA_KEY)
    leaves = [word.encode() for word in WORDS[:size]]
    tree = Tree()
    tree.add(map(leaf_hash, leaves))
    checkpoint = Checkpoint(origin=signer.verifier.name, size=size, root=tree.root())
    note = sign_checkpoint(checkpoint, log=signer, time=None, seconds=0)
    tile = b"".join(data for _, data in tree.partial())
    return note, tile, pack_entries(leaves)


def test_known_sizes() -> None:
    """Two sizes of the golden log, typed in: roots, and all bytes of one."""
    for size, root in KNOWN.items():
        assert built(size)[0].decode().split("\n")[2] == root
    assert built(3)[0] == KNOWN_3


def compare(golden: Path) -> None:
    """Compare all sixteen sizes of the golden log byte for byte."""
    for size in range(16):
        note, tile, bundle = built(size)
        assert note == (golden / f"checkpoint.{size}").read_bytes()
        if size:
            partial = f"000.p/{size}"
            assert tile == (golden / "tile" / "0" / partial).read_bytes()
            assert bundle == (golden / "tile" / "entries" / partial).read_bytes()


def test_all_sizes_of_the_golden_log(reference: Path) -> None:
    """All sixteen sizes give the golden log's bytes."""
    compare(reference / "vectors" / "tessera-log")


def test_the_golden_log_of_the_go_module() -> None:
    """The same, from the test data of the Go module that our tools are built from."""
    folders: list[Path] = []
    with contextlib.suppress(OSError, Missing, subprocess.CalledProcessError):
        command = [str(go(())), "env", "GOMODCACHE"]
        answer = subprocess.run(command, capture_output=True, text=True, check=True)
        module = Path(answer.stdout.strip()) / "github.com/transparency-dev"
        folders = sorted(module.glob("tessera@*/testdata/log"))
    if not folders:
        missing("the golden log of Tessera's module", "run make tools")
    compare(folders[-1])


def test_our_own_tree_of_seventy_thousand() -> None:
    """The root of 70,000 known leaves, over three levels of tiles, is pinned."""
    tree = Tree()
    full = tree.add(leaf_hash(b"leaf %d" % number) for number in range(70_000))

    assert b64encode(tree.root()) == "2gUy/3su5W9AZxEPyWTp8ntZWflSe//z+lAap1hN6vM="
    assert len(full) == 274
    assert [tile.width for tile, _ in tree.partial()] == [112, 17, 1]
