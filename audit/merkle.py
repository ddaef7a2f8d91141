"""The tree of RFC 6962 section 2.1 (= RFC 9162 section 2.1): pure functions.

A leaf is hashed with a zero byte before it and a node with a one, so that neither
can pass for the other; a tree of n leaves splits at the largest power of two that
is strictly less than n.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from struct import iter_unpack

from audit.errors import ProofInvalid

__all__ = [
    "EMPTY_ROOT",
    "HASH_SIZE",
    "Subtree",
    "consistency_path",
    "inclusion_path",
    "joined_root",
    "leaf_hash",
    "node_hash",
    "root_and_path",
    "root_and_paths",
    "root_from_path",
    "root_of",
    "subtree_hash",
    "verify_consistency",
    "verify_inclusion",
]

HASH_SIZE = 32
_PAIR = 2 * HASH_SIZE
_TWO = f"{_PAIR}s"
# hashlib gives up the interpreter's lock for 2,048 bytes and more; beside a busy event
# loop getting it back can take milliseconds, hashing takes two microseconds.
_PIECE = 2000
EMPTY_ROOT = sha256(b"").digest()

# subtree(level, index): hash of the complete subtree with 2^level leaves.
Subtree = Callable[[int, int], bytes]


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of one leaf's bytes."""
    hashing = sha256(b"\x00" + data[:_PIECE])
    for at in range(_PIECE, len(data), _PIECE):
        hashing.update(data[at : at + _PIECE])
    return hashing.digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of the node over two hashes."""
    return sha256(b"\x01" + left + right).digest()


def root_of(hashes: Sequence[bytes]) -> bytes:
    """Return the root over leaf hashes (the empty root for none)."""
    if not hashes:
        return EMPTY_ROOT
    level = list(hashes)
    while len(level) > 1:
        above = [
            sha256(b"\x01" + left + right).digest()
            for left, right in zip(level[::2], level[1::2], strict=False)
        ]
        if len(level) % 2:  # the last one has no partner and moves up as it is
            above.append(level[-1])
        level = above
    return level[0]


def joined_root(hashes: bytes) -> bytes:
    """Return the root over leaf hashes that lie one after the other, as in a tile."""
    while len(hashes) > HASH_SIZE:
        pairs = len(hashes) // _PAIR * _PAIR
        # Half of a verification's hashes are made here: nothing that is quick is
        # clearer.
        above = [
            sha256(b"\x01" + pair).digest()
            for (pair,) in iter_unpack(_TWO, hashes[:pairs])
        ]
        # The last one of an odd number has no partner and moves up as it is.
        hashes = b"".join(above) + hashes[pairs:]
    return hashes or EMPTY_ROOT


def root_and_paths(
    hashes: Sequence[bytes],
) -> tuple[bytes, list[tuple[bytes, ...]]]:
    """Return the root over leaf hashes and each leaf's inclusion path."""
    root, levels = _root_and_levels(hashes)
    return root, [_path_at(levels, index) for index in range(len(hashes))]


def root_and_path(
    hashes: Sequence[bytes], index: int
) -> tuple[bytes, tuple[bytes, ...]]:
    """Return the root over leaf hashes and one leaf's inclusion path."""
    root, levels = _root_and_levels(hashes)
    return root, _path_at(levels, index)


def _root_and_levels(hashes: Sequence[bytes]) -> tuple[bytes, list[list[bytes]]]:
    levels = [list(hashes)]
    while len(levels[-1]) > 1:
        level = levels[-1]
        above = [
            sha256(b"\x01" + level[i] + level[i + 1]).digest()
            for i in range(0, len(level) - 1, 2)
        ]
        if len(level) % 2:
            above.append(level[-1])
        levels.append(above)
    root = levels.pop()[0]
    return root, levels


def _path_at(levels: list[list[bytes]], index: int) -> tuple[bytes, ...]:
    path: list[bytes] = []
    for level in levels:
        other = index ^ 1
        if other < len(level):
            path.append(level[other])
        index >>= 1
    return tuple(path)


def subtree_hash(start: int, end: int, subtree: Subtree) -> bytes:
    """Return the hash of leaves ``start`` (inclusive) to ``end`` (exclusive).

    ``start`` must be a multiple of the smallest power of two >= the width.
    """
    width = end - start
    level = width.bit_length() - 1
    if width == 1 << level:
        return subtree(level, start >> level)
    split = 1 << level
    return node_hash(
        subtree_hash(start, start + split, subtree),
        subtree_hash(start + split, end, subtree),
    )


