"""What the face of a paper says against it, and until when it may be executed."""

from __future__ import annotations

import datetime as dt

import pytest

from gateway.face import Face, fault_of, last_day

FORM = Face(
    needs=["signed", "dated"],
    one_of=["box_1", "box_2"],
    editions=["02/17"],
    executed_within_days=14,
)


@pytest.mark.parametrize(
    ("boxes", "edition", "fault"),
    [
        ({}, None, ""),
        ({"signed": True, "dated": True, "box_1": True, "box_2": False}, "02/17", ""),
        ({"signed": False}, None, "defective"),
        ({"box_1": False, "box_2": False}, None, "defective"),
        ({"box_1": False}, None, "defective"),
        ({"box_2": True}, None, ""),
        ({}, "03/15", "defective"),
        ({"matches_record": False}, None, "identity_mismatch"),
        ({"matches_record": True}, None, ""),
        ({"matches_record": False, "signed": False}, None, "identity_mismatch"),
    ],
)
def test_faults(boxes: dict[str, bool], edition: str | None, fault: str) -> None:
    """Only what was looked at and is wanting counts against a paper."""
    assert fault_of(FORM, boxes, edition) == fault


def test_a_form_that_says_nothing() -> None:
    """Without a list of boxes or editions nothing is wanting."""
    assert fault_of(Face(), {"signed": False}, "99/99") == ""


def test_the_last_day_of_execution() -> None:
    """Days are counted from the day after the date of the paper."""
    assert last_day(FORM, dt.date(2024, 2, 20)) == dt.date(2024, 3, 5)
    assert last_day(Face(), dt.date(2024, 2, 20)) is None
