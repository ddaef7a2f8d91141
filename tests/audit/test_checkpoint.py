"""Checkpoints, their time, and every malformation by its name."""

from __future__ import annotations

import pytest

from audit.checkpoint import (
    Checkpoint,
    cosignature_line,
    cosigned_message,
    open_checkpoint,
    sign_checkpoint,
    without_mldsa,
)
from audit.errors import CannotTell, Malformed, ProofInvalid
from audit.merkle import EMPTY_ROOT
from audit.note import COSIGNATURE, MLDSA44, b64encode, sign_note, signature_line
from audit.signer import SeedSigner
from tests.audit.builders import KEYS, ORIGIN

ROOT = b64encode(bytes(32))
CHECKPOINT = Checkpoint(origin=ORIGIN, size=7, root=bytes(32))
OTHER = Checkpoint(origin="x", size=7, root=bytes(32))
PLAIN = sign_checkpoint(CHECKPOINT, log=KEYS.log, time=KEYS.time, seconds=1_700_000)
SIGNED = sign_checkpoint(
    CHECKPOINT, log=KEYS.log, time=KEYS.time, mldsa=KEYS.mldsa, seconds=1_700_000
)


def test_a_signed_checkpoint_says_what_and_when() -> None:
    """Both lines hold, and the time key's line has the second."""
    opened = open_checkpoint(SIGNED, KEYS.verifiers)

    assert opened.checkpoint == CHECKPOINT
    assert opened.seconds == 1_700_000
    assert open_checkpoint(SIGNED, KEYS.verifiers[:1]).seconds is None


def test_pinned_bytes() -> None:
    """The same Ed25519 keys give the same bytes for ever; ML-DSA adds a line."""
    assert SIGNED.startswith(PLAIN)
    assert without_mldsa(SIGNED) == PLAIN
    assert PLAIN.decode() == (
        "log.example/county\n"
        "7\n"
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
        "\n"
        "— log.example/county x8CTt2mg+mQf+qGXQiHOJ4gWoH4QSOzdDBlKcGFEqk5hxyGHD"
        "wFMGVXK65mQyY1//HheYxEoOZuOA1qvd51WHYWSKAA=\n"
        "— log.example/county/time ZiIu8AAAAAAAGfCg9u2uQ8o8CS3jt7Q40TxyV2HryVwG"
        "8d4eS/vdgX5obi0VvaKId1yh64SO0N0xfKTdKugUAZNEZKxiMvDCEJstAA==\n"
    )


def test_extension_lines_are_allowed() -> None:
    """Others may add lines; an empty one ends nothing."""
    assert Checkpoint.parse(CHECKPOINT.text + "more\n") == CHECKPOINT


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "checkpoint-lines"),
        ("a\n1\n", "checkpoint-lines"),
        (f"a\n1\n{ROOT}", "checkpoint-lines"),
        (f"\n1\n{ROOT}\n", "checkpoint-lines"),
        (f"a\n1\n{ROOT}\n\nx\n", "checkpoint-lines"),
        (f"a\n01\n{ROOT}\n", "checkpoint-size"),
        (f"a\n-1\n{ROOT}\n", "checkpoint-size"),
        (f"a\n+1\n{ROOT}\n", "checkpoint-size"),
        (f"a\n1 \n{ROOT}\n", "checkpoint-size"),
        (f"a\n\u0661\n{ROOT}\n", "checkpoint-size"),
        (f"a\n9223372036854775808\n{ROOT}\n", "checkpoint-size"),
        (f"a\n{'9' * 5000}\n{ROOT}\n", "checkpoint-size"),
        ("a\n1\nAAAA\n", "checkpoint-root"),
        ("a\n1\n!\n", "checkpoint-root"),
        (f"a\n0\n{ROOT}\n", "checkpoint-empty"),
    ],
)
def test_each_malformation_has_its_name(text: str, reason: str) -> None:
    """What is no checkpoint says why."""
    with pytest.raises(Malformed) as caught:
        Checkpoint.parse(text)
    assert caught.value.reason == reason


def test_the_empty_tree_has_its_root() -> None:
    """Size 0 goes with the empty root alone."""
    empty = Checkpoint(origin="a", size=0, root=EMPTY_ROOT)

    assert Checkpoint.parse(empty.text) == empty


def test_the_log_itself_must_have_signed() -> None:
    """Lines of others, and a time alone, make no checkpoint."""
    text = CHECKPOINT.text
    other = SeedSigner.generate("other")
    note = sign_note(text, [other])
    with pytest.raises(ProofInvalid, match=r"no signature of the key .*/county$"):
        open_checkpoint(note, [other.verifier])
    timeless = sign_checkpoint(CHECKPOINT, log=KEYS.log, time=None, seconds=0)
    with pytest.raises(ProofInvalid, match="time key"):
        open_checkpoint(timeless, KEYS.verifiers)
    with pytest.raises(ProofInvalid, match="ML-DSA key"):
        open_checkpoint(PLAIN, KEYS.verifiers)
    assert open_checkpoint(PLAIN, KEYS.verifiers, shortened=True).seconds == 1_700_000


