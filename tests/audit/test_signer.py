"""Keys and their text forms: of others, of each kind, and each mistake by its name."""

from __future__ import annotations

import sys

import pytest
from cryptography.exceptions import UnsupportedAlgorithm

from audit import vkey
from audit.b64 import b64encode
from audit.errors import CannotTell, Malformed, ProofInvalid
from audit.signer import SeedSigner, Signer
from audit.vkey import COSIGNATURE, ED25519, MLDSA44, SIGNATURE_SIZES, Verifier

# The key of the Go package's own examples, and that of the signed-note specification.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_SECRET = (
    "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
)
FOO = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
MLDSA_MODULE = "cryptography.hazmat.primitives.asymmetric.mldsa"


def signer(kind: int) -> SeedSigner:
    """Return a key of a kind."""
    return SeedSigner(name="log.example/x", kind=kind, seed=b"\x07" * 32)


@pytest.mark.parametrize("kind", [ED25519, COSIGNATURE, MLDSA44])
def test_each_kind_signs_and_reads_back(kind: int) -> None:
    """The signature has its length, holds for its message, and for no other."""
    key: Signer = signer(kind)
    signature = key.sign(b"message")

    assert len(signature) == SIGNATURE_SIZES[kind]
    key.verifier.verify(b"message", signature)
    for message, other in ((b"massage", signature), (b"message", signature[:-1])):
        with pytest.raises(ProofInvalid, match=r"log\.example/x"):
            key.verifier.verify(message, other)
    assert Verifier.parse(key.verifier.text) == key.verifier
    again = SeedSigner.parse(signer(kind).secret_text)
    assert again.verifier == key.verifier
    assert "PRIVATE" not in repr(again)


def test_keys_of_others() -> None:
    """Keys that were made elsewhere give the same text and the same id."""
    assert SeedSigner.parse(PETER_SECRET).verifier.text == PETER
    assert SeedSigner.parse(PETER_SECRET).secret_text == PETER_SECRET
    assert Verifier.parse(FOO + "\n").id.hex() == "530d903a"


def test_the_same_key_has_an_id_for_each_kind() -> None:
    """A key that signs and cosigns is two keys to a reader."""
    one, other = signer(ED25519).verifier, signer(COSIGNATURE).verifier

    assert one.public == other.public
    assert one.id != other.id
    with pytest.raises(ProofInvalid):
        SeedSigner.generate("a", MLDSA44).verifier.verify(b"", b"")


BODY = PETER.split("+", 2)[2]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "vkey-parts"),
        ("a+b", "vkey-parts"),
        ("+c74f20a3+" + BODY, "vkey-name"),
        ("a b+c74f20a3+" + BODY, "vkey-name"),
        ("PeterNeumann+c74f20a3+!", "vkey-base64"),
        ("PeterNeumann+c74f20a3+", "vkey-type"),
        ("PeterNeumann+c74f20a3+" + b64encode(b"\x02" + bytes(32)), "vkey-type"),
        ("PeterNeumann+c74f20a3+" + b64encode(b"\x01" + bytes(31)), "vkey-length"),
        ("PeterNeumann+c74f20a3+" + b64encode(b"\x06" + bytes(32)), "vkey-length"),
        (PETER.replace("c74f", "c74e"), "vkey-hash"),
        (PETER.replace("c74f", "C74F"), "vkey-hash"),
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
        ("PRIVATE+KEY+a+b", "skey-parts"),
        (PETER_SECRET.replace("Neumann", " Neumann"), "skey-name"),
        (PETER_SECRET.replace("AYEK", "!YEK"), "skey-base64"),
        (PETER_SECRET.replace("AYEK", "BYEK"), "skey-type"),
        (PETER_SECRET.replace("c74f", "c74e"), "skey-hash"),
        (PETER_SECRET[:-4], "skey-length"),
    ],
)
def test_each_bad_private_key_has_its_name(text: str, reason: str) -> None:
    """What is no private key says why, and does not show it."""
    with pytest.raises(Malformed) as caught:
        SeedSigner.parse(text)
    assert caught.value.reason == reason
    assert "AYEK" not in str(caught.value)


def test_a_key_needs_a_name() -> None:
    """Names are what lines are found by."""
    with pytest.raises(Malformed, match="skey-name"):
        SeedSigner(name="a b", kind=1, seed=bytes(32))


@pytest.mark.usefixtures("old_library")
def test_a_library_without_mldsa_is_said() -> None:
    """Such a key can't be tried; that says nothing about what it signed."""
    key = Verifier(name="a", kind=MLDSA44, public=bytes(1312))
    with pytest.raises(CannotTell, match="newer cryptography"):
        key.verify(b"", bytes(2420))
    with pytest.raises(CannotTell, match="newer cryptography"):
        signer(MLDSA44)
    assert Verifier.parse(key.text) == key
    signer(ED25519).verifier.verify(b"m", signer(ED25519).sign(b"m"))


def test_a_library_built_without_mldsa_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Some builds have the module and no algorithm behind it."""

    class Module:
        """What such a build gives."""

        class MLDSA44PrivateKey:
            """No key."""

            @staticmethod
            def from_seed_bytes(_seed: bytes) -> None:
                """Refuse as the library does."""
                raise UnsupportedAlgorithm("no")

    monkeypatch.setitem(sys.modules, MLDSA_MODULE, Module)
    vkey.mldsa.cache_clear()
    with pytest.raises(CannotTell, match="newer cryptography"):
        signer(MLDSA44)
    vkey.mldsa.cache_clear()
