"""Builders of acts: what they state, and the commitment to a paper."""

from __future__ import annotations

import hashlib

from gateway.acts import (
    cutoff,
    face_commitment,
    genesis,
    paper_commitment,
    roster,
)

DOCUMENT = "e" * 64


def test_a_cut_off_of_all_has_no_name() -> None:
    """The empty name is written as a dash."""
    act = cutoff(origin="x", scope="all", name="", reason="legal_order")
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


def test_a_face_is_bound_to_its_paper_and_its_bytes() -> None:
    """What two people confirmed: another word on it is another face."""
    _, salt = paper_commitment(b"k" * 32, DOCUMENT)
    said = face_commitment(salt, '{"type":"ao442"}')
    again = hashlib.sha256(bytes.fromhex(salt) + b'face{"type":"ao442"}').hexdigest()
    assert said == again
    others = {
        face_commitment(salt, '{"type":"ao93"}'),
        face_commitment("00" * 16, "{}"),
    }
    assert said not in others


def test_people_are_in_order() -> None:
    """However they are given, a roster has one text."""
    lines = ["b+00000000+AQ==", "a+00000000+AQ=="]
    act = roster(origin="x", people=lines, expires="2999-01-01T00:00:00Z")
    assert act.people == tuple(sorted(lines))
    first = genesis(
        origin="x", cfg="c" * 64, people=lines, expires="2999-01-01T00:00:00Z"
    )
    assert first.people == act.people
