"""Builders of acts: what they state, and the commitment to a paper."""

from __future__ import annotations

import hashlib

from gateway.acts import cutoff, paper_commitment

DOCUMENT = "e" * 64


def test_a_cut_off_of_all_has_no_name() -> None:
    """The empty name is written as a dash."""
    act = cutoff(origin="x", counter=1, scope="all", name="", reason="legal_order")
    assert act["name"] == "-"


def test_the_commitment_is_pinned_and_opens_with_its_salt() -> None:
    """An auditor with the salt and the document finds the public commitment."""
    commitment, salt = paper_commitment(b"k" * 32, DOCUMENT)
    assert salt == "0fe69a5977689c6e92e065cf71467422"
    opened = hashlib.sha256(bytes.fromhex(salt) + bytes.fromhex(DOCUMENT))
    assert commitment == opened.hexdigest()


def test_the_commitment_needs_the_key() -> None:
    """Who only has the document finds nothing in the public tree."""
    one, _ = paper_commitment(b"k" * 32, DOCUMENT)
    other, _ = paper_commitment(b"l" * 32, DOCUMENT)
    assert len({one, other, hashlib.sha256(bytes.fromhex(DOCUMENT)).hexdigest()}) == 3
