"""Full verification: what holds, and where it says that a copy was altered."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TypedDict, Unpack

import pytest

from audit.checkpoint import cosignature_line
from audit.errors import SourceUnreadable
from audit.leafforms import Forms, Schemas
from audit.note import COSIGNATURE, MLDSA44
from audit.policyfile import Policy
from audit.reading import FolderSource
from audit.report import UNWITNESSED, Outcome, Report
from audit.signer import SeedSigner
from audit.tiles import ENTRIES, WIDTH, Tile, entries_of
from audit.verify import Trust, verify
from tests.audit.builders import (
    CFG,
    KEYS,
    MEMBERS,
    ORIGIN,
    SCHEMA,
    act_note,
    filled,
    leaf,
    write_schema,
    write_tree,
)

TRUST = Trust(keys=KEYS.verifiers)


class Options(TypedDict, total=False):
    """What ``verify`` may be told."""

    since: bytes
    leaves: bool
    jobs: int
    progress: Callable[[int], None]


def check(folder: Path, trust: Trust = TRUST, **options: Unpack[Options]) -> Report:
    """Verify a folder."""
    return verify(FolderSource(folder), trust, **options)


def test_an_untouched_log_holds_and_is_unwitnessed(tmp_path: Path) -> None:
    """Nothing is found, the act is told, and exit 3 says who could lie."""
    filled(tmp_path / "store", 300)
    report = check(tmp_path / "store" / "live")

    assert report.findings == []
    assert report.outcome() is Outcome.UNWITNESSED
    assert report.outcome(allow_unwitnessed=True) is Outcome.OK
    assert report.lines()[-1] == UNWITNESSED
    assert report.facts["entries"] == 300
    said = (
        "entry 0: genesis 0, signed by clerk-1, counsel-1 and officer-1: a log begins"
    )
    assert any(each.startswith(said) for each in report.notices)


def test_every_flipped_byte_is_found_where_it_is(tmp_path: Path) -> None:
    """Each byte of each file of a small log, flipped: the file is named."""
    filled(tmp_path / "store", 3)
    live = tmp_path / "store" / "live"
    assert check(live).findings == []
    for path in sorted(live.rglob("*")):
        if path.is_file():
            name = path.relative_to(live).as_posix()
            whole = path.read_bytes()
            path.chmod(0o644)
            step = 7 if name.startswith(("tile/entries", "acts")) else 1
            for at in range(0, len(whole), step):
                flipped = bytearray(whole)
                flipped[at] ^= 1 << (at % 8)
                path.write_bytes(flipped)
                report = check(live)
                assert report.outcome() is Outcome.TAMPERED, (name, at)
                assert {each.where for each in report.findings} == {name}, (name, at)
            path.write_bytes(whole)
    assert check(live).findings == []


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a tree of 66,000 short entries: three levels, partial at each."""
    folder = tmp_path_factory.mktemp("big")
    write_tree(folder, [b"entry %d" % number for number in range(66_000)])
    return folder


def altered(big: Path, tmp_path: Path, name: str, at: int) -> Report:
    """Verify a copy of the tree in which one byte of one file is flipped."""
    copy = tmp_path / "copy"
    shutil.copytree(big, copy, copy_function=_link)
    data = bytearray((big / name).read_bytes())
    data[at] ^= 0x10
    (copy / name).unlink()
    (copy / name).write_bytes(data)
    return check(copy, leaves=False)


def _link(source: str, target: str) -> None:
    Path(target).hardlink_to(source)


