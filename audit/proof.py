"""Proofs that need no log at hand (C2SP tlog-proof)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from audit.checkpoint import (
    Cosigned,
    tree_size,
    without_mldsa,
)
from audit.chosen import ChosenSource
from audit.errors import CannotTell, Malformed, ProofInvalid
from audit.keyring import Keyring
from audit.merkle import (
    HASH_SIZE,
    Subtree,
    consistency_path,
    inclusion_path,
    joined_root,
    leaf_hash,
    root_of,
    subtree_hash,
    verify_inclusion,
)
from audit.note import Verifier, b64decode, b64encode
from audit.reading import Source, read_tile
from audit.tiles import ENTRIES, WIDTH, Tile, entries_of

__all__ = [
    "Proof",
    "consistency",
    "hash_at",
    "leaf_at",
    "path_to",
    "prove",
    "stored_root",
    "subtrees",
]

_HEAD = "c2sp.org/tlog-proof@v1"
_BITS = 8
_MOST = 64
_MOST_BYTES = 1_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Proof:
    """An entry's index, its path, and the checkpoint that the path leads to."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None

    def pack(self) -> bytes:
        """Return the bytes of a ``.tlog-proof`` file."""
        lines = [_HEAD]
        if self.extra is not None:
            lines.append(f"extra {b64encode(self.extra)}")
        lines.append(f"index {self.index}")
        lines += map(b64encode, self.path)
        return "\n".join([*lines, "", ""]).encode() + self.checkpoint

    @classmethod
    def parse(cls, data: bytes) -> Proof:
        """Read a ``.tlog-proof`` file.

        Raises:
            Malformed: ``proof-too-long``, ``proof-utf8``, ``proof-head``,
                ``proof-lines``, ``proof-extra``, ``proof-index`` or ``proof-hash``.
        """
        if len(data) > _MOST_BYTES:
            raise Malformed("proof-too-long")
        head, gap, checkpoint = data.partition(b"\n\n")
        try:
            lines = head.decode().split("\n")
        except UnicodeDecodeError:
            raise Malformed("proof-utf8") from None
        if lines.pop(0) != _HEAD:
            raise Malformed("proof-head")
        extra = None
        if lines and lines[0].startswith("extra "):
            extra = b64decode(lines.pop(0).removeprefix("extra "), "proof-extra")
        if not gap or not lines or not lines[0].startswith("index "):
            raise Malformed("proof-lines")
        index = tree_size(lines.pop(0).removeprefix("index "), "proof-index")
        path = tuple(b64decode(line, "proof-hash") for line in lines)
        if len(path) >= _MOST or any(len(each) != HASH_SIZE for each in path):
            raise Malformed("proof-hash")
        return cls(index=index, path=path, checkpoint=checkpoint, extra=extra)

    def check(self, leaf: bytes, keys: Iterable[Verifier] | Keyring) -> Cosigned:
        """Check that ``leaf`` stands at the index, and return the checkpoint.

        That there is no ML-DSA line is no fault: a proof may be shortened by them.

        Raises:
            Malformed, ProofInvalid: it does not, or the checkpoint is not the log's.
            CannotTell: the keys are not this log's.
        """
        ring = keys if isinstance(keys, Keyring) else Keyring.of(keys)
        opened = ring.open(self.checkpoint, shortened=True)
        checkpoint = opened.checkpoint
        verify_inclusion(
            leaf_hash(leaf), self.index, checkpoint.size, self.path, checkpoint.root
        )
        return opened


def subtrees(source: Source, size: int) -> Subtree:
    """Return a reader of complete subtrees' hashes from the tiles of a tree."""

    @cache
    def hashes(level: int, index: int) -> bytes:
        width = min(WIDTH, (size >> (_BITS * level)) - index * WIDTH)
        tile = Tile(level=level, index=index, width=width)
        data = read_tile(source, tile)
        if data is None or len(data) != width * HASH_SIZE:
            raise ProofInvalid(f"{tile.path} is missing or has a wrong length")
        return data

    def subtree(level: int, index: int) -> bytes:
        count = 1 << (level % _BITS)
        first = index * count
        at = first % WIDTH * HASH_SIZE
        tile = hashes(level // _BITS, first // WIDTH)
        return joined_root(tile[at : at + count * HASH_SIZE])

    return subtree


def stored_root(source: Source, size: int, upto: int) -> bytes:
    """Return the root of the first ``upto`` entries, from the tiles of a tree."""
    if upto == 0:
        return root_of([])
    return subtree_hash(0, upto, subtrees(source, size))


def leaf_at(source: Source, index: int, size: int) -> bytes:
    """Return one entry's bytes.

    Raises:
        CannotTell: the tree has no such entry.
        ProofInvalid: its bundle is missing or does not read.
    """
    if not 0 <= index < size:
        raise CannotTell(
            f"there is no entry {index}: the checkpoint covers {size}, from 0 on; "
            "a new entry is there once the next is signed"
        )
    if isinstance(source, ChosenSource):
        return source.line(index).data
    number = index // WIDTH
    width = min(WIDTH, size - number * WIDTH)
    tile = Tile(level=ENTRIES, index=number, width=width)
    data = read_tile(source, tile)
    if data is None:
        raise ProofInvalid(f"{tile.path} is missing")
    try:
        return entries_of(data, width)[index % WIDTH]
    except Malformed as error:
        raise ProofInvalid(f"{tile.path}: {error}") from None


def path_to(source: Source, index: int, size: int) -> tuple[bytes, ...]:
    """Return the path from one entry to the root, from the tiles of a tree.

    Of an export of chosen entries it is the one that stands beside the entry.
    """
    if isinstance(source, ChosenSource):
        return source.line(index).path or ()
    return inclusion_path(index, size, subtrees(source, size))


def hash_at(source: Source, index: int, size: int) -> bytes:
    """Return the hash of one entry as it lies there; whether it holds, its path says.

    Raises:
        ProofInvalid: it is missing or does not read.
    """
    if isinstance(source, ChosenSource):
        return leaf_hash(source.line(index).data)
    return subtrees(source, size)(0, index)


def prove(
    source: Source, index: int, checkpoint: bytes, size: int, *, mldsa: bool = False
) -> Proof:
    """Return the proof of one entry for a checkpoint of ``size`` entries.

    With ``mldsa`` the checkpoint keeps its ML-DSA lines; without, the proof is small.
    """
    path = path_to(source, index, size)
    kept = checkpoint if mldsa else without_mldsa(checkpoint)
    return Proof(index=index, path=path, checkpoint=kept)


def consistency(source: Source, size1: int, size2: int) -> tuple[bytes, ...]:
    """Return the proof that the tree of ``size1`` is the start of that of ``size2``."""
    return consistency_path(size1, size2, subtrees(source, size2))
