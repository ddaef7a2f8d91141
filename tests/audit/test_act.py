"""The text of acts: pinned bytes, one form, every malformation refused."""

from __future__ import annotations

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.act import MAX_BYTES, Act, Statement, parse_act, words_commitment
from audit.actwords import ACTS
from audit.errors import ActRefused, ActUnsigned, AuditError
from tests.audit.builders import PEOPLE, signed, statement

KEYS = list(PEOPLE.values())
ALONE = {"start", "stop", "key-rotation", "close", "reopen"}
"""Acts that nobody of the roster signs."""

EVERY = {
    "genesis": statement("genesis", cfg="c" * 64, people=KEYS[:2]),
    "activation": statement(
        "activation",
        3,
        reason="scheduled",
        policy="a" * 64,
        bundle="e" * 64,
        manifest="b" * 64,
        changes="catalogue,policy",
        witness="none",
        checks="1" * 64,
        drafts="us-ca,us-federal",
    ),
    "cutoff": statement(
        "cutoff", reason="security_incident", scope="family", name="dhs_immigration"
    ),
    "cutoff-lift": statement("cutoff-lift", reason="resolved", lifts="1"),
    "paper": statement(
        "paper",
        reason="verified",
        words="f" * 64,
        paper="d" * 64,
        state="issuer_confirmed",
        face="0" * 64,
    ),
    "replay": statement(
        "replay", reason="operation", policy="a" * 64, since="20260101"
    ),
    "roster": statement("roster", 2, reason="staff_change", people=KEYS),
    "start": statement("start", activation="3", version="0.1.0", witness="none"),
    "stop": statement("stop", run="0"),
    "key-rotation": statement("key-rotation", reason="scheduled", keys="9" * 64),
    "close": statement(
        "close", reason="security_incident", cause="policy-disagreement"
    ),
    "reopen": statement("reopen", reason="resolved", reopens="2"),
}
SIGNED = {
    name: signed(given, *(() if name in ALONE else ("officer-1", "counsel-1")))
    for name, given in EVERY.items()
}

PINNED = {
    "genesis": "3c64eae8940b37424b5ffa8498e15f4185201de5576a97a4866cd01b03efdb1b",
    "activation": "c778c96adf55c541290f37e358fb23d81f7914521df1d16e1f9c9490ac8e43be",
    "cutoff": "6ef6fc1b2fa9dba97b0ebb96124fe997ec634c63e72ede96065ff5a745e44835",
    "cutoff-lift": "7268865d0496a3796b62fa803d7fb5c348c66e20bdfac70a4617a17146a0147e",
    "paper": "2f987e0a5debc5c5e02228ad155331ab2f4b57da302926f8aae87038a8bee108",
    "replay": "b4383300da6ce41501c46bca6ffa6253cb039a01f0baa060a0e6b829423a9f06",
    "roster": "2402813dc29c9f5f4965ae89939d7929a75b857d28050149469e50d063c2f49b",
    "start": "3728589dd8727b51838eefdaf31937459fbf0d12f4fcfa8d211dc629a36ea9c9",
    "stop": "cea6e5f8daf3c5a1841eecc51b4f449b56988c63e4bc64496a6846bc73bec5ab",
    "key-rotation": "bfe34cc54295287de19196749873ea729896e3519ef2e33f43ee4ce39a7d478f",
    "close": "76c671bd7cdb4d75ce234503c01735e7f1a3e333283ab463b30179b176b7d492",
    "reopen": "971500f6189ffce305f652c37b8484ef5a60c7e9750a7c08bc8a79d5ee0be0b7",
}


def test_the_activation_is_these_bytes() -> None:
    """An act's stored form is its lines, an empty line, and its signatures."""
    note = SIGNED["activation"].note
    assert note.startswith(
        b"sallyport-act/v1\n"
        b"origin log.example/county\n"
        b"act activation\n"
        b"counter 3\n"
        b"reason scheduled\n"
        b"expires 2026-12-01T00:00:00Z\n"
        b"words none\n"
        b"policy " + b"a" * 64 + b"\n"
        b"bundle " + b"e" * 64 + b"\n"
        b"manifest " + b"b" * 64 + b"\n"
        b"changes catalogue,policy\n"
        b"witness none\n"
        b"checks " + b"1" * 64 + b"\n"
        b"drafts us-ca,us-federal\n"
        b"\n"
        b"\xe2\x80\x94 officer-1 "
    )
    assert note.count("\u2014".encode()) == 2


def test_the_roster_is_these_lines() -> None:
    """People are one line a key: roster id, key id, key; sorted."""

    def line(name: str) -> str:
        key = b"\x01" + PEOPLE[name].verifier.public
        short = hashlib.sha256(name.encode() + b"\n" + key).hexdigest()[:8]
        return f"person {name}+{short}+{base64.b64encode(key).decode()}"

    lines = EVERY["roster"].text.splitlines()[7:]
    assert lines == [line("clerk-1"), line("counsel-1"), line("officer-1")]


@pytest.mark.parametrize("act", list(ACTS))
def test_pinned_digests(act: str) -> None:
    """No act's bytes change by accident: what is stored stays readable."""
    given = SIGNED[act]
    assert given.sha256 == hashlib.sha256(given.note).hexdigest()
    assert given.sha256 == PINNED[act]


@pytest.mark.parametrize("act", list(ACTS))
def test_what_is_written_is_read_back(act: str) -> None:
    """Parsing an act gives it again, with and without its signatures."""
    assert parse_act(SIGNED[act].note) == SIGNED[act]
    bare = Act(statement=EVERY[act])
    assert parse_act(bare.note) == bare


