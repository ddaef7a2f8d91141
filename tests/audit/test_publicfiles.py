"""Acts in a log, checked by somebody who only has its public copy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from audit.act import Statement
from audit.report import Outcome
from audit.signer import SeedSigner
from tests.audit.builders import (
    CFG,
    ORIGIN,
    PEOPLE,
    ROSTER,
    leaf,
    signed,
    statement,
    write_act,
    write_tree,
)
from tests.audit.published import (
    BOTH,
    TRUST,
    act_leaf,
    activation,
    check,
    texts,
    tree,
    under,
)

NEW = SeedSigner(name="new-1", kind=1, seed=b"\x21" * 32)
LATE = "2030-01-01T00:00:00Z"


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


def of_before(folder: Path) -> str:
    """Publish the first act of a log whose acts nobody signed; return its name."""
    note = (
        f"sallyport-act/v1\norigin {ORIGIN}\nact genesis\ncounter 0\nreason setup\n"
        f"expires never\nroster empty\ncfg {'c' * 64}\n\n"
    ).encode()
    name = sha256(note).hexdigest()
    (folder / "acts").mkdir(exist_ok=True)
    (folder / "acts" / name).write_bytes(note)
    return name


def test_a_log_of_before_is_doubted(tmp_path: Path) -> None:
    """Nobody can tell who decided what in a log whose acts nobody signed."""
    name = of_before(tmp_path)
    basis = {"policy": "1" * 64, "manifest": "2" * 64}
    leaves = [leaf(act=name, decision="genesis", **basis), leaf(act=name, **basis)]
    write_tree(tmp_path, leaves)
    report = check(tmp_path, replace(TRUST, roster=""))
    assert report.findings == []
    assert report.outcome() is Outcome.CANNOT_TELL
    assert "begun before acts were signed" in report.doubts[0]
    assert check(tmp_path).outcome() is Outcome.TAMPERED


def test_the_first_act_of_before_hides_nothing_later_on(tmp_path: Path) -> None:
    """Whoever began with signed acts can't make those that follow pass unjudged."""
    first = activation(tmp_path, expires=LATE)
    old = leaf(**{**first, "act": of_before(tmp_path), "decision": "genesis"})
    alone = signed(confirmed(), "officer-1")
    report = tree(tmp_path, leaf(**first), old, act_leaf(tmp_path, alone, first))
    assert report.outcome() is Outcome.TAMPERED
    said = [each.line for each in report.findings]
    assert any("the lines are not origin, act, counter" in each for each in said)
    assert any("and only officer-1 has" in each for each in said)
