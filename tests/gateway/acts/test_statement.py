"""The text of acts: pinned bytes, one form, every malformation refused."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.acts import (
    ACTS,
    REASONS,
    ActMalformed,
    Statement,
    activation,
    closing,
    cutoff,
    cutoff_lift,
    genesis,
    paper,
    parse_note,
    reopening,
    start,
    stop,
)

ORIGIN = "sallyport.example/log"

EVERY = {
    "genesis": genesis(origin=ORIGIN, cfg="c" * 64),
    "activation": activation(
        origin=ORIGIN,
        counter=3,
        policy="a" * 64,
        bundle="e" * 64,
        manifest="b" * 64,
        witness="none",
        reason="scheduled",
    ),
    "cutoff": cutoff(
        origin=ORIGIN,
        counter=0,
        scope="family",
        name="dhs_immigration",
        reason="security_incident",
    ),
    "cutoff-lift": cutoff_lift(origin=ORIGIN, counter=0, lifts=1, reason="resolved"),
    "paper": paper(
        origin=ORIGIN, counter=0, commitment="d" * 64, state="issuer_confirmed"
    ),
    "start": start(
        origin=ORIGIN, counter=0, activation=3, version="0.1.0", witness="none"
    ),
    "stop": stop(origin=ORIGIN, counter=0, run=0),
    "key-rotation": Statement(
        origin=ORIGIN,
        act="key-rotation",
        counter=0,
        reason="scheduled",
        expires="never",
        values=(("keys", "c" * 64),),
    ),
    "close": closing(origin=ORIGIN, counter=2),
    "reopen": reopening(origin=ORIGIN, counter=0, reopens=2, reason="resolved"),
}

PINNED = {
    "genesis": "205cfc5002107fb0d26dd8bf8c0c6058a9d55a1e4a81e327c968669d4cc62a75",
    "activation": "b4fd4b8a993768ca6941789bbfb6b41739a5d85b6a5e0c9e623501249a9e778f",
    "cutoff": "f6e614bca72882e7f0487779550f9b714029190af6a1c7b5e949ac34f30cc02b",
    "cutoff-lift": "ece4f31e74e3203605607d2e904db12d240f6dbfd13b06241ef853c89c196c15",
    "paper": "7879aabbe8c748ae4f3d11980a1e16b0d2f2edd1fac72acbff4fe33cc76f965b",
    "start": "04e755d817b3f3c12e0f6035322acb6346a8bb0fbad9ce7885eea740788cbb44",
    "stop": "52e7736ae0c1f34cff857625e93f2f29ad9a9cca979ba4d0d3c8a823d6155d8f",
    "key-rotation": "2236c50f6fd602409f80b40b66d7c9d7de6524e7f8c300269549d595567ec113",
    "close": "3b37588e4cccd6cf3ed1acb97fa509dc4455e994ff0f8b2a916acbc5c66bc0e3",
    "reopen": "0aec902a3c43f27425afb72ac9d322be9562fc441a3d481f9db1f2a20b7a1538",
}


def test_the_activation_is_these_bytes() -> None:
    """An act's stored form is its lines, an empty line, and no signature yet."""
    assert EVERY["activation"].note == (
        b"sallyport-act/v1\n"
        b"origin sallyport.example/log\n"
        b"act activation\n"
        b"counter 3\n"
        b"reason scheduled\n"
        b"expires never\n"
        b"policy " + b"a" * 64 + b"\n"
        b"bundle " + b"e" * 64 + b"\n"
        b"manifest " + b"b" * 64 + b"\n"
        b"witness none\n"
        b"\n"
    )


@pytest.mark.parametrize("act", list(ACTS))
def test_pinned_digests(act: str) -> None:
    """No act's bytes change by accident: what is stored stays readable."""
    statement = EVERY[act]
    assert statement.sha256 == PINNED[act]
    assert statement.sha256 == hashlib.sha256(statement.note).hexdigest()


