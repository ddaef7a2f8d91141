"""What a page comes to tells nothing of a record that is not shown."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from gateway.answering.prospect import Prospect
from gateway.answering.verdict import Verdict, available, judge, needs_person

SHOWN, PARTLY, WITHHELD = ("name", "photo"), ("name",), ()


def record(
    fields: tuple[str, ...],
    *,
    granted: tuple[str, ...] = (),
    subject: int = 0,
    waits: bool = False,
) -> Any:  # noqa: ANN401  # stands for a record
    """Return a record that shows these fields, of whom something waits or not."""
    return SimpleNamespace(
        subject=subject,
        fields=dict.fromkeys(fields),
        granted=granted,
        releases=bool(fields or granted),
        decision=SimpleNamespace(waits=waits),
    )


def prospect(
    *, told: bool = False, may_wait: bool = False, matching: bool = True
) -> Prospect:
    """Return a prospect: whether existence is told, whether a person may be needed."""
    stands = SimpleNamespace(
        existence_open=told,
        may_wait=may_wait,
        matching_open=matching,
        shape=SimpleNamespace(names=("name", "photo")),
        waiting=lambda decisions: [each for each in decisions if each.waits],
    )
    return cast("Prospect", stands)


UNSEEN = [
    [],
    [record(WITHHELD)],
    [record(WITHHELD, waits=True)],
    [record(WITHHELD, waits=True), record(WITHHELD, subject=1)],
]
"""None, withheld, waiting, several: what is told must be the same of each."""


@pytest.mark.parametrize("records", UNSEEN, ids=["none", "withheld", "waits", "two"])
@pytest.mark.parametrize("may_wait", [True, False])
def test_of_whom_nothing_is_shown_counts_as_one_who_is_not_there(
    records: list[Any], *, may_wait: bool
) -> None:
    """Verdict and row for a person follow from the screen alone."""
    one = prospect(may_wait=may_wait)
    verdict = Verdict.WAITING if may_wait else Verdict.REFUSED
    assert judge(one, records) == verdict
    assert needs_person(one, records, subjects=2) == may_wait
    # Nobody named is one who is not there, not none.
    assert needs_person(one, records, subjects=0) == may_wait


@pytest.mark.parametrize("hidden", UNSEEN[1:])
def test_beside_what_is_released_the_rest_is_as_if_not_there(hidden: list[Any]) -> None:
    """All is released where one is withheld; a row is stored for who is missing."""
    one = prospect(may_wait=True)
    shown = record(SHOWN, subject=2)
    assert judge(one, [shown, *hidden]) == judge(one, [shown]) == Verdict.RELEASED
    for records in ([shown], [shown, *hidden]):
        assert needs_person(one, records, subjects=2)
    assert judge(one, [record(PARTLY, subject=2), *hidden]) == Verdict.PARTLY


def test_everybody_shown_needs_a_person_only_for_what_waits() -> None:
    """That somebody might have waited is no reason where nobody is missing."""
    one = prospect(may_wait=True)
    both = [record(SHOWN), record(PARTLY, subject=1)]
    assert not needs_person(one, both, subjects=2)
    assert needs_person(one, [record(PARTLY, waits=True), both[1]], subjects=2)
    # Two records of one person are not two persons.
    assert needs_person(one, [both[0], both[0]], subjects=2)
    assert not needs_person(prospect(), [both[0]], subjects=2)
    assert not needs_person(one, [both[0]], subjects=1)


def test_what_is_granted_counts_as_what_is_shown() -> None:
    """A kind without fields is made available like a field."""
    one = prospect()
    whole = record(("name",), granted=("photo",))
    assert judge(one, [whole]) == Verdict.RELEASED
    assert judge(one, [record((), granted=("photo",))]) == Verdict.PARTLY
    assert available(one, [record(("photo",)), whole]) == ["name", "photo"]
    assert available(one, [record((), granted=("photo",))]) == ["photo"]


def test_where_existence_is_told_records_speak_for_themselves() -> None:
    """None is an answer, withheld is a refusal, and only what waits waits."""
    one = prospect(told=True, may_wait=True)
    assert judge(one, []) == Verdict.RELEASED
    assert judge(one, [record(WITHHELD)]) == Verdict.REFUSED
    assert judge(one, [record(WITHHELD, waits=True)]) == Verdict.WAITING
    assert judge(one, [record(SHOWN), record(WITHHELD)]) == Verdict.PARTLY
    assert not needs_person(one, [record(WITHHELD)], subjects=1)
    assert needs_person(one, [record(WITHHELD, waits=True)], subjects=1)


def test_who_may_not_search_by_it_learns_nothing() -> None:
    """A closed selector refuses before any record counts."""
    one = prospect(told=True, may_wait=True, matching=False)
    assert judge(one, [record(SHOWN)]) == judge(one, []) == Verdict.REFUSED
