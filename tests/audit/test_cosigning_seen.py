"""What witnesses have seen before: more than is stored, other histories, the latest."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from audit.asker import Answer
from audit.checkpoint import Checkpoint, cosignature_line
from audit.errors import LogBehind, LogForked
from audit.merkle import leaf_hash, root_of
from audit.note import Note, sign_note
from tests.audit.builders import KEYS, ORIGIN
from tests.audit.cosigned import LEAVES, signers, tree
from tests.audit.witnessing import Board, Boards, always, cosigner, silent

# --- a witness that has seen something else --------------------------------------


def test_a_store_that_is_behind_a_witness_is_refused(tmp_path: Path) -> None:
    """Though nobody asked before: it says its size, and shows what was signed."""
    boards = Boards([Board("a.example")])
    cosigner(boards).cosign(tree(tmp_path, 7))
    with pytest.raises(LogBehind, match=r"the witness a.example shows that this log"):
        cosigner(boards).cosign(tree(tmp_path, 5))


def test_a_size_alone_is_believed_too(tmp_path: Path) -> None:
    """Of a witness that shows nothing: it was named in the policy, and reached."""
    board = Board("a.example")
    cosigner(Boards([board])).cosign(tree(tmp_path, 7))
    board.fault = lambda question, answer: (
        answer if question.body else Answer(status=404, kind="", body=b"")
    )
    with pytest.raises(LogBehind, match="signed 7 entries, and 5 entries are stored"):
        cosigner(Boards([board])).cosign(tree(tmp_path, 5))


def test_what_another_process_has_shown_it_meanwhile_is_no_reason(
    tmp_path: Path,
) -> None:
    """A later checkpoint of the same store: this one is not signed any more."""
    boards = Boards([Board("a.example")])
    one = cosigner(boards)
    cosigner(boards).cosign(tree(tmp_path / "later", 7))
    signed = replace(tree(tmp_path, 5), stored=lambda: 7)

    assert one.cosign(signed) == signed.note
    assert one.standings[0].problem == ""
    assert one.cosign(signed) == signed.note
    boards.boards[0].fault = lambda question, answer: (
        Answer(status=409, kind="", body=b"") if question.body else answer
    )
    assert one.cosign(signed) == signed.note


OTHER = [*LEAVES[:2], b"another", *LEAVES[3:]]


@pytest.mark.parametrize("status", [422, 409])
@pytest.mark.parametrize("size", [7, 9])
def test_a_second_history_stops_the_log(tmp_path: Path, size: int, status: int) -> None:
    """Whether the witness says so with 422, as the specification does, or with 409."""
    board = Board("a.example")
    cosigner(Boards([board])).cosign(tree(tmp_path / "first", 7, leaves=OTHER))
    board.fault = lambda _question, answer: (
        replace(answer, status=status) if answer.status == 422 else answer
    )
    with pytest.raises(LogForked, match="there are two histories"):
        cosigner(Boards([board])).cosign(tree(tmp_path, size))


def test_damaged_tiles_are_no_second_history(tmp_path: Path) -> None:
    """A proof that can't be compared accuses nobody."""
    board = Board("a.example")
    boards = Boards([board])
    cosigner(boards).cosign(tree(tmp_path, 300))
    signed = tree(tmp_path, 301)
    board.fault = lambda question, answer: (
        Answer(status=422, kind="", body=b"") if question.body else answer
    )
    (tmp_path / "tile/0/001.p/45").unlink()
    one = cosigner(boards)

    assert one.cosign(signed) == signed.note
    assert one.standings[0].problem == "answers with status 422"


# --- what they have before the log is written -----------------------------------


def shown(board: Board, note: bytes, status: int = 200) -> Any:  # noqa: ANN401 - a fault
    """Have a witness show something."""
    board.fault = always(status, body=note)


def test_every_witness_is_asked_for_its_latest(tmp_path: Path) -> None:
    """Who has nothing says so and is no problem; who does not answer is one."""
    boards = Boards([Board(f"{name}.example") for name in "abcdef"])
    signed = tree(tmp_path, 7)
    note = cosigner(Boards(boards.boards[:1])).cosign(signed)
    text = Note.parse(note).text
    boards.boards[2].fault = silent
    shown(boards.boards[3], b"", 500)
    shown(boards.boards[4], b"x")
    shown(boards.boards[5], signed.note)
    one = cosigner(boards)
    said, problems = one.said(ORIGIN)

    assert [each.where for each in said] == ["the witness a.example"]
    assert signers(said[0].note, boards) == {"a.example"}
    assert Note.parse(said[0].note).text == text
    assert problems == [
        "the witness c.example does not answer",
        "the witness d.example answers with status 500",
        (
            "the witness e.example shows what it did not sign: note-no-signatures"
            " (it is empty, cut short, or no signed note)"
        ),
        "the witness f.example shows what it did not sign",
    ]
    assert one.standings[0].size == 7
    assert [each.problem for each in one.standings] == [
        "not asked yet",
        "not asked yet",
        *(each.partition(".example ")[2] for each in problems),
    ]
    other = Checkpoint(origin="elsewhere", size=1, root=root_of([leaf_hash(b"")])).text
    signer = boards.boards[5].signer
    for odd in (
        sign_note(other, [KEYS.log]) + cosignature_line(other, signer, 7).encode(),
        signed.note + cosignature_line(text, signer, 0).encode(),
    ):
        shown(boards.boards[5], odd)
        assert problems[3] in cosigner(boards).said(ORIGIN)[1]


def test_after_that_the_first_checkpoint_needs_one_round(tmp_path: Path) -> None:
    """What was shown is remembered."""
    boards = Boards([Board("a.example")])
    cosigner(boards).cosign(tree(tmp_path, 3))
    one = cosigner(boards)
    one.said(ORIGIN)
    one.cosign(tree(tmp_path, 7))

    assert boards.rounds == [1, 1, 1]
