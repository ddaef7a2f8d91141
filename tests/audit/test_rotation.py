"""A log changes its keys: who has the old ones finds the new ones, and since when."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from audit import KeyFileRefused, Log, LogDamaged, LogFailed, LogKeys
from audit.batch import receipts_of
from audit.checkpoint import Checkpoint, Cosigned, sign_checkpoint
from audit.contract import Settings
from audit.directory import Directory
from audit.disk import Faults, no_faults
from audit.errors import AuditError, Malformed, ProofInvalid, SourceUnreadable
from audit.folder import Folder
from audit.keychanges import KeyChanges
from audit.keyring import Keyring, Period
from audit.merkle import leaf_hash, root_of
from audit.note import Note
from audit.promise import check_receipt
from audit.publish import publish
from audit.reading import FolderSource
from audit.rekey import rotate
from audit.report import Outcome, Report
from audit.rotation import (
    Announcement,
    announce,
    announced,
    followed,
    handover_path,
    keys_of,
)
from audit.signer import SeedSigner
from audit.stored import stored_leaves
from audit.verify import Trust, verify
from audit.vkey import COSIGNATURE, MLDSA44, Verifier
from tests.audit.builders import (
    AUDITOR,
    KEYS,
    ORIGIN,
    START_MS,
    FakeClock,
    entry,
    filled,
    public,
)


def keys(number: int, *, mldsa: bool = True) -> LogKeys:
    """Return the log's keys of a number: other ones for each."""
    seed = bytes([number]) * 31
    return LogKeys(
        log=SeedSigner(name=ORIGIN, kind=1, seed=seed + b"l"),
        receipt=SeedSigner(name=f"{ORIGIN}/receipt", kind=1, seed=seed + b"r"),
        time=SeedSigner(name=f"{ORIGIN}/time", kind=COSIGNATURE, seed=seed + b"t"),
        mldsa=SeedSigner(name=ORIGIN, kind=MLDSA44, seed=seed + b"m")
        if mldsa
        else None,
    )


KEYS_TEXT = [key.text for key in KEYS.verifiers]
NEW, NEWER = keys(1), keys(2, mldsa=False)


def settings(old: LogKeys = KEYS, faults: Faults = no_faults) -> Settings:
    """Return how a store is opened."""
    return Settings(
        origin=ORIGIN,
        keys=old,
        auditors=(AUDITOR.auditor,),
        clock=FakeClock(),
        public_delay_ms=0,
        checkpoint_interval_s=0.25,
        max_outstanding=4096,
        faults=faults,
    )


def change(
    folder: Path, old: LogKeys = KEYS, new: LogKeys = NEW, faults: Faults = no_faults
) -> int:
    """Give a store new keys."""

    def members(act: str, last: Mapping[str, object]) -> Mapping[str, object]:
        policy = last.get("policy", "0" * 64)
        return public(ev="act", decision="key-rotation", act=act, policy=policy)

    return rotate(
        Directory(folder),
        settings(old, faults),
        new,
        reason="scheduled",
        public=members,
        sealed={"who": {"by": "a test"}},
    )


def add(folder: Path, with_keys: LogKeys, count: int = 3) -> None:
    """Add entries to a store."""

    async def run() -> None:
        async with Log.open(
            folder,
            origin=ORIGIN,
            keys=with_keys,
            auditors=[AUDITOR.auditor],
            clock=FakeClock(),
            public_delay_s=0,
        ) as log:
            for _ in range(count):
                await log.append(entry())

    asyncio.run(run())


