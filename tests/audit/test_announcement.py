"""What announces a log's new keys: both keys sign it, and nothing else is taken."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import pytest

from audit.checkpoint import Checkpoint, Cosigned, sign_checkpoint
from audit.errors import AuditError, Malformed, ProofInvalid, SourceUnreadable
from audit.finding import Kind
from audit.keychanges import KeyChanges
from audit.keyring import Keyring, Period
from audit.merkle import leaf_hash, root_of
from audit.note import Note
from audit.proof import Proof
from audit.report import Report
from audit.rotation import (
    Announcement,
    announce,
    announced,
    followed,
    handover_path,
    keys_of,
)
from audit.signer import Signer
from tests.audit.builders import KEYS, ORIGIN
from tests.audit.rotated import NEW
from tests.audit.sources import Files


def read(
    index: int, made: Announcement, ring: Keyring, by: Signer = KEYS.log
) -> Report:
    """Return what a reader of one announcement reports, of a log of 20 entries."""
    head = Checkpoint(origin=ORIGIN, size=20, root=bytes(32))
    note = sign_checkpoint(head, log=by, time=None, seconds=1)
    report = Report()
    changes = KeyChanges(
        source=Files(made.files),
        report=report,
        cosigned=Cosigned(checkpoint=head, note=Note.parse(note), times={}),
        keyring=ring,
    )
    changes.check(index, made.act, made.note, made.keys)
    return report


def told(index: int, made: Announcement, ring: Keyring) -> list[str]:
    """Return what a reader of one announcement finds, or is told."""
    report = read(index, made, ring)
    return [each.text for each in report.findings] or report.notices


@pytest.mark.parametrize(
    ("by", "index", "reason"),
    [
        (KEYS.log, 19, ""),
        (KEYS.log, 18, "a key outside its window: it was given up in this entry"),
        (NEW.log, 19, "signed by a key before its window"),
        (NEW.log, 18, ""),
    ],
)
def test_a_window_ends_with_the_entry_that_says_so(
    by: Signer, index: int, reason: str
) -> None:
    """The old keys sign the checkpoint that has it as its last, the new ones later."""
    made = announce(KEYS.log, NEW.log, NEW.verifiers, counter=0, reason="scheduled")
    old = Period(keys=KEYS.verifiers, last=None)
    found = read(index, made, Keyring(periods=(old,)), by).findings
    expected = [("checkpoint", reason, Kind.KEY_OUT_OF_WINDOW)] if reason else []
    assert [(each.where, each.reason, each.kind) for each in found] == expected


def test_a_forged_change_is_a_forged_act() -> None:
    """Signed by one key only, or a second one of the same keys."""
    known = Keyring(periods=(Period(keys=KEYS.verifiers, last=20),))
    good = announce(KEYS.log, NEW.log, NEW.verifiers, counter=0, reason="scheduled")
    bad = announce(KEYS.log, KEYS.log, NEW.verifiers, counter=0, reason="scheduled")
    for index, made in ((9, good), (9, bad)):
        kinds = [each.kind for each in read(index, made, known).findings]
        assert kinds == [Kind.ACT_FORGED]


def test_an_entry_that_announces_badly_is_a_finding() -> None:
    """Not signed by both, or of keys that were given up already, or elsewhere."""
    good = announce(KEYS.log, NEW.log, NEW.verifiers, counter=0, reason="scheduled")
    known = Period(keys=KEYS.verifiers, last=20)
    assert "announced by the key" in told(19, good, Keyring(periods=(known,)))[0]
    assert told(9, good, Keyring(periods=(known,))) == [
        "acts, entry 9: announces a second change of the same keys"
    ]
    bad = announce(KEYS.log, KEYS.log, NEW.verifiers, counter=0, reason="scheduled")
    [found] = told(9, bad, Keyring(periods=(known,)))
    assert "is no change of keys: no signature of the key" in found
    [found] = told(9, dataclasses.replace(good, keys=b""), Keyring(periods=()))
    assert "is no change of keys: keys-roles" in found
    assert "not given" in told(9, good, Keyring(periods=()))[0]
    with pytest.raises(SourceUnreadable):
        unreadable(good, Keyring(periods=(known,)))
    assert Keyring(periods=()).period_of(Note.parse(good.note), ORIGIN) is None


def unreadable(made: Announcement, ring: Keyring) -> None:
    """Read an announcement whose file of keys can't be read just now."""

    class Failing(Files):
        def read(self, path: str) -> bytes | None:
            raise SourceUnreadable(path)

    head = Checkpoint(origin=ORIGIN, size=20, root=bytes(32))
    note = Note.parse(sign_checkpoint(head, log=KEYS.log, time=None, seconds=1))
    KeyChanges(
        source=Failing({}),
        report=Report(),
        cosigned=Cosigned(checkpoint=head, note=note, times={}),
        keyring=ring,
    ).check(19, made.act, made.note, made.keys)


