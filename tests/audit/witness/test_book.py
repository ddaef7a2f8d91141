"""What a witness has cosigned: durable, atomic, never shorter than before."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import pytest

from audit.addcheckpoint import AddCheckpoint, read_answer
from audit.checkpoint import open_checkpoint
from audit.witness import book as book_module
from audit.witness.book import Book
from audit.witness.judgement import Refused
from audit.witness.witness import Witness
from tests.audit.witness.logs import LOG_KEY, ORIGIN, OTHER, asked, settings, signed

HASH = sha256(ORIGIN.encode()).hexdigest()
TRIALS = 40


def witness(folder: Path, at: int = 1000) -> Witness:
    """Return a witness on a folder; each has a connection of its own."""
    found = settings(folder)
    book = Book(found.database)
    return Witness(found, book, seconds=lambda: at, monotonic=lambda: 0.0)


def test_the_latest_is_kept_with_both_signatures(tmp_path: Path) -> None:
    """Of the log and of the witness; after a restart too."""
    lines = witness(tmp_path).add_checkpoint(asked(0, 7))
    key = settings(tmp_path).signers[0].verifier
    ours, said = read_answer(lines, signed(7), [key])
    kept = witness(tmp_path).checkpoint(HASH)

    assert (ours, said.times) == (lines, {key: 1000})
    assert kept is not None
    found = open_checkpoint(kept, [LOG_KEY.verifier, key])
    assert (found.checkpoint.size, found.times) == (7, {key: 1000})
    assert kept == signed(7) + lines
    assert witness(tmp_path).checkpoint("0" * 64) is None


def test_growth_and_the_same_again(tmp_path: Path) -> None:
    """Each answer has the time of its own."""
    one = witness(tmp_path)
    one.add_checkpoint(asked(0, 3))
    one.add_checkpoint(asked(3, 7))
    later = witness(tmp_path, at=2000)
    lines = later.add_checkpoint(asked(7, 7))

    assert later.checkpoint(HASH) == signed(7) + lines
    with pytest.raises(Refused) as caught:
        one.add_checkpoint(asked(3, 7))
    assert caught.value.body == "7\n"


def test_two_histories_are_evidence(tmp_path: Path) -> None:
    """Both notes are kept, once; the record stays as it was."""
    one = witness(tmp_path)
    one.add_checkpoint(asked(0, 7))
    for body in (asked(7, 7, OTHER), asked(7, 9, OTHER), asked(7, 9, OTHER)):
        with pytest.raises(Refused) as caught:
            one.add_checkpoint(body)
        assert caught.value.status == 422
    book = Book(tmp_path / "witness.db")
    found = book.conflicts()

    assert {each.shown for each in found} == {signed(7, OTHER), signed(9, OTHER)}
    assert {each.cosigned for each in found} == {one.checkpoint(HASH)}
    assert len(found) == 2
    assert [(each.origin, each.size, each.at) for each in book.logs()] == [
        (ORIGIN, 7, 1000)
    ]


def test_what_is_shown_with_a_wrong_proof_first_is_no_evidence_later(
    tmp_path: Path,
) -> None:
    """Whoever has a checkpoint can send it: that alone speaks against no log."""
    one = witness(tmp_path)
    one.add_checkpoint(asked(0, 3))
    sent = AddCheckpoint(old=3, proof=(), checkpoint=signed(7)).pack()
    for body in (sent, asked(3, 9, OTHER)):
        with pytest.raises(Refused):
            one.add_checkpoint(body)
    book = Book(tmp_path / "witness.db")
    assert len(book.conflicts()) == 2

    one.add_checkpoint(asked(3, 7))
    assert [each.shown for each in book.conflicts()] == [signed(9, OTHER)]


def test_evidence_does_not_fill_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of one log so many and no more."""
    monkeypatch.setattr(book_module, "_MOST_CONFLICTS", 3)
    one = witness(tmp_path)
    one.add_checkpoint(asked(0, 7))
    for size in range(8, 14):
        with pytest.raises(Refused):
            one.add_checkpoint(asked(7, size, OTHER))

    assert len(Book(tmp_path / "witness.db").conflicts()) == 3


