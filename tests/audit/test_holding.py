"""What an act ends must hold, and ends once."""

from __future__ import annotations

import pytest

from audit.act import Statement
from audit.holding import Holding
from tests.audit.builders import statement

CUT = statement("cutoff", 3, scope="all", name="-")
LIFT = statement("cutoff-lift", lifts="3")
CLOSED = statement("close", 0, cause="state-restored")
REOPENED = statement("reopen", reopens="0")


@pytest.mark.parametrize(
    ("begins", "ends", "fault"),
    [
        (CUT, LIFT, "the cutoff-lift ends cutoff 3, which does not hold"),
        (CLOSED, REOPENED, "the reopen ends close 0, which does not hold"),
    ],
)
def test_an_act_ends_what_holds_and_once(
    begins: Statement, ends: Statement, fault: str
) -> None:
    """Before it began, and a second time, there is nothing to end."""
    holding = Holding()
    assert holding.fault(ends) == fault
    assert holding.fault(begins) == ""
    assert holding.fault(ends) == ""
    assert holding.fault(ends) == fault


def test_another_number_is_another_act() -> None:
    """A lift names the cut-off that it lifts, and no other word will do."""
    holding = Holding()
    assert holding.fault(statement("stop", 3, run="0")) == ""
    assert holding.fault(LIFT) != ""
