"""Collecting cosignatures: what arrives counts, whatever the rest does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from audit.addcheckpoint import SIZE_TYPE, AddCheckpoint
from audit.asker import Answer, Question
from audit.checkpoint import Checkpoint, cosignature_line, sign_checkpoint
from audit.cosigning import Cosigner, Signed
from audit.merkle import root_of
from audit.note import Note
from audit.policyfile import Policy
from audit.reading import FolderSource
from audit.signer import SeedSigner
from audit.vkey import COSIGNATURE, MLDSA44
from tests.audit.builders import KEYS, ORIGIN, START_MS
from tests.audit.cosigned import RING, signers, tree
from tests.audit.witnessing import (
    START_S,
    Board,
    Boards,
    Time,
    always,
    cosigner,
    policy_text,
    silent,
)


def test_all_witnesses_are_asked_at_once(tmp_path: Path) -> None:
    """One round, one second; each line is added, the log's own stay as they were."""
    boards = Boards([Board("a.example"), Board("b.example")])
    one = cosigner(boards, "all")
    signed = tree(tmp_path, 3)
    note = one.cosign(signed)

    assert note.startswith(signed.note)
    assert signers(note, boards) == {"a.example", "b.example"}
    assert (boards.rounds, boards.limits) == ([2], [1.0])
    assert one.satisfied(note)
    assert not one.satisfied(signed.note)
    assert not one.lacking(note)
    assert [(each.size, each.problem) for each in one.standings] == [(3, "")] * 2


def test_the_next_checkpoint_is_proved_from_the_last(tmp_path: Path) -> None:
    """Over tiles and sizes of all kinds; the same one is not asked for again."""
    boards = Boards([Board("a.example")])
    one = cosigner(boards)
    for size in (0, 1, 2, 255, 256, 300, 512, 599):
        note = one.cosign(tree(tmp_path, size))
        assert signers(note, boards) == {"a.example"}, size
        assert one.cosign(replace(tree(tmp_path, size), note=note)) == note

    asked = [AddCheckpoint.parse(each.body or b"") for each in boards.boards[0].asked]
    assert [each.old for each in asked] == [0, 0, 1, 2, 255, 256, 300, 512]


def test_a_witness_that_knows_more_than_we_remember_is_asked_twice(
    tmp_path: Path,
) -> None:
    """After a restart: it says its size, and gets the proof from there."""
    boards = Boards([Board("a.example"), Board("b.example")])
    cosigner(boards).cosign(tree(tmp_path, 3))
    again = cosigner(boards)
    note = again.cosign(tree(tmp_path, 7))

    assert boards.rounds == [2, 2, 2]
    assert signers(note, boards) == {"a.example", "b.example"}


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        (silent, "does not answer"),
        (always(403), "answers with status 403"),
        (always(404), "answers with status 404"),
        (always(429), "answers with status 429"),
        (always(500), "answers with status 500"),
        (always(409), "answers with status 409"),
        (always(422), "answers with status 422"),
        (always(200, body=b"x\n"), "answers what does not hold: note-line"),
        (always(200), "answers what does not hold: note-no-signatures"),
        (always(409, SIZE_TYPE, b"x\n"), "answers what does not hold: answer-size"),
        (always(409, SIZE_TYPE, b"2\n"), "says another size each time"),
    ],
)
def test_whatever_is_not_a_signature_is_none(
    tmp_path: Path,
    fault: Any,  # noqa: ANN401 - a fault
    problem: str,
) -> None:
    """The others' lines are published all the same, and the reason is known."""
    bad, good = Board("bad.example"), Board("good.example")
    bad.fault = fault
    boards = Boards([bad, good])
    one = cosigner(boards)
    note = one.cosign(tree(tmp_path, 3))

    assert signers(note, boards) == {"good.example"}
    assert one.satisfied(note)
    assert one.lacking(note)
    problems = [each.problem.partition(" (")[0] for each in one.standings]
    assert problems == [problem, ""]


def test_who_says_another_size_each_time_is_asked_twice(tmp_path: Path) -> None:
    """A wrong size is mended once; nobody is kept waiting by one that never agrees."""
    board = Board("a.example")
    board.fault = always(409, SIZE_TYPE, b"2\n")
    cosigner(Boards([board])).cosign(tree(tmp_path, 3))
    assert len(board.asked) == 2


def test_a_signature_of_another_key_or_without_a_time_is_none(tmp_path: Path) -> None:
    """Lines of strangers are passed by; a time of 0 promises nothing."""
    board = Board("a.example")
    boards = Boards([board])
    signed = tree(tmp_path, 3)
    text = Note.parse(signed.note).text
    stranger = SeedSigner.generate("stranger.example", COSIGNATURE)
    lines = cosignature_line(text, stranger, 7)
    problem = "answers what does not hold: no signature of its own with a time"
    for body in (lines, cosignature_line(text, board.signer, 0)):
        board.fault = always(200, body=body.encode())
        one = cosigner(boards)
        assert one.cosign(signed) == signed.note
        assert one.standings[0].problem == problem
    ours = cosignature_line(text, board.signer, 7).encode()
    assert not cosigner(boards).satisfied(signed.note + lines.encode())
    zero = cosignature_line(text, board.signer, 0).encode()
    assert not cosigner(boards).satisfied(signed.note + zero)
    assert cosigner(boards).satisfied(signed.note + ours)
    assert not cosigner(boards).satisfied(signed.note + ours[:-9] + b"AAAAAAA=\n")