# --- what is read -------------------------------------------------------------------


LINES = "".join(f"{key.text}\n" for key in NEW.verifiers)


def test_files_of_keys() -> None:
    """All four roles, or three; nothing else, in this order."""
    assert keys_of(LINES.encode(), ORIGIN) == NEW.verifiers
    three = "".join(LINES.splitlines(keepends=True)[:3])
    assert keys_of(three.encode(), ORIGIN) == NEW.verifiers[:3]
    for text, reason in (
        (LINES.rstrip(), "keys-text"),
        ("", "keys-roles"),
        (LINES + LINES, "keys-roles"),
        (LINES.partition("\n")[2], "keys-roles"),
        (LINES + "x\n", "vkey-parts"),
    ):
        with pytest.raises(Malformed, match=reason):
            keys_of(text.encode(), ORIGIN)
    with pytest.raises(Malformed, match="keys-text"):
        keys_of(b"\xff\n", ORIGIN)
    with pytest.raises(Malformed, match="keys-roles"):
        keys_of(LINES.encode(), "other.example")


def said(**changes: str) -> dict[str, bytes]:
    """Return an announcement's files, with some of its lines changed."""
    made = announce(KEYS.log, NEW.log, NEW.verifiers, counter=0, reason="scheduled")
    text = made.note.decode()
    for old, new in changes.items():
        text = text.replace(old.replace("_", " "), new)
    return {"note": text.encode(), **made.files}


@pytest.mark.parametrize(
    ("changes", "said_why"),
    [
        ({"key-rotation": "activation"}, "rotation-act"),
        ({"act/v1": "act/v2"}, "rotation-act"),
        ({ORIGIN: "log.example/other"}, "rotation-act"),
        ({"keys_": "keys 0"}, "missing or altered"),
        ({"keys_": "keys ../"}, "missing or altered"),
        ({"scheduled": "mistake"}, "does not hold"),
    ],
)
def test_what_is_no_announcement(changes: Mapping[str, str], said_why: str) -> None:
    """Another act, another log, other keys, an altered line."""
    made = said()
    assert announced(made["note"], Files(made), KEYS.log.verifier) == NEW.verifiers
    made = said(**changes)
    with pytest.raises(AuditError, match=said_why):
        announced(made["note"], Files(made), KEYS.log.verifier)


def test_both_log_keys_sign() -> None:
    """Nobody announces a key that is not theirs, or for a log that is not."""
    for old, new in ((KEYS.log, KEYS.log), (NEW.log, NEW.log)):
        made = announce(old, new, NEW.verifiers, counter=0, reason="scheduled")
        with pytest.raises(ProofInvalid, match="no signature of the key"):
            announced(made.note, Files(made.files), KEYS.log.verifier)


@pytest.mark.parametrize("extra", [None, b"{}", b"[]", b"x", b'{"act":"../x"}'])
def test_a_handover_of_another_entry_is_refused(extra: bytes | None) -> None:
    """Its entry must be in the tree, the last of it, and name an act of rotation."""
    leaf = extra or b""
    size, path = (2, (bytes(32),)) if extra == b"x" else (1, ())
    root = root_of([leaf_hash(leaf), *path])
    head = Checkpoint(origin=ORIGIN, size=size, root=root)
    note = sign_checkpoint(head, log=KEYS.log, time=KEYS.time, seconds=1)
    proof = Proof(index=0, path=path, checkpoint=note, extra=extra)
    files = {handover_path(KEYS.log.verifier): proof.pack()}
    with pytest.raises(ProofInvalid, match="handover/"):
        followed(Files(files), KEYS.verifiers, ORIGIN)
