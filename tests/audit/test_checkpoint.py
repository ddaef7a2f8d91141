"""Checkpoints, their time, and every malformation by its name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.checkpoint import (
    Checkpoint,
    cosignature_line,
    open_checkpoint,
    sign_checkpoint,
)
from audit.errors import AuditError, CannotTell, Malformed, ProofInvalid
from audit.merkle import EMPTY_ROOT
from audit.note import COSIGNATURE, b64encode, sign_note
from audit.signer import SeedSigner
from tests.audit.builders import KEYS, ORIGIN

ROOT = b64encode(bytes(32))
CHECKPOINT = Checkpoint(origin=ORIGIN, size=7, root=bytes(32))
SIGNED = sign_checkpoint(CHECKPOINT, log=KEYS.log, time=KEYS.time, seconds=1_700_000)


def test_a_signed_checkpoint_says_what_and_when() -> None:
    """Both lines hold, and the time key's line has the second."""
    opened = open_checkpoint(SIGNED, KEYS.verifiers)

    assert opened.checkpoint == CHECKPOINT
    assert opened.seconds == 1_700_000
    assert open_checkpoint(SIGNED, KEYS.verifiers[:1]).seconds is None


def test_pinned_bytes() -> None:
    """The same keys give the same bytes for ever."""
    assert SIGNED.decode() == (
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


@given(st.integers(0, len(SIGNED) - 1), st.integers(1, 255))
def test_no_altered_byte_is_accepted(at: int, bits: int) -> None:
    """With all three keys in hand, no byte can be altered."""
    data = bytearray(SIGNED)
    data[at] ^= bits
    with pytest.raises(AuditError):
        open_checkpoint(bytes(data), KEYS.verifiers)


def test_the_log_itself_must_have_signed() -> None:
    """Lines of others, and a time alone, make no checkpoint."""
    text = CHECKPOINT.text
    other = SeedSigner.generate("other")
    note = sign_note(text, [other])
    with pytest.raises(ProofInvalid, match="no signature of the key"):
        open_checkpoint(note, [other.verifier])
    timeless = sign_checkpoint(CHECKPOINT, log=KEYS.log, time=None, seconds=0)
    with pytest.raises(ProofInvalid, match="time key"):
        open_checkpoint(timeless, KEYS.verifiers)


def test_keys_of_another_log_tell_nothing() -> None:
    """Another log's keys, or none, are the caller's slip; a forged line is not."""
    other = SeedSigner.generate("log.example/other")
    with pytest.raises(CannotTell, match=r"county; the keys given are of .*other"):
        open_checkpoint(SIGNED, [other.verifier])
    with pytest.raises(CannotTell, match="no key was given"):
        open_checkpoint(SIGNED, [])
    same_name = SeedSigner.generate(ORIGIN)
    with pytest.raises(ProofInvalid, match="no signature of the key"):
        open_checkpoint(SIGNED, [same_name.verifier])


def test_witnesses_are_read_when_known() -> None:
    """A cosignature of a known witness has its time; a false one refuses all."""
    witness = SeedSigner.generate("w.example/1", COSIGNATURE)
    line = cosignature_line(CHECKPOINT.text, witness, 9).encode()
    keys = [*KEYS.verifiers, witness.verifier]

    assert open_checkpoint(SIGNED + line, keys).times["w.example/1"] == 9
    assert open_checkpoint(SIGNED + line, KEYS.verifiers).seconds == 1_700_000
    bad = cosignature_line("x\n", witness, 9).encode()
    with pytest.raises(ProofInvalid):
        open_checkpoint(SIGNED + bad, keys)