def inclusion_path(index: int, size: int, subtree: Subtree) -> tuple[bytes, ...]:
    """Return the path that proves leaf ``index`` in the tree of ``size`` leaves."""
    if not 0 <= index < size:
        raise ProofInvalid(f"index {index} is not in a tree of {size}")
    return tuple(_path(index, 0, size, subtree))


def _path(index: int, start: int, end: int, subtree: Subtree) -> list[bytes]:
    if end - start == 1:
        return []
    split = start + (1 << ((end - start - 1).bit_length() - 1))
    if index < split:
        below = _path(index, start, split, subtree)
        return [*below, subtree_hash(split, end, subtree)]
    return [*_path(index, split, end, subtree), subtree_hash(start, split, subtree)]


def consistency_path(size1: int, size2: int, subtree: Subtree) -> tuple[bytes, ...]:
    """Return the proof that the tree of ``size1`` is the start of that of ``size2``."""
    if not 0 < size1 <= size2:
        raise ProofInvalid(f"no proof from size {size1} to size {size2}")
    if size1 == size2:
        return ()
    return tuple(_growth(size1, 0, size2, subtree, whole=True))


def _growth(
    size1: int, start: int, end: int, subtree: Subtree, *, whole: bool
) -> list[bytes]:
    if size1 == end:
        return [] if whole else [subtree_hash(start, end, subtree)]
    split = start + (1 << ((end - start - 1).bit_length() - 1))
    if size1 <= split:
        below = _growth(size1, start, split, subtree, whole=whole)
        return [*below, subtree_hash(split, end, subtree)]
    below = _growth(size1, split, end, subtree, whole=False)
    return [*below, subtree_hash(start, split, subtree)]


def _all_hashes(hashes: Sequence[bytes]) -> None:
    if any(len(each) != HASH_SIZE for each in hashes):
        raise ProofInvalid("a hash that is not 32 bytes")


def root_from_path(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """Return the root that a path leads to (RFC 9162 section 2.1.3.2).

    Raises:
        ProofInvalid: the index is outside, or the path has a wrong length.
    """
    if not 0 <= index < size:
        raise ProofInvalid(f"index {index} is not in a tree of {size}")
    _all_hashes([leaf, *path])
    node, last, result = index, size - 1, leaf
    for step in path:
        if last == 0:
            raise ProofInvalid("the path is too long")
        if node & 1 or node == last:
            result = node_hash(step, result)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            result = node_hash(result, step)
        node, last = node >> 1, last >> 1
    if last:
        raise ProofInvalid("the path is too short")
    return result


def verify_inclusion(
    leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes
) -> None:
    """Check that ``leaf`` stands at ``index`` of the tree with this size and root.

    Raises:
        ProofInvalid: it does not, or the proof is not one.
    """
    _all_hashes([root])
    if root_from_path(leaf, index, size, path) != root:
        raise ProofInvalid(f"the path of entry {index} does not lead to the root")


def verify_consistency(
    size1: int, size2: int, proof: Sequence[bytes], root1: bytes, root2: bytes
) -> None:
    """Check that one tree is the start of another (RFC 9162 section 2.1.4.2).

    A proof from size 0 proves nothing and is refused.

    Raises:
        ProofInvalid: it is not, or the proof is not one.
    """
    if not 0 < size1 <= size2:
        raise ProofInvalid(f"no proof from size {size1} to size {size2}")
    if size1 == size2:
        if proof or root1 != root2:
            raise ProofInvalid("equal sizes with a proof or with unequal roots")
        return
    _all_hashes([root1, root2, *proof])
    first, second = _roots_from_growth(size1, size2, proof, root1)
    if first != root1 or second != root2:
        raise ProofInvalid(f"the tree of {size1} is not the start of that of {size2}")


def _roots_from_growth(
    size1: int, size2: int, proof: Sequence[bytes], root1: bytes
) -> tuple[bytes, bytes]:
    """Return the two roots that a consistency proof leads to."""
    # A complete first tree is itself the first step, which proofs leave out.
    steps = [root1, *proof] if size1 & (size1 - 1) == 0 else list(proof)
    if not proof:
        raise ProofInvalid("the proof is empty")
    node, last = size1 - 1, size2 - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    first = second = steps[0]
    for step in steps[1:]:
        if last == 0:
            raise ProofInvalid("the proof is too long")
        if node & 1 or node == last:
            first, second = node_hash(step, first), node_hash(step, second)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            second = node_hash(second, step)
        node, last = node >> 1, last >> 1
    if last:
        raise ProofInvalid("the proof is too short")
    return first, second