def check(tree: Path, *given: Verifier, since: bytes | None = None) -> Report:
    """Verify a tree with some keys."""
    return verify(FolderSource(tree), Trust(keys=given), since=since)


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store whose keys were changed twice: entries 10 and 14 announce it."""
    folder = tmp_path_factory.mktemp("twice") / "store"
    filled(folder, 10)
    assert change(folder) == 10
    add(folder, NEW)
    assert change(folder, NEW, NEWER) == 14
    add(folder, NEWER)
    return folder


@pytest.fixture
def store(twice: Path, tmp_path: Path) -> Path:
    """A copy of it that may be altered."""
    shutil.copytree(twice, tmp_path / "store")
    return tmp_path / "store"


@pytest.mark.parametrize("number", [0, 1, 2])
def test_any_of_its_keys_verifies_the_log(twice: Path, number: int) -> None:
    """Old keys lead to new ones; new keys hold; the changes are told."""
    given = (KEYS, NEW, NEWER)[number]
    tree = twice / "live"
    for some in (given.verifiers, given.verifiers[:1]):
        report = check(tree, *some)
        assert report.outcome() is Outcome.UNWITNESSED, report.lines()
        told = [line for line in report.notices if "new keys of the log" in line]
        assert [line.split(":")[0] for line in told] == ["entry 10", "entry 14"]
        unknown = sum("not given" in line for line in told)
        assert unknown == number
        strays = [line for line in report.notices if "handover/" in line]
        assert len(strays) == number
    everything = [key for each in (KEYS, NEW, NEWER) for key in each.verifiers]
    assert check(tree, *everything).outcome() is Outcome.UNWITNESSED


def test_the_periods_are_where_the_entries_are(twice: Path) -> None:
    """Each set of keys signs up to the entry that announces the next, and no more."""
    ring = followed(FolderSource(twice / "live"), KEYS.verifiers, ORIGIN)

    assert [(each.first, each.last) for each in ring.periods] == [
        (0, 11),
        (12, 15),
        (16, None),
    ]
    assert [each.keys for each in ring.periods] == [
        KEYS.verifiers,
        NEW.verifiers,
        NEWER.verifiers,
    ]
    assert Folder(root=twice).keyring() == Keyring(
        periods=tuple(dataclasses.replace(each, handed=None) for each in ring.periods)
    )
    assert ring.periods[2].text == "16 and more"


def test_a_checkpoint_kept_from_before_is_continued(twice: Path, store: Path) -> None:
    """``--since`` takes one that the old keys signed."""
    before = store.parent / "before"
    filled(before, 10)
    kept = (before / "live" / "checkpoint").read_bytes()
    # The two logs have other random salts: it is not the same log.
    assert check(twice / "live", *KEYS.verifiers, since=kept).outcome() == 1
    source = FolderSource(twice / "live")
    handed = (twice / "live" / handover_path(KEYS.log.verifier)).read_bytes()
    kept = handed.partition(b"\n\n")[2]
    assert kept.startswith(ORIGIN.encode() + b"\n11\n")
    report = verify(source, Trust(keys=KEYS.verifiers), since=kept)
    assert report.facts["since_entries"] == 11


def test_the_public_copy_goes_on(twice: Path, tmp_path: Path) -> None:
    """A copy that shows what old keys signed is brought up to date, and verifies."""
    filled(tmp_path / "store", 10)
    publish(tmp_path / "store", tmp_path / "public", now_ms=START_MS)
    change(tmp_path / "store")
    add(tmp_path / "store", NEW)
    publish(tmp_path / "store", tmp_path / "public", now_ms=START_MS)

    report = check(tmp_path / "public", *KEYS.verifiers)
    assert (report.outcome(), report.facts["entries"]) == (3, 14)
    publish(twice, tmp_path / "fresh", now_ms=START_MS)
    assert check(tmp_path / "fresh", *KEYS.verifiers).outcome() == 3


def signed_by(store: Path, signers: LogKeys, size: int) -> None:
    """Sign the tree's first entries with some keys, as its live checkpoint."""
    hashes = [leaf_hash(leaf) for _, leaf in stored_leaves(Folder(root=store), 0, size)]
    head = Checkpoint(origin=ORIGIN, size=size, root=root_of(hashes))
    note = sign_checkpoint(
        head, log=signers.log, time=signers.time, mldsa=signers.mldsa, seconds=1
    )
    (store / "live" / "checkpoint").write_bytes(note)


