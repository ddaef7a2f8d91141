"""Acts in a log, checked by somebody who only has its public copy."""

from __future__ import annotations

import io
import shutil
import tarfile
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from audit.act import Act, Statement
from audit.bundle import revision
from audit.reading import FolderSource
from audit.report import Outcome, Report
from audit.signer import SeedSigner
from audit.verify import Trust, verify
from tests.audit.builders import (
    CFG,
    GENESIS,
    KEYS,
    ORIGIN,
    PEOPLE,
    ROSTER,
    leaf,
    signed,
    statement,
    write_act,
    write_tree,
)

TRUST = Trust(keys=KEYS.verifiers, roster=ROSTER.digest)
BOTH = ("officer-1", "counsel-1")
NEW = SeedSigner(name="new-1", kind=1, seed=b"\x21" * 32)
LATE = "2030-01-01T00:00:00Z"


def check(folder: Path, trust: Trust = TRUST) -> Report:
    """Verify a tree."""
    return verify(FolderSource(folder), trust)


def texts(report: Report) -> list[str]:
    """Return what was found, each with its place."""
    return [each.text for each in report.findings]


def tree(folder: Path, *leaves: bytes) -> Report:
    """Write a tree that begins with genesis, and verify it."""
    shutil.rmtree(folder / "tile", ignore_errors=True)
    first = leaf(**write_act(folder, GENESIS))
    write_tree(folder, [first, *leaves])
    return check(folder)