def test_what_anybody_can_send_takes_no_room_from_a_second_history(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Larger checkpoints with wrong proofs are many; two roots of one size are kept."""
    monkeypatch.setattr(book_module, "_MOST_CONFLICTS", 3)
    one = witness(tmp_path)
    one.add_checkpoint(asked(0, 7))
    bodies = [
        AddCheckpoint(old=7, proof=(), checkpoint=signed(size)).pack()
        for size in range(8, 14)
    ]
    graves = []
    for body in (*bodies, asked(7, 7, OTHER), asked(7, 7, OTHER)):
        with pytest.raises(Refused) as caught:
            one.add_checkpoint(body)
        graves.append(caught.value.grave)

    assert graves == [True] * 3 + [False] * 3 + [True, False]
    found = Book(tmp_path / "witness.db").conflicts()
    assert [each.proven for each in found].count(True) == 1
    assert {each.shown for each in found if each.proven} == {signed(7, OTHER)}


def test_what_a_log_has_shown_spends_nothing_when_others_send_it(
    tmp_path: Path,
) -> None:
    """The witness itself shows the latest to everybody."""
    found = settings(tmp_path, "per_minute = 2\n")
    one = Witness(found, Book(found.database), seconds=lambda: 1, monotonic=lambda: 0.0)
    one.add_checkpoint(asked(0, 3))
    statuses = []
    for body in (asked(3, 3), asked(3, 3), asked(3, 3), asked(0, 3), asked(3, 4)):
        try:
            one.add_checkpoint(body)
            statuses.append(200)
        except Refused as refused:
            statuses.append(refused.status)

    assert statuses == [200, 200, 429, 409, 200]


def test_a_log_that_asks_too_often_is_told_so(tmp_path: Path) -> None:
    """Only requests that its key signed count."""
    found = settings(tmp_path, "per_minute = 2\n")
    one = Witness(found, Book(found.database), seconds=lambda: 1, monotonic=lambda: 0.0)
    for _ in range(3):
        with pytest.raises(Refused) as caught:
            one.add_checkpoint(b"")
        assert caught.value.status == 400
    one.add_checkpoint(asked(0, 1))
    one.add_checkpoint(asked(1, 2))
    with pytest.raises(Refused) as caught:
        one.add_checkpoint(asked(2, 3))
    assert caught.value.status == 429


def test_what_cannot_be_recorded_is_not_answered(tmp_path: Path) -> None:
    """And what was recorded before stays."""
    one = witness(tmp_path)
    one.add_checkpoint(asked(0, 3))
    with sqlite3.connect(tmp_path / "witness.db") as other:
        other.execute(
            "CREATE TRIGGER full BEFORE INSERT ON cosigned"
            " BEGIN SELECT RAISE(ROLLBACK, 'no room'); END"
        )
    with pytest.raises(sqlite3.Error, match="no room"):
        one.add_checkpoint(asked(3, 7))
    with sqlite3.connect(tmp_path / "witness.db") as other:
        other.execute("DROP TRIGGER full")
    one.add_checkpoint(asked(3, 7))
    assert len(Book(tmp_path / "witness.db").logs()) == 1


def test_the_race_of_the_specification(tmp_path: Path) -> None:
    """From 1, at once to 3 and to 5, by two processes' connections: 5 never becomes 3.

    Whichever comes first, whoever comes second is told where the witness is.
    """
    settings(tmp_path)
    Book(tmp_path / "witness.db").close()
    for _ in range(10):
        (tmp_path / "witness.db").unlink()
        witnesses = [witness(tmp_path), witness(tmp_path)]
        witnesses[0].add_checkpoint(asked(0, 1))

        def one(place: int, found: list[Witness] = witnesses) -> int:
            try:
                found[place].add_checkpoint(asked(1, (3, 5)[place]))
            except Refused as refused:
                return -int(refused.body) if refused.status == 409 else 0
            return (3, 5)[place]

        with ThreadPoolExecutor(2) as pool:
            told = list(pool.map(one, range(2)))
        kept = witnesses[0].checkpoint(HASH)
        assert kept is not None
        size = int(kept.split(b"\n")[1])
        assert sorted(told) in ([-3, 3], [-5, 5])
        assert size == max(told)


def test_killed_at_random_it_never_goes_back(tmp_path: Path, repository: Path) -> None:
    """What it answered it still has, and it never answers for that size again."""
    settings(tmp_path)
    done = subprocess.run(
        [
            sys.executable,
            *("-m", "tests.audit.witness.killed", str(tmp_path), str(TRIALS), "1"),
        ],
        check=True,
        cwd=repository,
        stdout=subprocess.PIPE,
        text=True,
    )
    trials = [line.split("|") for line in done.stdout.splitlines()]
    answered = [list(map(int, each.split())) for each, _ in trials]
    found = [int(each) for _, each in trials]

    assert len(trials) == TRIALS
    sizes = [size for each in answered for size in each]
    assert sizes == sorted(set(sizes)), "a size was cosigned twice"
    for sizes, now in zip(answered, found, strict=True):
        # What was recorded in the moment of the kill was not answered any more.
        assert now in (sizes[-1], sizes[-1] + 1)