@pytest.mark.parametrize(
    ("signers", "size", "trees"),
    [
        (KEYS, 12, "0 to 11"),
        (KEYS, 18, "0 to 11"),
        (NEW, 11, "12 to 15"),
        (NEW, 16, "12 to 15"),
        (NEWER, 15, "16 and more"),
    ],
)
def test_a_key_outside_its_window_is_refused(
    store: Path, signers: LogKeys, size: int, trees: str
) -> None:
    """Whoever still has a key that was given up can't go on with it."""
    signed_by(store, signers, size)
    report = check(store / "live", *KEYS.verifiers)

    assert report.outcome() is Outcome.TAMPERED
    assert "a key outside its window" in report.findings[0].reason
    assert trees in report.findings[0].reason


def test_hiding_the_handover_hides_nothing(store: Path) -> None:
    """The entry itself says that the key was given up, and when the next begins."""
    shutil.rmtree(store / "live" / "handover")
    signed_by(store, KEYS, 18)
    report = check(store / "live", *KEYS.verifiers)
    assert [each.text for each in report.findings] == [
        "checkpoint, entry 10: a key outside its window: it was given up in this entry"
    ]
    signed_by(store, NEW, 11)
    report = check(store / "live", *NEW.verifiers)
    assert report.findings[0].reason == "signed by a key before its window"
    # Without the handover, old keys do not lead to the new ones.
    signed_by(store, NEWER, 18)
    assert check(store / "live", *KEYS.verifiers).outcome() is Outcome.TAMPERED


def test_promises_of_a_key_that_was_given_up(twice: Path) -> None:
    """It can't promise later entries; a newer key may promise earlier ones again."""
    source, trust = FolderSource(twice / "live"), Trust(keys=KEYS.verifiers)
    [(_, leaf)] = stored_leaves(Folder(root=twice), 12, 13)
    [(_, early)] = stored_leaves(Folder(root=twice), 3, 4)

    def outcome(signer: LogKeys, index: int, data: bytes) -> Report:
        [receipt] = receipts_of(
            index, 0, (leaf_hash(data),), origin=ORIGIN, signer=signer.receipt
        )
        return check_receipt(receipt, source, trust)[0]

    assert outcome(KEYS, 3, early).outcome() is Outcome.UNWITNESSED
    assert outcome(NEW, 12, leaf).outcome() is Outcome.UNWITNESSED
    assert outcome(NEWER, 3, early).outcome() is Outcome.UNWITNESSED
    refused = outcome(KEYS, 12, leaf)
    assert refused.outcome() is Outcome.TAMPERED
    assert "given up with 11 entries" in refused.findings[0].reason


def test_the_store_refuses_the_old_keys(store: Path) -> None:
    """Only the newest keys write; new ones must be new, and this log's."""
    for old in (KEYS, NEW):
        with pytest.raises(KeyFileRefused, match="not those of the log"):
            add(store, old)
    for new, said in (
        (KEYS, "in use before"),
        (NEWER, "in use before"),
        (LogKeys.generate("other.example"), "of the log other.example"),
    ):
        with pytest.raises(KeyFileRefused, match=said):
            change(store, NEWER, new)
    add(store, NEWER, count=1)


@pytest.mark.parametrize(
    "changes", [{"keys": ["x"]}, {"keys": 1}, {"earlier": [{}]}, {"earlier": [1]}]
)
def test_a_state_that_names_no_keys_is_damage(
    store: Path, changes: dict[str, object]
) -> None:
    """Who changed it by hand is told."""
    folder = Folder(root=store)
    folder.write_state({**folder.read_state(), **changes}, no_faults)
    with pytest.raises(LogDamaged, match="does not name the log's keys"):
        folder.keyring()


