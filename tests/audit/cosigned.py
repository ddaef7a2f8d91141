"""Trees whose checkpoints witnesses are asked to sign, and who has signed them."""

from __future__ import annotations

from pathlib import Path

from audit.checkpoint import cosignatures
from audit.cosigning import Signed
from audit.keyring import Keyring
from audit.note import Note
from audit.reading import FolderSource
from tests.audit.builders import KEYS, write_tree
from tests.audit.witnessing import Boards

__all__ = ["LEAVES", "RING", "signers", "tree"]

RING = Keyring.of(KEYS.verifiers)
LEAVES = [b"%d" % number for number in range(600)]


def tree(folder: Path, size: int, *, leaves: list[bytes] = LEAVES) -> Signed:
    """Write a tree of so many entries; return its checkpoint, not yet cosigned."""
    write_tree(folder, leaves[:size])
    return Signed(
        note=(folder / "checkpoint").read_bytes(),
        tree=FolderSource(folder),
        keys=RING,
        stored=lambda: size,
    )


def signers(note: bytes, boards: Boards) -> set[str]:
    """Return the names of the witnesses whose lines hold."""
    keys = [each.signer.verifier for each in boards.boards]
    return {key.name for key in cosignatures(Note.parse(note), keys).times}
