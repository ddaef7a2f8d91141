"""The file of an act: what goes round, and what nobody can put in its place."""

from __future__ import annotations

import dataclasses
import hashlib
from types import MappingProxyType

import pytest

from audit.act import Act, Statement, words_commitment
from gateway.acts import (
    ActFile,
    ActFileMalformed,
    cutoff_lift,
    face_commitment,
    paper,
    paper_commitment,
)
from tests.gateway.county import BOTH, LATE, ORIGIN, signed

DOCUMENT, FACE = "e" * 64, '{"signer":"judge","type":"ao442"}'
COMMITMENT, SALT = paper_commitment(b"k" * 32, DOCUMENT)
WORDS = "Asked for by the council on 3 M\u00e4rz."


def file(statement: Statement, **sealed: str) -> ActFile:
    """Return a file that both have signed."""
    named = {name.replace("_", "-"): text for name, text in sealed.items()}
    return ActFile(act=signed(statement, *BOTH), sealed=MappingProxyType(named))


LIFT = file(
    cutoff_lift(
        origin=ORIGIN,
        lifts=0,
        reason="resolved",
        expires=LATE,
        words=words_commitment(b"s" * 16, WORDS),
    ),
    words_salt=(b"s" * 16).hex(),
    words=WORDS,
)
PAPER = file(
    paper(
        origin=ORIGIN,
        commitment=COMMITMENT,
        state="issuer_confirmed",
        face=face_commitment(SALT, FACE),
        expires=LATE,
    ),
    document=DOCUMENT,
    salt=SALT,
    face=FACE,
)


@pytest.mark.parametrize("given", [LIFT, PAPER])
def test_a_file_is_read_back(given: ActFile) -> None:
    """Act, signatures, and what is sealed with it; a bare act is one too."""
    assert ActFile.parse(given.text.encode()) == given
    assert ActFile.parse(given.act.note) == ActFile(act=given.act)


def test_a_file_is_these_lines() -> None:
    """What is sealed stands above the act, one line each."""
    head, _, note = PAPER.text.partition("\n\n")
    assert head.splitlines() == [
        "sallyport-act-file/v1",
        f"document {DOCUMENT}",
        f"salt {SALT}",
        f"face {FACE}",
    ]
    assert note.encode() == PAPER.act.note
    opened = hashlib.sha256(bytes.fromhex(SALT) + bytes.fromhex(DOCUMENT))
    assert PAPER.act.statement["paper"] == opened.hexdigest()


@pytest.mark.parametrize(
    ("given", "old", "new", "problem"),
    [
        (LIFT, "council", "sheriff", "words beside the act are not"),
        (LIFT, f"words {WORDS}\n", "", "words beside the act are not"),
        (LIFT, "words-salt 73", "words-salt 74", "words beside the act are not"),
        (PAPER, f"document {DOCUMENT}", f"document {'f' * 64}", "document beside"),
        (PAPER, f"document {DOCUMENT}\n", "", "does not say which document"),
        (PAPER, '"ao442"', '"ao93"', "on the paper's face is not"),
        (PAPER, f"face {FACE}\n", "", "on the paper's face is not"),
        (LIFT, WORDS, "\x9b2J", "words has a value"),
        (LIFT, WORDS, "a\u202eb", "words has a value"),
        (PAPER, "document e", "document E", "document has a value"),
        (PAPER, "salt ", "pepper ", "pepper has a value"),
        (PAPER, f"salt {SALT}\n", f"salt {SALT}\n" * 2, "there twice"),
        (LIFT, "resolved", "because", "the act in it is none"),
        (LIFT, "lifts 0\n\n", "lifts 0\n", "the act in it is none"),
    ],
)
def test_what_is_not_the_acts_own_is_refused(
    given: ActFile, old: str, new: str, problem: str
) -> None:
    """Other words, another document, another face than those that were signed."""
    broken = given.text.replace(old, new, 1)
    assert broken != given.text
    with pytest.raises(ActFileMalformed, match=problem):
        ActFile.parse(broken.encode())


def test_other_files_are_refused() -> None:
    """Too long, not text, no act at all."""
    with pytest.raises(ActFileMalformed, match="longer than"):
        ActFile.parse(b"x" * 60_000)
    with pytest.raises(ActFileMalformed, match="not text"):
        ActFile.parse(b"sallyport-act-file/v1\nwords \xff\n\nx")
    with pytest.raises(ActFileMalformed, match="the act in it is none"):
        ActFile.parse(b"hello")


def test_copies_that_were_signed_apart_are_joined() -> None:
    """Two people sign two copies; no signature is there twice; another act is none."""
    one, two = (
        dataclasses.replace(LIFT, act=signed(LIFT.act.statement, name)) for name in BOTH
    )
    assert one.joined(two) == LIFT
    assert one.joined(two).joined(one) == LIFT
    with pytest.raises(ActFileMalformed, match="two different acts"):
        one.joined(PAPER)


def test_a_bare_paper_says_nothing_of_its_document() -> None:
    """Without what is sealed with it, auditors could never open it: not its own."""
    with pytest.raises(ActFileMalformed, match="which document"):
        ActFile(act=Act(statement=PAPER.act.statement)).require_own()


@pytest.mark.parametrize(
    "sealed",
    [
        {"gate": "{}"},
        {"document": DOCUMENT},
        {"face": FACE},
        {"words": WORDS},
        {"words_salt": (b"s" * 16).hex()},
    ],
)
def test_only_what_an_act_commits_to_may_stand_beside_it(
    sealed: dict[str, str],
) -> None:
    """Signers are shown it, and it is sealed: so nobody else may choose it."""
    lift = cutoff_lift(origin=ORIGIN, lifts=0, reason="resolved", expires=LATE)
    with pytest.raises(ActFileMalformed, match=r"belong to it|not the act's own"):
        file(lift, **sealed).require_own()