def test_a_missing_file_of_keys_is_named(store: Path) -> None:
    """Whoever has the newest keys only, still sees that it is gone."""
    for path in (store / "live" / "keys").iterdir():
        path.unlink()
    report = check(store / "live", *NEWER.verifiers)
    assert [each.reason for each in report.findings] == ["missing", "missing"]
    assert all(each.where.startswith("keys/") for each in report.findings)


class Stop(Exception):
    """The process ends here."""


def stopped(folder: Path, number: int) -> bool:
    """Change a store's keys and stop after so many steps; return whether it did."""
    seen = 0

    def stop(_step: str) -> None:
        nonlocal seen
        seen += 1
        if seen > number:
            raise Stop

    try:
        change(folder, faults=stop)
    except Stop:
        return True
    return False


def test_a_crash_at_any_step_is_mended_by_doing_it_again(tmp_path: Path) -> None:
    """After a stop at any step nothing is lost, nothing is there twice, and it ends."""
    filled(tmp_path / "whole", 3)
    number, refused = 0, 0
    while True:
        folder = tmp_path / str(number)
        shutil.copytree(tmp_path / "whole", folder)
        if not stopped(folder, number):
            break
        state = Folder(root=folder).read_state()
        if "next" in state and not refused:
            refused += 1
            with pytest.raises(KeyFileRefused, match="change of keys was begun"):
                add(folder, KEYS)
        if state["keys"] != [key.text for key in NEW.verifiers]:
            assert change(folder) == 3
        add(folder, NEW, count=1)
        report = check(folder / "live", *KEYS.verifiers)
        assert (report.outcome(), report.facts["entries"]) == (3, 5), report.lines()
        number += 1
    assert (number > 20, refused) == (True, 1), number


def test_other_keys_may_come_until_some_are_announced(tmp_path: Path) -> None:
    """What was begun and nobody has seen is given up; what was announced is not."""
    filled(tmp_path / "whole", 3)
    taken: list[bool] = []
    for number in range(30):
        folder = tmp_path / str(number)
        shutil.copytree(tmp_path / "whole", folder)
        if not stopped(folder, number):
            break
        if Folder(root=folder).read_state()["keys"] != KEYS_TEXT:
            continue
        with contextlib.suppress(KeyFileRefused):
            taken += [change(folder, new=NEWER) == 3]
            continue
        with pytest.raises(KeyFileRefused, match="other keys was announced"):
            change(folder, new=NEWER)
        taken.append(False)
    assert taken == sorted(taken, reverse=True)
    assert {*taken} == {True, False}


def test_what_can_not_be_said_begins_nothing(tmp_path: Path) -> None:
    """If the entry can't be made, the log goes on as it was."""
    filled(tmp_path / "store", 3)

    def refuse(_act: str, _last: Mapping[str, object]) -> Mapping[str, object]:
        raise KeyFileRefused("nothing was activated")

    with pytest.raises(KeyFileRefused, match="nothing was activated"):
        rotate(
            Directory(tmp_path / "store"),
            settings(),
            NEW,
            reason="x",
            public=refuse,
            sealed={},
        )
    add(tmp_path / "store", KEYS)


def test_a_failing_disk_is_said(tmp_path: Path) -> None:
    """What the disk refuses is an error of the log."""
    filled(tmp_path / "store", 3)

    name = handover_path(KEYS.log.verifier).removeprefix("handover/")

    def refuse(step: str) -> None:
        if name in step:
            raise OSError(5, "Input/output error")

    with pytest.raises(LogFailed, match="the change of keys: Input/output error"):
        change(tmp_path / "store", faults=refuse)
    assert change(tmp_path / "store") == 3


def test_an_empty_log_may_change_its_keys(tmp_path: Path) -> None:
    """Its first entry is then the announcement."""

    async def create() -> None:
        async with Log.open(
            tmp_path / "store",
            origin=ORIGIN,
            keys=KEYS,
            auditors=[AUDITOR.auditor],
            clock=FakeClock(),
            public_delay_s=0,
            create=True,
        ):
            pass

    asyncio.run(create())
    assert change(tmp_path / "store") == 0