def test_a_witness_that_fails_is_asked_less_and_less_often(tmp_path: Path) -> None:
    """Once more at once, then after 1, 2, 4, ... and at last every 30 seconds."""
    board, time = Board("a.example"), Time()
    board.fault = silent
    one = cosigner(Boards([board]), time=time)
    signed = tree(tmp_path, 3)
    tries: list[float] = []
    for second in range(200):
        time.now = second
        before = len(board.asked)
        one.cosign(signed)
        tries += [time.now] * (len(board.asked) - before)

    assert tries == [0, 1, 2, 4, 8, 16, 32, 62, 92, 122, 152, 182]
    board.fault = None
    time.now = 300
    one.cosign(signed)  # two questions: it had signed, and its answers were lost
    board.fault = silent
    signed = tree(tmp_path, 4)
    for _ in range(3):
        one.cosign(signed)
    assert len(board.asked) == len(tries) + 4


def test_how_far_a_witness_s_clock_is_from_ours(tmp_path: Path) -> None:
    """As its last line says it, for a day; nobody alone can make ours look wrong."""
    boards, time = Boards([Board("a.example"), Board("b.example")]), Time()
    boards.boards[0].seconds += 400
    boards.boards[1].seconds -= 10
    unix_ms = START_MS
    one = Cosigner(
        Policy.parse(policy_text(boards.boards)),
        asker=boards,
        now_ms=lambda: unix_ms,
        monotonic=time,
    )
    assert [each.offset_s for each in one.standings] == [None, None]
    assert (one.offset_s, one.earliest_s) == (None, 0)
    one.cosign(tree(tmp_path, 3))
    assert [each.offset_s for each in one.standings] == [400, -10]
    assert (one.offset_s, one.earliest_s) == (-10, START_S - 10)
    time.now += 60  # an hour back by the wall clock, a minute on by the other
    unix_ms -= 3_600_000
    assert one.offset_s == 3_600 + 60 - 10
    time.now += 86_400
    assert one.offset_s is None


def test_a_witness_that_said_nothing_says_no_time(tmp_path: Path) -> None:
    """The earliest time is of those that spoke."""
    silent_one, other = Board("a.example"), Board("b.example")
    silent_one.fault = silent
    one = cosigner(Boards([silent_one, other]))
    one.cosign(tree(tmp_path, 3))
    assert one.earliest_s == START_S


def test_one_address_may_sign_with_two_keys(tmp_path: Path) -> None:
    """It is asked once, and both lines are kept."""
    board = Board("a.example")
    second = SeedSigner.generate("a.example", MLDSA44)
    signed = tree(tmp_path, 3)

    def both(_question: Question, answer: Answer) -> Answer:
        more = cosignature_line(Note.parse(signed.note).text, second, 9)
        return replace(answer, body=answer.body + more.encode())

    board.fault = both
    boards = Boards([board])
    policy = Policy.parse(
        f"witness ed {board.signer.verifier.text} {board.url}\n"
        f"witness pq {second.verifier.text} {board.url}/\n"
        f"witness nowhere {SeedSigner.generate('n', COSIGNATURE).verifier.text}\n"
        "group g all ed pq\nquorum g\n".encode()
    )
    one = Cosigner(policy, asker=boards, now_ms=lambda: START_MS, monotonic=lambda: 0.0)
    note = one.cosign(signed)

    assert boards.rounds == [1]
    assert one.satisfied(note)
    assert not one.lacking(note)


def test_a_tree_that_does_not_read_is_not_cosigned(tmp_path: Path) -> None:
    """Nothing can be proved from damaged tiles; it is said, and not a fork."""
    boards = Boards([Board("a.example")])
    one = cosigner(boards)
    one.cosign(tree(tmp_path, 300))
    signed = tree(tmp_path, 599)
    (tmp_path / "tile/0/001").unlink()

    assert one.cosign(signed) == signed.note
    assert "can't be shown a proof: tile/0/001 is missing" in one.standings[0].problem


def test_without_time_keys_a_note_can_be_cosigned_too() -> None:
    """Any checkpoint of C2SP's can."""
    head = Checkpoint(origin=ORIGIN, size=0, root=root_of([]))
    note = sign_checkpoint(head, log=KEYS.log, time=None, seconds=0)
    boards = Boards([Board("a.example")])
    signed = Signed(note=note, tree=FolderSource(Path()), keys=RING, stored=lambda: 0)
    assert signers(cosigner(boards).cosign(signed), boards) == {"a.example"}
