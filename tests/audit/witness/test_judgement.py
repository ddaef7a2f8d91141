"""Each status of C2SP tlog-witness, from the bodies alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from audit.addcheckpoint import SIZE_TYPE, AddCheckpoint
from audit.checkpoint import Checkpoint, sign_checkpoint
from audit.merkle import EMPTY_ROOT
from audit.note import Note, sign_note, signature_line
from audit.signer import SeedSigner
from audit.vkey import ED25519, MLDSA44
from audit.witness.judgement import Refused, check, read
from tests.audit.witness.logs import (
    LOG_KEY,
    ORIGIN,
    OTHER,
    asked,
    proof,
    root,
    signed,
)

PQ_KEY = SeedSigner(name=ORIGIN, kind=MLDSA44, seed=b"\x08" * 32)
LOGS = {ORIGIN: (LOG_KEY.verifier, PQ_KEY.verifier)}
THIEF = SeedSigner(name=ORIGIN, kind=ED25519, seed=b"\x01" * 32)


def altered(body: bytes, signer: SeedSigner = LOG_KEY) -> bytes:
    """Return a request whose line of a key names it and does not hold."""
    head, gap, note = body.partition(b"\n\n")
    parsed = Note.parse(note)
    lines = parsed.pack().decode().split("\n")
    for place, line in enumerate(lines):
        if line.startswith("— ") and signer.verifier.id == _id(line):
            lines[place] = (
                line[:-8] + ("AAAA" if line[-8:-4] != "AAAA" else "BBBB") + line[-4:]
            )
    return head + gap + "\n".join(lines).encode()


def _id(line: str) -> bytes:
    note = Note.parse(f"x\n\n{line}\n".encode())
    return note.signatures[0].id


def with_note(note: bytes, old: int = 0) -> bytes:
    """Return a request of any note."""
    return AddCheckpoint(old=old, proof=(), checkpoint=note).pack()


def pq_only(size: int) -> bytes:
    """Return a checkpoint that only the log's ML-DSA key signed."""
    head = Checkpoint(origin=ORIGIN, size=size, root=root(size))
    whole = Note.parse(
        sign_checkpoint(head, log=LOG_KEY, time=None, mldsa=PQ_KEY, seconds=9)
    )
    kept = [each for each in whole.signatures if each.id == PQ_KEY.verifier.id]
    return Note(text=whole.text, signatures=tuple(kept)).pack()


def test_a_signed_checkpoint_is_read() -> None:
    """Its origin, size and root; of the lines, those of the log's keys."""
    body = with_note(signed(3) + b"\xe2\x80\x94 somebody AAAAAAAA\n")
    found = read(body, LOGS)

    assert (found.origin, found.size, found.root) == (ORIGIN, 3, root(3))
    assert [each.name for each in found.signed] == [ORIGIN]


def test_one_key_of_a_log_is_enough() -> None:
    """ML-DSA alone, if it is trusted; both are kept if both have signed."""
    assert len(read(with_note(pq_only(3)), LOGS).signed) == 1
    head = Checkpoint(origin=ORIGIN, size=3, root=root(3))
    both = sign_checkpoint(head, log=LOG_KEY, time=None, mldsa=PQ_KEY, seconds=9)
    assert len(read(with_note(both), LOGS).signed) == 2


def test_lines_after_the_root_need_a_signature_over_them() -> None:
    """ML-DSA's is not: anybody could add some, and have them countersigned."""
    note = Note.parse(pq_only(3))
    more = Note(text=f"{note.text}more\n", signatures=note.signatures)
    with pytest.raises(Refused, match="lines after the root") as caught:
        read(with_note(more.pack()), LOGS)
    assert caught.value.status == 403
    assert read(with_note(sign_note(more.text, [LOG_KEY])), LOGS).text == more.text


@pytest.mark.usefixtures("old_library")
def test_a_key_that_cannot_be_tried_has_not_signed() -> None:
    """Without ML-DSA in the library such a line counts for nothing."""
    with pytest.raises(Refused) as caught:
        read(with_note(pq_only(3)), LOGS)
    assert caught.value.status == 403


