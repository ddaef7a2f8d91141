"""The tree of RFC 6962: constants, vectors, and proofs of random trees."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.errors import ProofInvalid
from audit.merkle import (
    EMPTY_ROOT,
    Subtree,
    consistency_path,
    inclusion_path,
    leaf_hash,
    node_hash,
    root_and_path,
    root_and_paths,
    root_of,
    subtree_hash,
    verify_consistency,
    verify_inclusion,
)


def leaves(count: int) -> list[bytes]:
    """Return leaf hashes that differ."""
    return [leaf_hash(str(number).encode()) for number in range(count)]


def reader(hashes: list[bytes]) -> Subtree:
    """Return a reader of complete subtrees of a list that is held whole."""

    def subtree(level: int, index: int) -> bytes:
        width = 1 << level
        return root_of(hashes[index * width : (index + 1) * width])

    return subtree


def test_constants() -> None:
    """The hashes are those that RFC 6962 implementations agree on."""
    assert EMPTY_ROOT.hex() == (
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    )
    assert leaf_hash(b"").hex() == (
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    )
    assert leaf_hash(b"L123456").hex() == (
        "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56"
    )
    assert node_hash(b"N123", b"N456").hex() == (
        "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb"
    )


def test_roots_of_eight_known_leaves() -> None:
    """The tree of the eight well-known leaves has the well-known root."""
    data = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657"]
    data.append("606162636465666768696a6b6c6d6e6f")
    hashes = [leaf_hash(bytes.fromhex(each)) for each in data]

    assert root_of(hashes).hex() == (
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
    )
    assert root_of([]) == EMPTY_ROOT


@given(st.integers(1, 300), st.data())
def test_every_inclusion_proof_holds_only_where_it_was_made(
    size: int, data: st.DataObject
) -> None:
    """A proof holds for its leaf, index, size and root, and for no other."""
    index = data.draw(st.integers(0, size - 1))
    hashes = leaves(size)
    root = root_of(hashes)
    path = inclusion_path(index, size, reader(hashes))

    verify_inclusion(hashes[index], index, size, path, root)
    all_root, all_paths = root_and_paths(hashes)
    assert (all_root, all_paths[index]) == (root, path)
    assert root_and_path(hashes, index) == (root, path)
    for wrong in (
        (leaf_hash(b"x"), index, size, path, root),
        (hashes[index], index, size, path, EMPTY_ROOT),
        (hashes[index], size, size, path, root),
        (hashes[index], index, size, (*path, root), root),
        (hashes[index], -1, size, path, root),
        (b"short", index, size, path, root),
    ):
        with pytest.raises(ProofInvalid):
            verify_inclusion(*wrong)
    if path:
        with pytest.raises(ProofInvalid):
            verify_inclusion(hashes[index], index, size, path[:-1], root)


@given(st.integers(1, 300), st.data())
def test_every_consistency_proof_holds_only_where_it_was_made(
    size2: int, data: st.DataObject
) -> None:
    """A proof holds between its two trees, and between no others."""
    size1 = data.draw(st.integers(1, size2))
    hashes = leaves(size2)
    root1, root2 = root_of(hashes[:size1]), root_of(hashes)
    proof = consistency_path(size1, size2, reader(hashes))

    verify_consistency(size1, size2, proof, root1, root2)
    wrong = [
        (size1, size2, proof, leaf_hash(b"x"), root2),
        (size1, size2, proof, root1, leaf_hash(b"x")),
        (0, size2, proof, root1, root2),
        (size2 + 1, size2, proof, root1, root2),
        (size1, size2, (*proof, root1), root1, root2),
    ]
    if proof:
        wrong.append((size1, size2, proof[:-1], root1, root2))
        wrong.append((size1, size2, (b"short", *proof[1:]), root1, root2))
    for each in wrong:
        with pytest.raises(ProofInvalid):
            verify_consistency(*each)


def test_an_empty_proof_of_growth_proves_nothing() -> None:
    """Only a tree of the same size needs none."""
    root = leaf_hash(b"a")
    with pytest.raises(ProofInvalid, match="the proof is empty"):
        verify_consistency(1, 2, [], root, root)


def test_no_proof_is_made_outside_the_tree() -> None:
    """What is not in the tree can't be proved to be."""
    with pytest.raises(ProofInvalid):
        inclusion_path(3, 3, reader(leaves(3)))
    with pytest.raises(ProofInvalid):
        consistency_path(0, 3, reader(leaves(3)))


def test_a_tree_does_not_grow_without_a_proof() -> None:
    """Nothing is shown by no hashes."""
    with pytest.raises(ProofInvalid, match="the proof is empty"):
        verify_consistency(1, 2, [], bytes(32), bytes(32))


def test_a_part_of_a_tree_hashes_as_its_leaves_do() -> None:
    """The hash of an aligned part is the root of its leaves."""
    hashes = leaves(23)

    assert subtree_hash(16, 23, reader(hashes)) == root_of(hashes[16:])


def test_all_public_vectors(reference: Path) -> None:
    """All 196 inclusion and consistency probes of the reference library agree."""
    files = sorted((reference / "vectors" / "merkle").rglob("*.json"))
    assert len(files) == 196
    for path in files:
        probe = json.loads(path.read_text())
        assert _accepted(probe) != probe["wantErr"], path


def _accepted(probe: dict[str, Any]) -> bool:
    proof = [base64.b64decode(each) for each in probe["proof"] or []]

    def read(name: str) -> bytes:
        return base64.b64decode(probe[name] or "")

    try:
        if "size1" in probe:
            sizes = probe["size1"], probe["size2"]
            verify_consistency(*sizes, proof, read("root1"), read("root2"))
        else:
            place = probe["leafIdx"], probe["treeSize"]
            verify_inclusion(read("leafHash"), *place, proof, read("root"))
    except ProofInvalid:
        return False
    return True