@pytest.mark.parametrize(
    ("name", "at", "index"),
    [
        ("tile/entries/000", 2, 0),
        ("tile/entries/000", 5, 0),
        ("tile/entries/000", 1, 0),
        ("tile/entries/100", 500, None),
        ("tile/entries/255", 0, 65280),
        ("tile/entries/257.p/208", 40, None),
        ("tile/0/000", 0, 0),
        ("tile/0/200", 33, 51201),
        ("tile/0/256", 8191, 65791),
        ("tile/0/257.p/208", 5, 65792),
        ("tile/1/000", 1000, None),
        ("tile/1/001.p/1", 7, None),
        ("tile/2/000.p/1", 7, None),
    ],
)
def test_a_flip_in_a_large_tree_is_found_where_it_is(
    big: Path, tmp_path: Path, name: str, at: int, index: int | None
) -> None:
    """A flip at any level is found at its file and, for entries, at its index."""
    report = altered(big, tmp_path, name, at)

    assert [each.where for each in report.findings] == [name]
    assert report.outcome() is Outcome.TAMPERED
    if index is not None:
        assert report.findings[0].index == index
    if name.startswith("tile/entries"):
        found = report.findings[0].index
        assert found is not None
        bundle = Tile(level=ENTRIES, index=found // WIDTH)
        width = min(WIDTH, 66_000 - bundle.index * WIDTH)
        lengths = [2 + len(e) for e in entries_of((big / name).read_bytes(), width)]
        place = found % WIDTH
        assert sum(lengths[:place]) <= at < sum(lengths[: place + 1])


@pytest.mark.parametrize("jobs", [1, 2])
def test_processes_find_the_same(big: Path, jobs: int) -> None:
    """The check gives the same with one process and with two."""
    counted: list[int] = []
    report = check(big, leaves=False, jobs=jobs, progress=counted.append)

    assert report.findings == []
    assert sum(counted) == 66_000


@pytest.mark.parametrize("jobs", [1, 2])
def test_processes_find_the_same_alteration(
    big: Path, tmp_path: Path, jobs: int
) -> None:
    """An altered entry has the same finding with one process and with two."""
    copy = tmp_path / "copy"
    shutil.copytree(big, copy)
    path = copy / "tile" / "entries" / "200"
    data = bytearray(path.read_bytes())
    data[3] ^= 1
    path.write_bytes(data)
    report = check(copy, leaves=False, jobs=jobs)

    assert [(each.where, each.index) for each in report.findings] == [
        ("tile/entries/200", 51200)
    ]


@pytest.mark.parametrize(
    "name",
    ["tile/entries/003", "tile/0/003", "tile/1/000", "tile/entries/257.p/208"],
)
def test_missing_and_longer_files_are_named(
    big: Path, tmp_path: Path, name: str
) -> None:
    """A file that is gone, cut, or longer than it may be is named."""
    for change in (None, b"", (big / name).read_bytes() + b"\x00"):
        copy = tmp_path / "copy"
        shutil.copytree(big, copy, copy_function=_link)
        (copy / name).unlink()
        if change is not None:
            (copy / name).write_bytes(change)
        report = check(copy, leaves=False)
        assert {each.where for each in report.findings} == {name}
        shutil.rmtree(copy)


def rewritten(big: Path, tmp_path: Path) -> Path:
    """Return a copy in which one bundle and its tile were both written anew."""
    copy = tmp_path / "copy"
    shutil.copytree(big, copy, copy_function=_link)
    other = tmp_path / "other"
    leaves = [b"entry %d" % number for number in range(66_000)]
    leaves[777] = b"entry 778"
    write_tree(other, leaves)
    for name in ("tile/entries/003", "tile/0/003"):
        (copy / name).unlink()
        shutil.copy(other / name, copy / name)
    return copy


def test_an_entry_rewritten_with_its_tile_is_found(big: Path, tmp_path: Path) -> None:
    """The hash above still tells that the bundle and its tile were rewritten."""
    report = check(rewritten(big, tmp_path), leaves=False)

    assert [each.where for each in report.findings] == ["tile/entries/003"]
    assert "both rewritten" in report.findings[0].reason


def test_a_tree_rewritten_to_the_top_is_found(big: Path, tmp_path: Path) -> None:
    """Where every tile was made anew, the signed root still says no."""
    other = tmp_path / "other"
    write_tree(other, [b"entry %d" % (number + 1) for number in range(66_000)])
    shutil.copy(big / "checkpoint", other / "checkpoint")
    report = check(other, leaves=False)

    assert report.findings[-1].where == "tree of 66000"
    assert report.outcome() is Outcome.TAMPERED


def test_two_alterations_are_both_named(big: Path, tmp_path: Path) -> None:
    """An entry and another bundle's tile, both flipped, are both named."""
    copy = tmp_path / "copy"
    shutil.copytree(big, copy)
    for name in ("tile/entries/001", "tile/0/007", "tile/1/000"):
        data = bytearray((copy / name).read_bytes())
        data[4] ^= 1
        (copy / name).write_bytes(data)
    report = check(copy, leaves=False)

    assert {each.where for each in report.findings} == {
        "tile/entries/001",
        "tile/0/007",
        "tile/1/000",
    }


def test_older_partial_tiles_are_compared_too(tmp_path: Path) -> None:
    """Tiles of earlier sizes that still lie there must be starts of those in force."""
    write_tree(tmp_path, [b"entry %d" % number for number in range(10)])
    write_tree(tmp_path, [b"entry %d" % number for number in range(300)])
    assert check(tmp_path, leaves=False).findings == []

    old = tmp_path / "tile" / "entries" / "000.p" / "10"
    whole = old.read_bytes()
    old.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert [each.where for each in check(tmp_path, leaves=False).findings] == [
        "tile/entries/000.p/10"
    ]
    (found,) = check(tmp_path, leaves=False).findings
    assert (found.index, found.reason) == (
        9,
        "not the start of the tile in force, from byte 89",
    )
    old.write_bytes((tmp_path / "tile" / "entries" / "000").read_bytes()[:99])
    (found,) = check(tmp_path, leaves=False).findings
    assert found.index == 10
    old.write_bytes((tmp_path / "tile" / "entries" / "000").read_bytes()[:90])
    hashes = tmp_path / "tile" / "0" / "000.p" / "10"
    whole = hashes.read_bytes()
    hashes.write_bytes(whole[:70] + b"xxxx" + whole[74:])
    (found,) = check(tmp_path, leaves=False).findings
    assert (found.where, found.index) == ("tile/0/000.p/10", 2)
    hashes.write_bytes(whole)
    old.rename(old.with_name("ten"))
    report = check(tmp_path, leaves=False)
    assert report.findings[0].where == "tile/entries/000.p/ten"


def test_tiles_of_a_later_size_are_let_be(tmp_path: Path) -> None:
    """A log that goes on while it is read is not tampering."""
    write_tree(tmp_path, [b"entry %d" % number for number in range(10)])
    earlier = (tmp_path / "checkpoint").read_bytes()
    write_tree(tmp_path, [b"entry %d" % number for number in range(300)])
    (tmp_path / "checkpoint").write_bytes(earlier)
    report = check(tmp_path, leaves=False)
    assert report.findings == []
    assert report.notices[0].startswith("tiles of 300 entries lie here")

    # Only wider partial tiles are left: they are cut, and it is said.
    write_tree(tmp_path / "b", [b"entry %d" % number for number in range(20)])
    (tmp_path / "b" / "checkpoint").write_bytes(earlier)
    report = check(tmp_path / "b", leaves=False)
    assert report.findings == []
    assert report.notices[0].startswith("tiles of 20 entries lie here")


def test_files_that_no_entry_names_are_told(tmp_path: Path) -> None:
    """A stray file is no tampering, and no secret either."""
    write_tree(tmp_path, [leaf()])
    for name in ("index.html", "acts/x", ".checkpoint.new", "tile/.000.new"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    report = check(tmp_path)

    assert report.findings == []
    assert [each for each in report.notices if "no entry names" in each] == [
        "acts/x: no entry names this file",
        "index.html: no entry names this file",
    ]


def flip(folder: Path, name: str, *places: int) -> None:
    """Flip a bit at some places of a file."""
    data = bytearray((folder / name).read_bytes())
    for at in places:
        data[at] ^= 1
    (folder / name).write_bytes(data)


def test_what_was_altered_at_every_level_is_still_told(
    big: Path, tmp_path: Path
) -> None:
    """As much as can be told, never nothing, whatever is altered together."""
    cases: list[tuple[dict[str, tuple[int, ...]], set[str]]] = [
        # an entry, and the top of the tree
        (
            {"tile/entries/003": (5,), "tile/2/000.p/1": (1,)},
            {"tile/entries/003", "tile/2/000.p/1"},
        ),
        # an entry and another hash of the same bundle
        (
            {"tile/entries/003": (5,), "tile/0/003": (320,)},
            {"tile/entries/003"},
        ),
        # the same, and the tile above
        (
            {"tile/entries/003": (5,), "tile/0/003": (320,), "tile/1/000": (96,)},
            {"tile/1/000", "tile/entries/003"},
        ),
        # both halves of the unfinished bundle
        (
            {"tile/entries/257.p/208": (5,), "tile/0/257.p/208": (320,)},
            {"tile/entries/257.p/208", "tree of 66000"},
        ),
        # a bundle whose tile is cut
        (
            {"tile/entries/257.p/208": (0,), "tile/0/257.p/208": ()},
            {"tile/entries/257.p/208", "tile/0/257.p/208", "tree of 66000"},
        ),
    ]
    for number, (flips, wheres) in enumerate(cases):
        copy = tmp_path / str(number)
        shutil.copytree(big, copy)
        for name, places in flips.items():
            flip(copy, name, *places)
            if not places:
                path = copy / name
                path.write_bytes(path.read_bytes()[:-1])
        report = check(copy, leaves=False)
        assert {each.where for each in report.findings} == wheres, number


def test_a_full_bundle_that_is_too_short_is_named(tmp_path: Path) -> None:
    """A partial one cut from it can't be had."""
    write_tree(tmp_path, [b"entry %d" % number for number in range(10)])
    shutil.rmtree(tmp_path / "tile" / "entries" / "000.p")
    (tmp_path / "tile" / "entries" / "000").write_bytes(b"\x00\x01a")
    report = check(tmp_path, leaves=False)

    assert "bundle-short" in report.findings[0].reason
    shutil.rmtree(tmp_path / "tile" / "0")
    (tmp_path / "tile" / "0").mkdir()
    (tmp_path / "tile" / "0" / "000").write_bytes(b"x")
    assert check(tmp_path, leaves=False).outcome() is Outcome.TAMPERED


# --- the checkpoint -------------------------------------------------------------


def test_without_a_checkpoint_or_a_key_nobody_can_tell(tmp_path: Path) -> None:
    """An empty folder is no log, and an unchecked signature no proof."""
    assert check(tmp_path).outcome() is Outcome.CANNOT_TELL
    write_tree(tmp_path, [leaf()])
    report = check(tmp_path, Trust())
    assert report.outcome() is Outcome.CANNOT_TELL
    assert report.findings == []


def test_the_log_key_alone_leaves_the_time_unchecked(tmp_path: Path) -> None:
    """With only the log's key the report says that the time was not checked."""
    write_tree(tmp_path, [leaf()])
    report = check(tmp_path, Trust(keys=KEYS.verifiers[:1]))

    assert report.findings == []
    assert "time was not checked" in report.notices[0]
    assert "signed_at_unix_s" not in report.facts


def test_a_log_of_another_key_is_refused(tmp_path: Path) -> None:
    """A checkpoint without the known key's signature is a finding."""
    write_tree(tmp_path, [leaf()])
    other = SeedSigner.generate(ORIGIN).verifier
    report = check(tmp_path, Trust(keys=[other]))

    assert [each.where for each in report.findings] == ["checkpoint"]


def test_what_could_not_be_read_says_nothing(tmp_path: Path) -> None:
    """A source that fails is exit 2."""

    class Failing(FolderSource):
        def read(self, path: str) -> bytes | None:
            raise SourceUnreadable(path)

    report = verify(Failing(tmp_path), TRUST)
    assert report.outcome() is Outcome.CANNOT_TELL


# --- an earlier checkpoint ----------------------------------------------------------


@pytest.mark.parametrize("before", [0, 1, 200, 256, 300, 512, 600])
def test_a_log_that_only_grew_continues_an_earlier_checkpoint(
    tmp_path: Path, before: int
) -> None:
    """A kept checkpoint of any earlier size is one of the same log."""
    leaves = [b"entry %d" % number for number in range(600)]
    write_tree(tmp_path / "old", leaves[:before])
    write_tree(tmp_path / "new", leaves)
    since = (tmp_path / "old" / "checkpoint").read_bytes()
    report = check(tmp_path / "new", since=since, leaves=False)

    assert report.findings == []
    assert report.facts["since_entries"] == before


def test_a_rewritten_or_shorter_log_does_not(tmp_path: Path) -> None:
    """A log signed anew with other entries, or with fewer, is found."""
    leaves = [b"entry %d" % number for number in range(600)]
    write_tree(tmp_path / "old", [b"other", *leaves[1:300]])
    write_tree(tmp_path / "new", leaves)
    write_tree(tmp_path / "long", [*leaves, b"more"])
    for name, reason in (("old", "not those signed before"), ("long", "had 601")):
        since = (tmp_path / name / "checkpoint").read_bytes()
        report = check(tmp_path / "new", since=since, leaves=False)
        assert reason in report.findings[0].reason
    report = check(tmp_path / "new", since=b"nonsense", leaves=False)
    assert report.outcome() is Outcome.CANNOT_TELL
    (tmp_path / "new" / "tile" / "0" / "002.p" / "88").write_bytes(b"")
    since = (tmp_path / "old" / "checkpoint").read_bytes()
    report = check(tmp_path / "new", since=since, leaves=False)
    assert [each.where for each in report.findings] == ["tile/0/002.p/88"]


# --- witnesses --------------------------------------------------------------


def test_a_quorum_of_witnesses_makes_it_witnessed(tmp_path: Path) -> None:
    """With the policy's quorum it is 0; without it 3; with a bad line 1."""
    checkpoint = write_tree(tmp_path, [leaf()])
    witness = SeedSigner.generate("witness.example/w1", COSIGNATURE)
    policy = Policy.parse(
        b"log %b\nwitness w1 %b\nquorum w1\n"
        % (KEYS.log.verifier.text.encode(), witness.verifier.text.encode())
    )
    trust = Trust(keys=KEYS.verifiers, policy=policy)
    assert check(tmp_path, trust).outcome() is Outcome.UNWITNESSED

    path = tmp_path / "checkpoint"
    path.write_bytes(
        path.read_bytes() + cosignature_line(checkpoint.text, witness, 5).encode()
    )
    report = check(tmp_path, trust)
    assert report.outcome() is Outcome.OK
    assert UNWITNESSED not in report.lines()
    assert report.to_json()["outcome"] == "ok"

    bad = cosignature_line(checkpoint.text + "x\n", witness, 5).encode()
    path.write_bytes(path.read_bytes() + bad)
    assert check(tmp_path, trust).outcome() is Outcome.TAMPERED


def test_the_log_itself_is_no_witness(tmp_path: Path) -> None:
    """Neither its own time key, nor a line that says no time, makes a quorum."""
    checkpoint = write_tree(tmp_path, [leaf()])
    outside = SeedSigner.generate("witness.example/w1", MLDSA44)
    path = tmp_path / "checkpoint"
    line = cosignature_line(checkpoint.text, outside, 0).encode()
    path.write_bytes(path.read_bytes() + line)
    for key in (KEYS.time.verifier, KEYS.verifiers[3], outside.verifier):
        text = f"witness w1 {key.text}\nquorum w1\n"
        trust = Trust(keys=KEYS.verifiers, policy=Policy.parse(text.encode()))
        assert check(tmp_path, trust).outcome() is Outcome.UNWITNESSED


@pytest.mark.usefixtures("old_library")
def test_a_library_without_mldsa_checks_the_rest(tmp_path: Path) -> None:
    """It says which line it can't tell about, and finds what Ed25519 finds."""
    write_tree(tmp_path, [leaf(), leaf()])
    report = check(tmp_path)
    assert report.outcome() is Outcome.CANNOT_TELL
    assert "this cryptography has none" in report.doubts[0]
    assert check(tmp_path, Trust(keys=KEYS.verifiers[:3])).outcome() == 3

    bundle = tmp_path / "tile" / "entries" / "000.p" / "2"
    bundle.write_bytes(bundle.read_bytes()[:-1] + b"x")
    assert check(tmp_path).outcome() is Outcome.TAMPERED


# --- leaves -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (b"not json", "not JSON"),
        (b"[]", "not an object"),
        (leaf() + b" ", "not in the canonical form"),
        (leaf(t="09:00"), "no hour"),
        (leaf(t=9), "no hour"),
        (leaf(t="2026-02-30T09Z"), "no hour"),
        (leaf(_sd=["f" * 64, "0" * 64]), "no sorted commitments"),
        (leaf(_sd=[1]), "no sorted commitments"),
        (leaf(side=["1" * 64]), "no digests of the sealed parts"),
        (leaf(side="1"), "no digests of the sealed parts"),
        (leaf(tags=["2" * 64] * 3), "no bucket of tags"),
        (leaf(pad="1"), "no padding"),
        (leaf(cfg=1), "no schema digest"),
        (leaf(act="x"), "no digest of an act"),
        (leaf(t="2026-11-23T08Z"), "time runs back"),
    ],
)
def test_leaves_that_break_the_rules_are_named(
    tmp_path: Path, bad: bytes, reason: str
) -> None:
    """A signed leaf can still be wrong: which one, and why."""
    write_tree(tmp_path, [leaf(), bad, leaf()])
    report = check(tmp_path)

    assert [(each.index, each.reason) for each in report.findings] == [(1, reason)]


