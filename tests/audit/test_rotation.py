"""A log changes its keys: who has the old ones finds the new ones, and since when."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import pytest

from audit import KeyFileRefused, LogDamaged, LogKeys
from audit.batch import receipts_of
from audit.checkpoint import Checkpoint, sign_checkpoint
from audit.disk import no_faults
from audit.errors import ProofInvalid, SourceUnreadable
from audit.finding import Kind
from audit.folder import Folder
from audit.keyring import Keyring, Period
from audit.merkle import leaf_hash, root_of
from audit.promise import check_receipt
from audit.proof import Proof
from audit.publish import publish
from audit.reading import FolderSource
from audit.report import Outcome, Report
from audit.rotation import followed, handover_path
from audit.stored import stored_leaves
from audit.verify import Trust, verify
from tests.audit.builders import KEYS, ORIGIN, START_MS, filled, write_tree
from tests.audit.rotated import NEW, NEWER, add, change, check
from tests.audit.sources import Files


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
        head,
        log=signers.log,
        time=signers.time,
        mldsa=signers.mldsa,
        seconds=START_MS // 1000,
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


def test_who_has_only_new_keys_cannot_tell_of_what_old_ones_signed(
    twice: Path, store: Path
) -> None:
    """A receipt from before, and the checkpoint at which the keys were changed."""
    source, trust = FolderSource(twice / "live"), Trust(keys=NEWER.verifiers)
    [(_, early)] = stored_leaves(Folder(root=twice), 3, 4)
    [receipt] = receipts_of(
        3, 0, (leaf_hash(early),), origin=ORIGIN, signer=KEYS.receipt
    )
    report = check_receipt(receipt, source, trust)[0]
    assert report.outcome() is Outcome.CANNOT_TELL
    assert "give those from before too" in report.doubts[0]

    shutil.rmtree(store / "live" / "handover")
    signed_by(store, KEYS, 11)
    report = check(store / "live", *NEW.verifiers)
    assert report.outcome() is Outcome.CANNOT_TELL
    assert "give those from before too" in report.doubts[0]


def test_another_key_of_that_name_is_forgery_where_no_change_is_shown(
    store: Path,
) -> None:
    """By a key that announced nothing, or of a tree that does not end so."""
    for signers, size, given in (
        (NEWER, 11, NEW),
        (KEYS, 10, NEW),
        (KEYS, 12, NEW),
        (KEYS, 11, NEWER),
    ):
        shutil.rmtree(store / "live" / "handover", ignore_errors=True)
        signed_by(store, signers, size)
        report = check(store / "live", *given.verifiers)
        assert report.findings[0].kind is Kind.CHECKPOINT_FORGED
    signed_by(store, KEYS, 11)
    shutil.rmtree(store / "live" / "acts")
    (store / "live" / "acts").symlink_to("acts")
    report = check(store / "live", *NEW.verifiers)
    assert report.outcome() is Outcome.CANNOT_TELL
    assert "acts/" in report.doubts[0]


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
        with pytest.raises(KeyFileRefused, match="any more: its keys were changed"):
            add(store, old)
    with pytest.raises(KeyFileRefused, match=r"not those of the log in this folder$"):
        add(store, LogKeys.generate(ORIGIN))
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


def test_a_handover_of_an_entry_that_nobody_can_read(tmp_path: Path) -> None:
    """Signed by the old key, and nested deeper than any reader goes."""
    deep = b"[" * 60_000
    write_tree(tmp_path, [deep])
    note = (tmp_path / "checkpoint").read_bytes()
    path = tmp_path / handover_path(KEYS.log.verifier)
    path.parent.mkdir()
    path.write_bytes(Proof(index=0, path=(), checkpoint=note, extra=deep).pack())
    [found] = check(tmp_path, *KEYS.verifiers).findings
    assert found.reason.endswith("its entry names no act")


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