@pytest.mark.parametrize("act", list(ACTS))
def test_what_is_written_is_read_back(act: str) -> None:
    """Parsing an act gives the statement again."""
    assert parse_note(EVERY[act].note) == EVERY[act]


def test_signatures_are_passed_over() -> None:
    """An act that people have signed later reads the same."""
    signed = EVERY["cutoff"].note + "\u2014 alice Az3grkLO\n\u2014 bob AAAA\n".encode()
    assert parse_note(signed) == EVERY["cutoff"]


@pytest.mark.parametrize("act", list(ACTS))
def test_every_cut_and_every_flip_is_refused_or_another_act(act: str) -> None:
    """A byte lost or changed anywhere never reads as the same act."""
    note = EVERY[act].note
    for place in range(len(note)):
        for broken in (
            note[:place] + note[place + 1 :],
            note[:place] + bytes([note[place] ^ 1]) + note[place + 1 :],
            note[:place] + bytes([note[place] ^ 0x80]) + note[place + 1 :],
            note[:place],
        ):
            try:
                found = parse_note(broken)
            except ActMalformed:
                continue
            assert found != EVERY[act]
            assert found.note == broken


@given(st.binary(max_size=300))
def test_any_bytes_are_refused_by_name(data: bytes) -> None:
    """Nothing but ActMalformed escapes the parser."""
    with pytest.raises(ActMalformed):
        parse_note(data)


@given(st.text(max_size=40))
def test_any_text_after_the_header_is_refused_by_name(text: str) -> None:
    """Lines of another kind are refused, whatever they hold."""
    with pytest.raises(ActMalformed):
        parse_note(f"sallyport-act/v1\n{text}\n\n".encode())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"counter 3", b"counter 03"),
        (b"counter 3", b"counter -3"),
        (b"counter 3", b"counter +3"),
        (b"counter 3", b"counter  3"),
        (b"counter 3", b"counter three"),
        (b"reason scheduled", b"reason because"),
        (b"reason scheduled", b"reason scheduled "),
        (b"expires never", b"expires 2026-11-23"),
        (b"act activation", b"act activate"),
        (b"witness none", b"witness maybe"),
        (b"witness none\n", b"witness none\nmore x\n"),
        (b"witness none\n", b""),
        (b"origin sallyport", b"origin +sallyport"),
        (b"/v1", b"/v2"),
        (b"\n\n", b"\n\nnot a signature\n"),
        (b"\n\n", b"\n"),
        (b"a" * 64, b"a" * 4000),
    ],
)
def test_other_forms_are_refused(old: bytes, new: bytes) -> None:
    """There is one form; everything near it is refused."""
    broken = EVERY["activation"].note.replace(old, new)
    assert broken != EVERY["activation"].note
    with pytest.raises(ActMalformed):
        parse_note(broken)


def test_an_instant_may_end_a_statement() -> None:
    """A statement can say until when it may be carried out."""
    given = EVERY["cutoff"]
    until = Statement(
        origin=given.origin,
        act=given.act,
        counter=1,
        reason=REASONS[0],
        expires="2026-12-01T00:00:00Z",
        values=given.values,
    )
    assert parse_note(until.note).expires == "2026-12-01T00:00:00Z"


def test_a_line_is_read_by_name() -> None:
    """A statement's own lines are found by name; others do not exist."""
    assert EVERY["cutoff"]["scope"] == "family"
    with pytest.raises(KeyError):
        EVERY["cutoff"]["policy"]


def test_a_builder_cannot_make_what_could_not_be_read() -> None:
    """A value that is not allowed is refused before anything is written."""
    with pytest.raises(ActMalformed, match="name"):
        cutoff(
            origin=ORIGIN, counter=0, scope="agency", name="two words", reason="mistake"
        )
    with pytest.raises(ActMalformed, match="no act called"):
        Statement(
            origin=ORIGIN,
            act="x",
            counter=0,
            reason="setup",
            expires="never",
            values=(),
        )