def test_time_that_runs_back_between_bundles_is_named(tmp_path: Path) -> None:
    """The order holds over the whole log."""
    later = leaf(t="2026-11-23T10Z")
    write_tree(tmp_path, [later] * 256 + [leaf()] * 3)
    report = check(tmp_path)

    assert [(each.index, each.reason) for each in report.findings] == [
        (256, "time runs back")
    ]


def test_acts_and_schemas_are_checked_and_told(tmp_path: Path) -> None:
    """The files that leaves name must be there and be what they are named after."""
    act, note = act_note()
    write_tree(tmp_path, [leaf(act=act, decision="genesis"), leaf()])
    (tmp_path / "schema" / f"{CFG}.json").unlink()
    assert [(each.where, each.reason) for each in check(tmp_path).findings] == [
        (f"schema/{CFG}.json", "missing"),
        (f"acts/{act}", "missing"),
    ]

    write_schema(tmp_path)
    (tmp_path / "acts").mkdir()
    (tmp_path / "acts" / act).write_bytes(note)
    report = check(tmp_path)
    assert report.findings == []
    assert f"entry 0: schema {CFG} from here on" in report.notices

    for folder, name in (("acts", act), ("schema", f"{CFG}.json")):
        path = tmp_path / folder / name
        whole = path.read_bytes()
        path.write_bytes(whole + b" ")
        assert [each.where for each in check(tmp_path).findings] == [f"{folder}/{name}"]
        path.write_bytes(whole)


