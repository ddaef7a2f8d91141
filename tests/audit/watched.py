"""A log that is watched, and the board that countersigns it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from audit.act import Act
from audit.checkpoint import cosignature_line
from audit.note import Note
from audit.policyfile import Policy
from audit.reading import FolderSource, Source
from audit.signer import SeedSigner
from audit.verify import Trust
from audit.vkey import COSIGNATURE
from tests.audit.builders import (
    CFG,
    GENESIS,
    KEYS,
    ROSTER,
    START_S,
    leaf,
    statement,
    write_act,
    write_tree,
)

__all__ = ["BOARD", "CUT", "POLICY", "TRUST", "cosign", "tree"]

BOARD = SeedSigner.generate("board.example/w", COSIGNATURE)
POLICY = f"witness w {BOARD.verifier.text}\nquorum w\n"
TRUST = Trust(
    keys=KEYS.verifiers, policy=Policy.parse(POLICY.encode()), roster=ROSTER.digest
)
CUT = Act(statement=statement("cutoff", scope="all", name="-"))


def tree(
    folder: Path,
    size: int,
    *,
    cut: int | None = None,
    cosigned: bool = True,
    other: bool = False,
    seconds: int = START_S,
) -> Source:
    """Write a log of so many entries, with a cut-off at an index."""
    leaves = [leaf(cfg=CFG, **write_act(folder, GENESIS))]
    for index in range(1, size):
        more: dict[str, Any] = {"n": 2} if other and index == 1 else {}
        if index == cut:
            more = {**write_act(folder, CUT), "ev": "act"}
        leaves.append(leaf(cfg=CFG, **more))
    write_tree(folder, leaves, seconds=seconds)
    if cosigned:
        cosign(folder)
    return FolderSource(folder)


def cosign(folder: Path) -> None:
    """Have the board sign the checkpoint."""
    path = folder / "checkpoint"
    data = path.read_bytes()
    line = cosignature_line(Note.parse(data).text, BOARD, START_S)
    path.write_bytes(data + line.encode())