def test_keys_of_another_log_tell_nothing() -> None:
    """Another log's keys, or none, are the caller's slip; a forged line is not."""
    other = SeedSigner.generate("log.example/other")
    with pytest.raises(CannotTell, match=r"county; the keys given are of .*other"):
        open_checkpoint(SIGNED, [other.verifier])
    with pytest.raises(CannotTell, match="no key was given"):
        open_checkpoint(SIGNED, [])
    same_name = SeedSigner.generate(ORIGIN)
    with pytest.raises(ProofInvalid, match=r"of another of that name: .* from before"):
        open_checkpoint(SIGNED, [same_name.verifier])


def test_witnesses_are_read_when_known() -> None:
    """A cosignature of a known witness has its time; a false one refuses all."""
    witness = SeedSigner.generate("w.example/1", COSIGNATURE)
    line = cosignature_line(CHECKPOINT.text, witness, 9).encode()
    keys = [*KEYS.verifiers, witness.verifier]

    assert open_checkpoint(SIGNED + line, keys).times[witness.verifier] == 9
    assert open_checkpoint(SIGNED + line, KEYS.verifiers).seconds == 1_700_000
    bad = cosignature_line(OTHER.text, witness, 9).encode()
    with pytest.raises(ProofInvalid):
        open_checkpoint(SIGNED + bad, keys)


@pytest.mark.parametrize("kind", [COSIGNATURE, MLDSA44])
def test_a_witness_of_two_logs_makes_no_slip_a_forgery(kind: int) -> None:
    """Its line is on both logs' checkpoints, and the keys given are still one's."""
    other = SeedSigner.generate("log.example/other")
    witness = SeedSigner.generate("w.example/1", kind)
    line = cosignature_line(CHECKPOINT.text, witness, 9).encode()
    with pytest.raises(CannotTell, match=r"county; the keys given are of .*other"):
        open_checkpoint(SIGNED + line, [other.verifier, witness.verifier])


MLDSA = SeedSigner(name="w.example/2", kind=MLDSA44, seed=bytes(32))


def test_mldsa_cosignatures_cover_name_time_origin_size_and_root() -> None:
    """The message is that of the specification, byte by byte."""
    message = cosigned_message(MLDSA.verifier, CHECKPOINT, CHECKPOINT.text, 258)

    assert message == (
        b"subtree/v1\n\x00"
        b"\x0bw.example/2"
        b"\x00\x00\x00\x00\x00\x00\x01\x02"
        b"\x12log.example/county"
        + bytes(8)
        + b"\x00\x00\x00\x00\x00\x00\x00\x07"
        + bytes(32)
    )
    line = cosignature_line(CHECKPOINT.text, MLDSA, 258).encode()
    keys = [*KEYS.verifiers, MLDSA.verifier]
    assert open_checkpoint(SIGNED + line, keys).times[MLDSA.verifier] == 258
    other = cosignature_line(
        Checkpoint(origin="x", size=7, root=bytes(32)).text, MLDSA, 1
    )
    with pytest.raises(ProofInvalid, match=r"w\.example/2"):
        open_checkpoint(SIGNED + other.encode(), keys)


@pytest.mark.parametrize(
    ("blob", "reason"),
    [
        (bytes(8 + 2419), "cosignature-length"),
        (bytes(8 + 64), "cosignature-length"),
        (b"\x80" + bytes(7 + 2420), "cosignature-time"),
    ],
)
def test_each_bad_cosignature_has_its_name(blob: bytes, reason: str) -> None:
    """A known key's line that is no cosignature says why."""
    line = signature_line(MLDSA.verifier, blob).encode()
    with pytest.raises(Malformed) as caught:
        open_checkpoint(SIGNED + line, [*KEYS.verifiers, MLDSA.verifier])
    assert caught.value.reason == reason


def test_of_two_lines_the_later_time_counts() -> None:
    """Who was asked twice about one checkpoint has signed it twice."""
    witness = SeedSigner.generate("w.example/1", COSIGNATURE)
    lines = "".join(cosignature_line(CHECKPOINT.text, witness, at) for at in (6, 5))
    keys = [*KEYS.verifiers, witness.verifier]

    assert open_checkpoint(SIGNED + lines.encode(), keys).times[witness.verifier] == 6


def test_a_name_too_long_for_mldsa_is_refused() -> None:
    """Its message has one byte for a name's length."""
    long = SeedSigner(name="w" * 256, kind=MLDSA44, seed=bytes(32))
    with pytest.raises(Malformed, match="cosignature-name"):
        cosignature_line(CHECKPOINT.text, long, 1)
    far = Checkpoint(origin="o" * 256, size=7, root=bytes(32))
    with pytest.raises(Malformed, match="cosignature-name"):
        cosignature_line(far.text, MLDSA, 1)


@pytest.mark.usefixtures("old_library")
def test_without_mldsa_the_rest_is_still_checked() -> None:
    """The line is named as not tried; a bad Ed25519 line still refuses."""
    opened = open_checkpoint(SIGNED, KEYS.verifiers)

    assert opened.unchecked == (KEYS.verifiers[3],)
    assert opened.seconds == 1_700_000
    bad = SIGNED.replace(b"county x8CTt2mg", b"county x8CTt2mh")
    with pytest.raises(ProofInvalid):
        open_checkpoint(bad, KEYS.verifiers)