@pytest.mark.parametrize(
    "schema",
    [
        b"nonsense",
        b"[]",
        b"{}",
        b'{"members":1}',
        b'{"members":{},"forms":{"v":1}}',
        b'{"members":{},"forms":{"v":{"type":"odd"}}}',
    ],
)
def test_a_schema_of_another_form_is_a_finding(tmp_path: Path, schema: bytes) -> None:
    """Leaves can't be compared with it, so it must not pass for one."""
    write_tree(tmp_path, [leaf(cfg=write_schema(tmp_path, schema))])
    (found,) = check(tmp_path).findings

    assert found.reason == "is no schema that a leaf can be compared with"


def test_a_dropped_member_is_a_finding(tmp_path: Path) -> None:
    """A leaf that has not the members of the schema it names is found."""
    schema = json.dumps({"members": dict.fromkeys([*MEMBERS, "agency"], "")}).encode()
    write_tree(tmp_path, [leaf(cfg=write_schema(tmp_path, schema))])
    report = check(tmp_path)

    assert [each.reason for each in report.findings] == [
        "a leaf with other members than its schema: agency"
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("v", 2),
        ("v", True),
        ("v", "1"),
        ("ev", "party"),
        ("ev", ["act"]),
        ("n", 3),
        ("n", -1),
        ("policy", "0" * 63),
        ("policy", 0),
        ("db", "Jane Doe"),
    ],
)
def test_a_member_outside_its_form_is_a_finding(
    tmp_path: Path, name: str, value: object
) -> None:
    """Each leaf is compared with types and closed lists, the last one too."""
    write_tree(tmp_path, [leaf(), leaf(), leaf(**{name: value})])
    (found, *_) = check(tmp_path).findings

    assert (found.index, found.reason) == (
        2,
        f"{name} is not what its schema allows",
    )


def test_every_type_of_a_schema(tmp_path: Path) -> None:
    """Words and digests as the gateway's own schema names them."""
    forms = Forms.parse(
        json.dumps(
            {
                "members": dict.fromkeys("abc"),
                "forms": {
                    "a": {"type": "words"},
                    "b": {"type": "digest"},
                    "c": {"type": "word-or-empty"},
                },
            }
        ).encode()
    )
    assert forms is not None
    good = {"a": ["x", "us-federal.23.20.d"], "b": "0" * 64, "c": ""}
    for _ in range(2):
        assert forms.fault(good) == ""
    for bad in ({"a": ["x y"]}, {"a": "x"}, {"b": ""}, {"c": "\u00e9"}):
        assert forms.fault({**good, **bad})
    for number in range(5000):
        assert forms.fault({**good, "c": f"w{number}"}) == ""
    write_tree(tmp_path, [leaf(cfg="")])
    assert [each.reason for each in check(tmp_path).findings] == ["names no schema"]
    schemas = Schemas(FolderSource(tmp_path))
    (tmp_path / "schema" / f"{'0' * 64}.json").write_bytes(SCHEMA)
    assert schemas.of("0" * 64) is None