def told(index: int, made: Announcement, ring: Keyring) -> list[str]:
    """Return what a reader of one announcement finds, or is told."""
    head = Checkpoint(origin=ORIGIN, size=20, root=bytes(32))
    note = sign_checkpoint(head, log=KEYS.log, time=None, seconds=1)
    report = Report()
    changes = KeyChanges(
        source=Files(made.files),
        report=report,
        cosigned=Cosigned(checkpoint=head, note=Note.parse(note), times={}),
        keyring=ring,
    )
    changes.check(index, made.act, made.note, made.keys)
    return [each.text for each in report.findings] or report.notices


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


class Files(FolderSource):
    """A source of a few files."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        super().__init__(Path("nowhere"))
        object.__setattr__(self, "files_", dict(files))

    files_: Mapping[str, bytes]

    def read(self, path: str) -> bytes | None:
        """Return a file."""
        return self.files_.get(path)


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


@pytest.mark.parametrize("what", ["handover", "acts", "keys"])
def test_a_handover_that_does_not_hold_is_tampering(store: Path, what: str) -> None:
    """An altered or missing file is named; a server that refuses it says nothing."""
    live = store / "live"
    handover = handover_path(KEYS.log.verifier)
    [(_, leaf)] = stored_leaves(Folder(root=store), 10, 11)
    act = f"acts/{json.loads(leaf)['act']}"
    lines = (live / act).read_text().split("\n")
    names = {"handover": handover, "acts": act, "keys": lines[7].replace(" ", "/")}
    path = live / names[what]
    path.chmod(0o644)
    data = path.read_bytes()
    path.write_bytes(data[:-20] + b"x" + data[-19:])
    report = check(live, *KEYS.verifiers)
    assert report.outcome() is Outcome.TAMPERED
    assert report.findings[0].text.startswith(f"checkpoint: {handover}: ")
    if what != "handover":
        path.unlink()
        assert "missing or altered" in check(live, *KEYS.verifiers).findings[0].text

    class Refusing(FolderSource):
        def read(self, path: str) -> bytes | None:
            if path.startswith("handover/"):
                raise SourceUnreadable(path)
            return super().read(path)

    ring = followed(Refusing(live), NEWER.verifiers, ORIGIN)
    assert ring.periods == (Period(keys=NEWER.verifiers),)


@pytest.mark.parametrize("extra", [None, b"{}", b"[]", b"x", b'{"act":"../x"}'])
def test_a_handover_of_another_entry_is_refused(
    tmp_path: Path, extra: bytes | None
) -> None:
    """Its entry must be in the tree, the last of it, and name an act of rotation."""
    from audit.proof import Proof  # noqa: PLC0415 - only here

    leaf = extra or b""
    size, path = (2, (bytes(32),)) if extra == b"x" else (1, ())
    root = root_of([leaf_hash(leaf), *path])
    head = Checkpoint(origin=ORIGIN, size=size, root=root)
    note = sign_checkpoint(head, log=KEYS.log, time=KEYS.time, seconds=1)
    proof = Proof(index=0, path=path, checkpoint=note, extra=extra)
    files = {handover_path(KEYS.log.verifier): proof.pack()}
    with pytest.raises(ProofInvalid, match="handover/"):
        followed(Files(files), KEYS.verifiers, ORIGIN)
    assert tmp_path.exists()


def test_keys_that_go_round_end(twice: Path) -> None:
    """A key that was taken up again does not make a reader go round for ever."""

    class Round(FolderSource):
        def read(self, path: str) -> bytes | None:
            if path == handover_path(NEW.log.verifier):
                path = handover_path(KEYS.log.verifier)
            return super().read(path)

    with pytest.raises(ProofInvalid):
        followed(Round(twice / "live"), KEYS.verifiers, ORIGIN)
    assert followed(Files({}), [], ORIGIN).periods == (Period(keys=()),)
