"""Signed notes and keys: examples of others, and every malformation by its name."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.errors import AuditError, Malformed, ProofInvalid
from audit.note import (
    COSIGNATURE,
    Note,
    Signer,
    Verifier,
    b64encode,
    sign_note,
)

# The key and note of the Go package's own examples.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_SECRET = (
    "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
)
TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
SIGNED = (
    TEXT + "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2"
    "pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def test_the_example_of_the_go_package() -> None:
    """The well-known note verifies, and signing it gives the same bytes."""
    verifier = Verifier.parse(PETER)
    signer = Signer.parse(PETER_SECRET)

    assert list(Note.parse(SIGNED.encode()).verified([verifier])) == ["PeterNeumann"]
    assert sign_note(TEXT, [signer]) == SIGNED.encode()
    assert (verifier.text, signer.secret_text) == (PETER, PETER_SECRET)
    assert signer.verifier == verifier
    assert "PRIVATE" not in repr(signer)


def test_lines_of_unknown_keys_are_let_be() -> None:
    """A witness that nobody here knows does no harm; a known key's bad line does."""
    verifier = Verifier.parse(PETER)
    other = Signer.generate("other")
    note = Note.parse(sign_note(TEXT, [other, Signer.parse(PETER_SECRET)]))
    assert set(note.verified([verifier])) == {"PeterNeumann"}

    bad = Signer.parse(PETER_SECRET).line(bytes(64))
    with pytest.raises(ProofInvalid):
        Note.parse(SIGNED.encode() + bad.encode()).verified([verifier])
    short = Signer.parse(PETER_SECRET).line(b"x")
    with pytest.raises(ProofInvalid):
        Note.parse(SIGNED.encode() + short.encode()).verified([verifier])


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "note-no-signatures"),
        (b"text\n", "note-no-signatures"),
        (b"text\n\n", "note-no-signatures"),
        (b"text\n\n\xe2\x80\x94 a AAAAAAA=", "note-no-signatures"),
        (b"text\xff\n\n", "note-utf8"),
        (b"te\txt\n\n", "note-control"),
        (b"text\r\n\n", "note-control"),
        (b"text\n\nx a AAAAAAA=\n", "note-line"),
        ("text\n\n— aAAAAAAA=\n".encode(), "note-line"),
        ("text\n\n— a+b AAAAAAA=\n".encode(), "note-name"),
        ("text\n\n—  AAAAAAA=\n".encode(), "note-name"),
        ("text\n\n— a\u2003b AAAAAAA=\n".encode(), "note-name"),
        ("text\n\n— a AAAAAAA\n".encode(), "note-base64"),
        ("text\n\n— a AAAAAAB=\n".encode(), "note-base64"),
        ("text\n\n— a AAAA AAA=\n".encode(), "note-base64"),
        ("text\n\n— a AAAAAA==\n".encode(), "note-short-signature"),
        ("text\n\n" + "— a AAAAAAA=\n" * 101, "note-too-many"),
        (b"x" * 1_000_001, "note-too-long"),
    ],
)
def test_each_malformation_has_its_name(data: bytes | str, reason: str) -> None:
    """What is no note says why."""
    whole = data.encode() if isinstance(data, str) else data
    with pytest.raises(Malformed) as caught:
        Note.parse(whole)
    assert caught.value.reason == reason


def test_sixteen_signatures_are_read() -> None:
    """The specification asks for at least sixteen."""
    signers = [Signer.generate(f"k{number}") for number in range(16)]
    note = Note.parse(sign_note(TEXT, signers))

    assert len(note.verified([signer.verifier for signer in signers])) == 16


@given(st.integers(0, len(SIGNED.encode()) - 1), st.integers(1, 255))
def test_no_altered_byte_is_accepted(at: int, bits: int) -> None:
    """Whatever byte is altered how, the note is malformed, unknown or refused."""
    data = bytearray(SIGNED.encode())
    data[at] ^= bits
    try:
        found = Note.parse(bytes(data)).verified([Verifier.parse(PETER)])
    except AuditError:
        return
    assert found == {}


@given(st.binary(max_size=300))
def test_nothing_raw_escapes_from_notes(data: bytes) -> None:
    """Any bytes give a note or a named error."""
    with contextlib.suppress(Malformed):
        Note.parse(data)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "vkey-parts"),
        ("a+b", "vkey-parts"),
        ("+c74f20a3+" + PETER.split("+", 2)[2], "vkey-name"),
        ("PeterNeumann+c74f20a3+!", "vkey-base64"),
        ("PeterNeumann+c74f20a3+", "vkey-type"),
        ("PeterNeumann+c74f20a3+" + b64encode(b"\x02" + bytes(32)), "vkey-type"),
        ("PeterNeumann+c74f20a3+" + b64encode(b"\x01" + bytes(31)), "vkey-length"),
        (PETER.replace("c74f", "c74e"), "vkey-hash"),
    ],
)
def test_each_bad_verifier_key_has_its_name(text: str, reason: str) -> None:
    """What is no verifier key says why."""
    with pytest.raises(Malformed) as caught:
        Verifier.parse(text)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (PETER, "skey-parts"),
        (PETER_SECRET.replace("c74f", "c74e"), "skey-hash"),
        (PETER_SECRET[:-4], "skey-length"),
    ],
)
def test_each_bad_private_key_has_its_name(text: str, reason: str) -> None:
    """What is no private key says why, and does not show it."""
    with pytest.raises(Malformed) as caught:
        Signer.parse(text)
    assert caught.value.reason == reason


def test_a_key_needs_a_name() -> None:
    """Names are what lines are found by."""
    with pytest.raises(Malformed, match="skey-name"):
        Signer(name="a b", kind=1, seed=bytes(32))


def test_kinds_have_different_ids() -> None:
    """The same key as signer and as cosigner has two ids."""
    one = Signer(name="a", kind=1, seed=bytes(32)).verifier
    other = Signer(name="a", kind=COSIGNATURE, seed=bytes(32)).verifier

    assert one.id != other.id
    assert Verifier.parse(other.text) == other
