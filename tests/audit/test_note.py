"""Signed notes and keys: examples of others, and every malformation by its name."""

from __future__ import annotations

import pytest

from audit.errors import Malformed, ProofInvalid
from audit.note import (
    Note,
    Verifier,
    sign_note,
    signature_line,
)
from audit.signer import SeedSigner

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
    signer = SeedSigner.parse(PETER_SECRET)

    assert list(Note.parse(SIGNED.encode()).verified([verifier])) == ["PeterNeumann"]
    assert sign_note(TEXT, [signer]) == SIGNED.encode()
    assert (verifier.text, signer.secret_text) == (PETER, PETER_SECRET)
    assert signer.verifier == verifier
    assert "PRIVATE" not in repr(signer)


def test_lines_of_unknown_keys_are_let_be() -> None:
    """A witness that nobody here knows does no harm; a known key's bad line does."""
    verifier = Verifier.parse(PETER)
    other = SeedSigner.generate("other")
    note = Note.parse(sign_note(TEXT, [other, SeedSigner.parse(PETER_SECRET)]))
    assert set(note.verified([verifier])) == {"PeterNeumann"}

    bad = signature_line(verifier, bytes(64))
    with pytest.raises(ProofInvalid):
        Note.parse(SIGNED.encode() + bad.encode()).verified([verifier])
    short = signature_line(verifier, b"x")
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
    signers = [SeedSigner.generate(f"k{number}") for number in range(16)]
    note = Note.parse(sign_note(TEXT, signers))

    assert len(note.verified([signer.verifier for signer in signers])) == 16