@pytest.mark.parametrize("act", list(ACTS))
def test_every_cut_and_every_flip_is_refused_or_another_act(act: str) -> None:
    """A byte lost or changed anywhere never reads as the same act."""
    note = SIGNED[act].note
    for place in range(len(note)):
        for broken in (
            note[:place] + note[place + 1 :],
            note[:place] + bytes([note[place] ^ 1]) + note[place + 1 :],
            note[:place] + bytes([note[place] ^ 0x80]) + note[place + 1 :],
            note[:place],
        ):
            try:
                found = parse_act(broken)
            except ActRefused:
                continue
            assert found != SIGNED[act]
            assert found.note == broken


@given(st.binary(max_size=300))
def test_any_bytes_are_refused_by_name(data: bytes) -> None:
    """Nothing but ActRefused escapes the parser."""
    with pytest.raises(ActRefused):
        parse_act(data)


@given(st.text(max_size=40))
def test_any_text_after_the_header_is_refused_by_name(text: str) -> None:
    """Lines of another kind are refused, whatever they hold."""
    with pytest.raises(ActRefused):
        parse_act(f"sallyport-act/v1\n{text}\n\n".encode())


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
        (b"expires 2026-12-01T00:00:00Z", b"expires 2026-12-01"),
        (b"expires 2026-12-01T00:00:00Z", b"expires 2026-02-30T00:00:00Z"),
        (b"expires 2026-12-01T00:00:00Z", b"expires 2026-12-01T24:00:00Z"),
        (b"words none", b"words something"),
        (b"changes catalogue,policy", b"changes catalogue,,policy"),
        (b"act activation", b"act activate"),
        (b"witness none", b"witness maybe"),
        (b"us-federal\n", b"us-federal\nmore x\n"),
        (b"us-federal\n", b"us-federal\nperson x\n"),
        (b"witness none\n", b""),
        (b"checks 1", b"checks g"),
        (b"drafts us-ca,us-federal", b"drafts us-ca,,us-federal"),
        (b"drafts us-ca,us-federal\n", b""),
        (b"origin log", b"origin +log"),
        (b"/v1", b"/v2"),
        (b"\n\n", b"\n\nnot a signature\n"),
        (b"\n\n", b"\n\nanother text\n\n"),
        (b"\n\n", b"\n"),
        (b"a" * 64, b"a" * 4000),
        (b"a" * 64, b"a" * MAX_BYTES),
    ],
)
def test_other_forms_are_refused(old: bytes, new: bytes) -> None:
    """There is one form; everything near it is refused."""
    broken = SIGNED["activation"].note.replace(old, new, 1)
    assert broken != SIGNED["activation"].note
    with pytest.raises(ActRefused):
        parse_act(broken)


def test_what_follows_an_act_and_is_no_signature_is_said_in_words() -> None:
    """The file came from somebody, who is told what is wrong in its lines."""
    broken = SIGNED["activation"].note.replace(b"\n\n", b"\n\nnot a signature\n", 1)
    with pytest.raises(ActRefused) as caught:
        parse_act(broken)
    assert str(caught.value).endswith(
        "follows the text: note-line (a line after its text is none of a signature)"
    )


@pytest.mark.parametrize("act", ["genesis", "roster"])
def test_a_roster_names_people(act: str) -> None:
    """An act that names a roster and nobody in it is none."""
    lines = [line for line in EVERY[act].text.split("\n") if "person" not in line]
    with pytest.raises(ActRefused, match="has the lines"):
        parse_act(("\n".join(lines) + "\n").encode())


def test_a_log_of_before_is_told_by_what_to_do() -> None:
    """The first entry of a log whose acts nobody signed is known, and refused."""
    note = (
        "sallyport-act/v1\norigin a.example/log\nact genesis\ncounter 0\n"
        f"reason setup\nexpires never\nroster empty\ncfg {'c' * 64}\n\n"
    )
    with pytest.raises(ActUnsigned, match="sallyport act new genesis") as caught:
        parse_act(note.encode())
    assert isinstance(caught.value, AuditError)


def test_an_instant_ends_a_statement() -> None:
    """A statement says until when it may be carried out."""
    assert EVERY["cutoff"].expires_ms == 1_796_083_200_000
    assert EVERY["stop"].expires_ms is None


def test_a_line_is_read_by_name() -> None:
    """A statement's own lines are found by name; others do not exist."""
    assert EVERY["cutoff"]["scope"] == "family"
    assert EVERY["cutoff"].people == ()
    with pytest.raises(KeyError):
        EVERY["cutoff"]["policy"]


def test_nothing_is_made_that_could_not_be_read() -> None:
    """A value that is not allowed is refused before anything is written."""
    with pytest.raises(ActRefused, match="name has a value"):
        statement("cutoff", scope="agency", name="two words")
    with pytest.raises(ActRefused, match="no act called"):
        Statement(
            origin="x",
            act="x",
            counter=0,
            reason="setup",
            expires="never",
            values=(),
        )


def test_words_open_with_their_salt() -> None:
    """Whoever has salt and text can show which words were signed."""
    said = words_commitment(b"s" * 16, "Asked for by the council.")
    again = hashlib.sha256(b"s" * 16 + b"Asked for by the council.").hexdigest()
    assert said == again
    assert len({said, words_commitment(b"t" * 16, "Asked for by the council.")}) == 2


def test_changed_line_ends_are_named() -> None:
    """An act that went through Windows or mail is refused, and it is said why."""
    note = SIGNED["cutoff"].note.replace(b"\n", b"\r\n")

    with pytest.raises(ActRefused, match=r"line ends were changed .* file anew"):
        parse_act(note)
