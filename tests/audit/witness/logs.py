"""Logs that only sign: every tree is known, so any proof can be made."""

from __future__ import annotations

from pathlib import Path

from audit.addcheckpoint import AddCheckpoint
from audit.checkpoint import Checkpoint, sign_checkpoint
from audit.merkle import consistency_path, leaf_hash, root_of
from audit.signer import SeedSigner
from audit.vkey import COSIGNATURE, ED25519
from audit.witness.settings import Settings, read_settings

__all__ = [
    "HISTORY",
    "LOG_KEY",
    "ORIGIN",
    "OTHER",
    "asked",
    "proof",
    "root",
    "settings",
    "signed",
]

ORIGIN = "county.example/log"
LOG_KEY = SeedSigner(name=ORIGIN, kind=ED25519, seed=b"\x07" * 32)
HISTORY = tuple(leaf_hash(b"%d" % number) for number in range(40))
OTHER = (*HISTORY[:2], leaf_hash(b"another"), *HISTORY[3:])
"""A second history, that differs from its third entry on."""


def root(size: int, leaves: tuple[bytes, ...] = HISTORY) -> bytes:
    """Return the root of the first so many entries."""
    return root_of(leaves[:size])


def signed(
    size: int, leaves: tuple[bytes, ...] = HISTORY, *, key: SeedSigner = LOG_KEY
) -> bytes:
    """Return the checkpoint of the first so many entries."""
    head = Checkpoint(origin=ORIGIN, size=size, root=root(size, leaves))
    return sign_checkpoint(head, log=key, time=None, seconds=0)


def proof(
    old: int, size: int, leaves: tuple[bytes, ...] = HISTORY
) -> tuple[bytes, ...]:
    """Return the proof that one tree is the start of another."""
    if old == 0:
        return ()

    def subtree(level: int, index: int) -> bytes:
        return root_of(leaves[index << level : (index + 1) << level])

    return consistency_path(old, size, subtree)


def asked(
    old: int,
    size: int,
    leaves: tuple[bytes, ...] = HISTORY,
    *,
    key: SeedSigner = LOG_KEY,
) -> bytes:
    """Return the body of a request, with a right proof."""
    request = AddCheckpoint(
        old=old,
        proof=proof(old, size, leaves),
        checkpoint=signed(size, leaves, key=key),
    )
    return request.pack()


def settings(folder: Path, more: str = "") -> Settings:
    """Write a witness's files in a folder and read its configuration."""
    key = SeedSigner(name="board.example/w", kind=COSIGNATURE, seed=b"\x09" * 32)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "witness.key"
    path.touch(mode=0o600)
    path.write_text(key.secret_text + "\n")
    (folder / "county.vkey").write_text(LOG_KEY.verifier.text + "\n")
    (folder / "witness.toml").write_text(
        'listen = "127.0.0.1:0"\ndatabase = "witness.db"\nkeys = ["witness.key"]\n'
        f'[[logs]]\nvkeys = "county.vkey"\n{more}'
    )
    return read_settings(folder / "witness.toml")