def archive(content: bytes) -> tuple[bytes, str]:
    """Return a policy bundle with one file, and its revision."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        member = tarfile.TarInfo("a.rego")
        member.size = len(content)
        tar.addfile(member, io.BytesIO(content))
    return packed.getvalue(), revision({"a.rego": content})


def manifest(**digits: int) -> bytes:
    """Return a manifest: the digest of each file is one digit, repeated."""
    names = {name.replace("_", "/"): digit for name, digit in digits.items()}
    return "".join(
        f"{n}.yaml {str(d) * 64}\n" for n, d in sorted(names.items())
    ).encode()


FILES = manifest(agencies=1, catalogue_jail=1)


def activation(
    folder: Path,
    counter: int = 0,
    *,
    content: bytes = b"one",
    files: bytes = FILES,
    changes: str = "first",
    people: Sequence[str] = BOTH,
    **more: Any,  # noqa: ANN401 - texts by name
) -> dict[str, str]:
    """Publish an activation with what it names; return its leaf's members."""
    data, policy = archive(content)
    bundle, digest = sha256(data).hexdigest(), sha256(files).hexdigest()
    values = {
        "policy": policy,
        "bundle": bundle,
        "manifest": digest,
        "changes": changes,
        "witness": "none",
    }
    act = signed(statement("activation", counter, **(values | more)), *people)
    for name, file in (
        (f"manifest/{digest}", files),
        (f"policy/{bundle}.tar.gz", data),
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(file)
    given = act.statement
    basis = {name: given[name] for name in ("policy", "manifest")}
    return {**write_act(folder, act), **basis}


def two_activations(folder: Path) -> tuple[dict[str, str], dict[str, str]]:
    """Publish the first activation and one after it, of other files."""
    changes = "agencies,catalogue,policy"
    files = manifest(agencies=2)
    one = activation(folder)
    return one, activation(folder, 1, content=b"two", files=files, changes=changes)


def under(activated: dict[str, str], **more: object) -> bytes:
    """Return an ordinary leaf that names an activation's basis."""
    basis = {name: activated[name] for name in ("policy", "manifest")}
    return leaf(**basis, **more)


def act_leaf(
    folder: Path, act: Act, activated: dict[str, str], **more: object
) -> bytes:
    """Publish an act; return its leaf, made under an activation."""
    return under(activated, **write_act(folder, act), **more)


def confirmed(counter: int = 0, **more: Any) -> Statement:  # noqa: ANN401 - texts by name
    """Return an act that two must sign: a paper is confirmed."""
    face = {"paper": "1" * 64, "state": "issuer_confirmed", "face": "2" * 64}
    return statement("paper", counter, **{**face, **more})


# --- who decided what ---------------------------------------------------------


def test_it_is_said_who_decided_what(tmp_path: Path) -> None:
    """Each act is one sentence with the roster ids of who signed."""
    first = activation(tmp_path)
    cut = signed(statement("cutoff", expires="never", scope="all", name="-"))
    lift = signed(statement("cutoff-lift", lifts="0"), "clerk-1", "counsel-1")
    report = tree(
        tmp_path,
        leaf(**first),
        act_leaf(tmp_path, cut, first),
        act_leaf(tmp_path, lift, first),
    )
    assert report.findings == []
    assert report.outcome(allow_unwitnessed=True) is Outcome.OK
    assert report.facts["first_roster"] == ROSTER.digest
    assert report.facts["people"] == "clerk-1, counsel-1, officer-1"
    said = {each.partition(" act ")[0] for each in report.notices}
    assert (
        "entry 0: genesis 0, signed by clerk-1, counsel-1 and officer-1: a log begins,"
        " and those who decide are clerk-1, counsel-1 and officer-1;" in said
    )
    assert any(
        each.startswith("entry 1: activation 0, signed by counsel-1 and officer-1:")
        for each in said
    )
    assert (
        "entry 2: cutoff 0, which nobody signs: nothing more is released to anybody"
        " (cut-off 0);" in said
    )
    assert (
        "entry 3: cutoff-lift 0, signed by clerk-1 and counsel-1: cut-off 0 is lifted:"
        " its releases go on;" in said
    )


@pytest.mark.parametrize(
    ("people", "problem"),
    [
        (("officer-1",), "two different people of the roster must sign it, and only"),
        ((), "two different people of the roster must sign it, and nobody has"),
        (("officer-1", "officer-1"), "the same key of officer-1 has signed twice"),
    ],
)
def test_a_one_handed_act_is_named_with_its_entry(
    tmp_path: Path, people: Sequence[str], problem: str
) -> None:
    """An operator who writes an activation alone is found by anybody: exit 1."""
    first = activation(tmp_path)
    second = activation(tmp_path, 1, content=b"two", changes="policy", people=people)
    report = tree(tmp_path, leaf(**first), leaf(**second), under(second))
    (found,) = report.findings
    assert (found.index, found.where) == (2, f"acts/{second['act']}")
    assert problem in found.reason
    assert report.outcome() is Outcome.TAMPERED
    assert any(
        "entry 2: activation 1, which does not count" in n for n in report.notices
    )


def test_a_forged_signature_is_named_with_its_entry(tmp_path: Path) -> None:
    """Somebody else's key under a known name, or a signature of another act."""
    first = activation(tmp_path)
    given = confirmed()
    stranger = SeedSigner(name="counsel-1", kind=1, seed=b"\x66" * 32)
    (other,) = signed(confirmed(1), "counsel-1").signatures
    forged = (
        signed(given, "officer-1", a=stranger),
        signed(given, "officer-1").signed(other),
    )
    for act in forged:
        report = tree(tmp_path, leaf(**first), act_leaf(tmp_path, act, first))
        assert [each.index for each in report.findings] == [2]


def test_swapped_act_files_are_found(tmp_path: Path) -> None:
    """Bytes of another act under an act's name."""
    first = activation(tmp_path)
    one = signed(confirmed(), *BOTH)
    two = signed(confirmed(1), *BOTH)
    leaves = [act_leaf(tmp_path, each, first) for each in (one, two)]
    assert tree(tmp_path, leaf(**first), *leaves).findings == []
    (tmp_path / "acts" / one.sha256).write_bytes(two.note)
    assert texts(check(tmp_path)) == [
        f"acts/{one.sha256}, entry 2: its bytes are not those that it is named after",
        f"acts/{two.sha256}, entry 3: its counter should be 0, not 1",
    ]


def test_an_act_carried_out_twice_or_of_another_log_is_found(tmp_path: Path) -> None:
    """The same signatures do not count a second time, nor in another log."""
    first = activation(tmp_path)
    lift = signed(confirmed(), *BOTH)
    foreign = signed(confirmed(1, origin="other.example"), *BOTH)
    leaves = [act_leaf(tmp_path, each, first) for each in (lift, lift, foreign)]
    found = tree(tmp_path, leaf(**first), *leaves).findings
    assert [each.index for each in found] == [3, 4]
    assert "carried out already" in found[0].reason
    assert "of another log, other.example" in found[1].reason


def test_an_expired_act_is_found(tmp_path: Path) -> None:
    """An act in an hour that begins at or after its end was written too late."""
    first = activation(tmp_path, expires=LATE)
    lift = signed(confirmed(expires="2026-11-23T09:30:00Z"), *BOTH)
    leaves = [leaf(**first), act_leaf(tmp_path, lift, first)]
    assert tree(tmp_path, *leaves).findings == []
    late = act_leaf(tmp_path, lift, first, t="2026-11-23T10Z")
    (found,) = tree(tmp_path, leaves[0], late).findings
    assert found.reason == "it expired at 2026-11-23T09:30:00Z"


def test_a_leaf_says_which_act_it_is(tmp_path: Path) -> None:
    """A paper that its leaf calls a cut-off would mislead who only reads leaves."""
    first = activation(tmp_path)
    lift = signed(confirmed(), *BOTH)
    odd = under(first, **{**write_act(tmp_path, lift), "decision": "cutoff"})
    assert texts(tree(tmp_path, leaf(**first), odd)) == [
        "leaf, entry 2: calls the act paper something else"
    ]


def test_what_an_act_ends_must_hold(tmp_path: Path) -> None:
    """A lift of a cut-off that never was, or was lifted already, opens nothing."""
    first = activation(tmp_path)
    cut = signed(statement("cutoff", expires="never", scope="all", name="-"))
    lift = signed(statement("cutoff-lift", lifts="0"), *BOTH)
    again = signed(statement("cutoff-lift", 1, lifts="0"), *BOTH)
    leaves = [act_leaf(tmp_path, each, first) for each in (cut, lift, again)]
    assert texts(tree(tmp_path, leaf(**first), *leaves)) == [
        "acts, entry 4: the cutoff-lift ends cutoff 0, which does not hold"
    ]


def test_a_file_that_is_no_act_is_found(tmp_path: Path) -> None:
    """What a leaf names as an act has the form of one."""
    (tmp_path / "acts").mkdir()
    note = b"anything\n\n"
    name = sha256(note).hexdigest()
    (tmp_path / "acts" / name).write_bytes(note)
    assert texts(tree(tmp_path, leaf(act=name))) == [
        f"acts/{name}, entry 1: the first line is not sallyport-act/v1"
    ]


# --- the roster --------------------------------------------------------------


def test_a_roster_swapped_at_genesis_is_found_by_who_knows_the_right_one(
    tmp_path: Path,
) -> None:
    """Two keys of the operator's own look as good: only the digest tells."""
    mine = [
        SeedSigner(name=name, kind=1, seed=b"\x77" * 31 + name[:1].encode())
        for name in BOTH
    ]
    genesis = signed(
        statement("genesis", cfg=CFG, people=mine), **dict(zip("ab", mine, strict=True))
    )
    write_tree(tmp_path, [leaf(**write_act(tmp_path, genesis))])
    assert texts(check(tmp_path)) == [
        "acts, entry 0: the log begins with another roster than the one that you expect"
    ]
    nobody_said = check(tmp_path, replace(TRUST, roster=""))
    assert nobody_said.findings == []
    assert any("nobody said which first roster" in n for n in nobody_said.notices)


def test_a_log_without_genesis_is_not_the_one_expected(tmp_path: Path) -> None:
    """Leaves without any act have no roster at all."""
    write_tree(tmp_path, [leaf()])
    assert [each.index for each in check(tmp_path).findings] == [0]
    assert check(tmp_path, replace(TRUST, roster="")).findings == []


def test_a_change_of_roster_waits_a_day(tmp_path: Path) -> None:
    """Hours of the leaves decide; what waits is told."""
    first = activation(tmp_path, expires=LATE)
    keys = [PEOPLE["officer-1"], NEW]
    change = signed(statement("roster", expires=LATE, people=keys), *BOTH, new=NEW)
    lift = signed(confirmed(expires=LATE), "officer-1", new=NEW)
    before = [leaf(**first), act_leaf(tmp_path, change, first)]
    report = tree(tmp_path, *before)
    assert report.findings == []
    assert "from 2026-11-24T10:00:00Z on, new-1 and officer-1 decide" in report.notices

    soon = act_leaf(tmp_path, lift, first, t="2026-11-24T09Z")
    (found,) = tree(tmp_path, *before, soon).findings
    assert (found.index, "by a key that is not in the roster" in found.reason) == (
        3,
        True,
    )

    then = act_leaf(tmp_path, lift, first, t="2026-11-24T10Z")
    report = tree(tmp_path, *before, then)
    assert report.findings == []
    assert report.facts["people"] == "new-1, officer-1"


def test_a_waiting_roster_beyond_any_calendar_is_told(tmp_path: Path) -> None:
    """An hour at the end of time breaks nothing."""
    first = activation(tmp_path, expires=LATE)
    given = statement("roster", expires="9999-12-31T23:59:59Z", people=PEOPLE.values())
    last = act_leaf(tmp_path, signed(given, *BOTH), first, t="9999-12-31T23Z")
    report = tree(tmp_path, leaf(**first), last)
    assert report.findings == []
    assert any("from beyond any calendar on" in each for each in report.notices)


def test_a_log_of_before_is_doubted(tmp_path: Path) -> None:
    """Nobody can tell who decided what in a log whose acts nobody signed."""
    note = (
        f"sallyport-act/v1\norigin {ORIGIN}\nact genesis\ncounter 0\nreason setup\n"
        f"expires never\nroster empty\ncfg {'c' * 64}\n\n"
    ).encode()
    name = sha256(note).hexdigest()
    (tmp_path / "acts").mkdir()
    (tmp_path / "acts" / name).write_bytes(note)
    basis = {"policy": "1" * 64, "manifest": "2" * 64}
    leaves = [leaf(act=name, decision="genesis", **basis), leaf(act=name, **basis)]
    write_tree(tmp_path, leaves)
    report = check(tmp_path, replace(TRUST, roster=""))
    assert report.findings == []
    assert report.outcome() is Outcome.CANNOT_TELL
    assert "begun before acts were signed" in report.doubts[0]
    assert check(tmp_path).outcome() is Outcome.TAMPERED


# --- what an activation put in force ---------------------------------------------


def test_leaves_name_what_was_activated(tmp_path: Path) -> None:
    """The activation in force, an earlier one (told), or none (a finding)."""
    one, two = two_activations(tmp_path)
    leaves = [leaf(**one), under(one), leaf(**two), under(two)]
    report = tree(tmp_path, *leaves)
    assert report.findings == []

    report = tree(tmp_path, *leaves, under(one), under(two))
    assert report.findings == []
    assert "entry 5: made under an earlier activation" in report.notices

    not_activated = "names a policy or manifest that was not activated"
    assert texts(tree(tmp_path, *leaves, leaf())) == [f"leaf, entry 5: {not_activated}"]
    # An activation in the middle of leaves that go on naming something else.
    odd = {"ev": "act", "act": one["act"], "decision": "activation"}
    found = tree(tmp_path, leaf(**odd), leaf()).findings
    assert [each.index for each in found] == [1]
    # Leaves that name something before anything was activated.
    found = tree(tmp_path, under(one), leaf(**one)).findings
    assert [each.text for each in found] == [f"leaf, entry 1: {not_activated}"]


def started(folder: Path, number: int, activation: int) -> dict[str, str]:
    """Publish a start of the gateway; return what its leaf says of it."""
    run = statement(
        "start", number, activation=str(activation), version="1", witness="none"
    )
    return {**write_act(folder, signed(run)), "ev": "start"}


def stopped(folder: Path, number: int, run: int) -> dict[str, str]:
    """Publish a stop of the gateway; return what its leaf says of it."""
    act = statement("stop", number, run=str(run))
    return {**write_act(folder, signed(act)), "ev": "stop"}


def test_a_start_ends_nothing_for_those_that_run_already(tmp_path: Path) -> None:
    """Several processes write a log: what one began before may end after a start."""
    one, two = two_activations(tmp_path)
    first = under(one, **started(tmp_path, 0, 0))
    anew = under(two, **started(tmp_path, 1, 1))
    over = under(two, **stopped(tmp_path, 0, 0))
    begun = [leaf(**one), first, leaf(**two), anew]

    assert texts(tree(tmp_path, *begun, under(one))) == []
    assert texts(tree(tmp_path, *begun, under(one), over)) == []
    assert texts(tree(tmp_path, *begun, over, under(one))) == [
        "leaf, entry 6: names an activation that another one had ended"
    ]


def test_an_activation_ends_when_another_follows(tmp_path: Path) -> None:
    """What was under way ends in the next hour at the latest, and before a start."""
    one, two = two_activations(tmp_path)
    begun = [leaf(**one), leaf(**two)]
    hours = {hour: [*begun, under(one, t=f"2026-11-23T{hour}Z")] for hour in (10, 11)}
    ended = "leaf, entry 3: names an activation that another one had ended"
    assert tree(tmp_path, *hours[10]).findings == []
    assert texts(tree(tmp_path, *hours[11])) == [ended]

    anew = under(two, **started(tmp_path, 0, 1))
    assert texts(tree(tmp_path, *begun, anew)) == []
    late = ended.replace("entry 3", "entry 4")
    assert texts(tree(tmp_path, *begun, anew, under(one))) == [late]
    old = under(two, **started(tmp_path, 0, 0))
    assert texts(tree(tmp_path, *begun, old)) == [
        "acts, entry 3: the start names activation 0, and 1 holds"
    ]


def test_what_an_activation_changes_is_named_and_must_be_so(tmp_path: Path) -> None:
    """Files by name, from the manifests; the act that people signed says the kinds."""
    one = activation(tmp_path)
    new = manifest(agencies=1, catalogue_jail=2)
    two = activation(tmp_path, 1, files=new, changes="catalogue")
    report = tree(tmp_path, leaf(**one), leaf(**two))
    assert report.findings == []
    assert "entry 2: activation changes catalogue/jail.yaml" in report.notices

    lie = activation(tmp_path, 1, files=new, changes="nothing")
    (found,) = tree(tmp_path, leaf(**one), leaf(**lie)).findings
    assert found.index == 2
    assert found.reason.endswith("it changes nothing; the manifests say catalogue")
    lie = activation(tmp_path, changes="nothing")
    assert [each.index for each in tree(tmp_path, leaf(**lie)).findings] == [1]
    same = activation(tmp_path, 1, changes="nothing")
    report = tree(tmp_path, leaf(**one), leaf(**same))
    assert report.findings == []
    assert "entry 2: activation changes nothing" in report.notices


def test_the_manifest_of_an_activation_is_checked(tmp_path: Path) -> None:
    """It must be there and be one; one that is missing is one finding, not more."""
    bad = activation(tmp_path, files=b"no manifest")
    (found,) = tree(tmp_path, leaf(**bad)).findings
    assert found.reason == "is no manifest"

    one = activation(tmp_path)
    two = activation(tmp_path, 1, files=manifest(agencies=2), changes="agencies")
    (tmp_path / "manifest" / one["manifest"]).unlink()
    assert texts(tree(tmp_path, leaf(**one), leaf(**two))) == [
        f"manifest/{one['manifest']}, entry 1: missing"
    ]


def test_the_archive_of_an_activation_is_checked(tmp_path: Path) -> None:
    """It must be there, have its name, be a bundle, and be of that revision."""
    one = activation(tmp_path)
    assert tree(tmp_path, leaf(**one)).findings == []
    (path,) = (tmp_path / "policy").iterdir()
    where = f"policy/{path.name}"
    path.write_bytes(b"x")
    assert [each.where for each in check(tmp_path).findings] == [where]
    path.unlink()
    assert texts(check(tmp_path)) == [f"{where}, entry 1: missing"]
    for data, reason in (
        (archive(b"two")[0], "of another revision"),
        (b"x", "no policy bundle"),
    ):
        other = sha256(data).hexdigest()
        odd = activation(tmp_path, bundle=other)
        (tmp_path / "policy" / f"{other}.tar.gz").write_bytes(data)
        (found,) = tree(tmp_path, leaf(**odd)).findings
        assert reason in found.reason