def not_a_root() -> bytes:
    """Return a checkpoint of no entries with the root of some."""
    text = Checkpoint(origin=ORIGIN, size=0, root=bytes(32)).text
    return sign_note(text, [LOG_KEY])


REFUSED: list[tuple[str, Callable[[], bytes], int]] = [
    ("nothing", lambda: b"", 400),
    ("no number", lambda: asked(0, 3).replace(b"old 0", b"old x"), 400),
    ("no note", lambda: b"old 0\n\nhello\n", 400),
    ("no lines", lambda: with_note(sign_note(f"{ORIGIN}\n7\n", [LOG_KEY])), 400),
    ("old is larger", lambda: with_note(signed(3), old=4), 400),
    ("bad signature", lambda: altered(asked(0, 3)), 403),
    ("bad ML-DSA", lambda: altered(with_note(pq_only(3)), PQ_KEY), 403),
    ("short ML-DSA", lambda: with_note(signed(3) + short_line()), 403),
    ("another's key", lambda: asked(0, 3, key=THIEF), 403),
    ("unknown log", lambda: with_note(sign_note("elsewhere\n1\nx\n", [LOG_KEY])), 404),
    ("a root of nothing", lambda: with_note(not_a_root()), 422),
]


def short_line() -> bytes:
    """Return a line of the ML-DSA key that is no cosignature."""
    return signature_line(PQ_KEY.verifier, b"short").encode()


@pytest.mark.parametrize(
    ("body", "status"),
    [each[1:] for each in REFUSED],
    ids=[each[0] for each in REFUSED],
)
def test_what_is_not_signed_right_is_refused(
    body: Callable[[], bytes], status: int
) -> None:
    """Each with its status."""
    with pytest.raises(Refused) as caught:
        read(body(), LOGS)
    assert (caught.value.status, caught.value.kind) == (status, "text/plain")


@pytest.mark.parametrize(
    ("old", "size"), [(0, 1), (0, 7), (3, 7), (4, 7), (7, 7), (0, 0)]
)
def test_what_continues_is_not_refused(old: int, size: int) -> None:
    """Growth with its proof, and the same again."""
    check(read(asked(old, size), LOGS), old, root(old))


@pytest.mark.parametrize(("old", "latest"), [(0, 3), (3, 0), (3, 4), (5, 4)])
def test_another_size_than_the_latest_is_told_it(old: int, latest: int) -> None:
    """409, with the type that says it is a size."""
    with pytest.raises(Refused) as caught:
        check(read(asked(old, 7), LOGS), latest, root(latest))
    assert (caught.value.status, caught.value.kind) == (409, SIZE_TYPE)
    assert caught.value.body == f"{latest}\n"


def request(
    old: int, size: int, hashes: tuple[bytes, ...], leaves: tuple[bytes, ...]
) -> bytes:
    """Return a request with some proof or other."""
    checkpoint = signed(size, leaves)
    return AddCheckpoint(old=old, proof=hashes, checkpoint=checkpoint).pack()


@pytest.mark.parametrize(
    ("body", "old", "grave"),
    [
        (request(0, 3, (bytes(32),), OTHER), 0, False),
        (request(3, 3, (), OTHER), 3, True),
        (request(3, 7, (), OTHER), 3, True),
        (request(3, 7, proof(3, 7, OTHER), OTHER), 3, True),
        (asked(3, 3).replace(b"\n\n", b"\n" + b"A" * 43 + b"=\n\n", 1), 3, False),
    ],
    ids=["proof from 0", "same size", "no proof", "fork", "proof of the same"],
)
def test_what_does_not_continue_is_refused(
    body: bytes, old: int, *, grave: bool
) -> None:
    """422; what may be a second history is to be kept."""
    with pytest.raises(Refused) as caught:
        check(read(body, LOGS), old, root(old) if old else EMPTY_ROOT)
    assert (caught.value.status, caught.value.grave) == (422, grave)
