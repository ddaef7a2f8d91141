"""The emergency brake's chapter."""

from __future__ import annotations

from gateway.demo.chapters import BRAKE
from gateway.demo.scenes import Deed, Scene


def test_what_is_cut_off_is_let_go_again() -> None:
    """The chapter ends as it began: the cut-off it adds is the one it lifts."""
    deeds = [part for part in BRAKE.parts if isinstance(part, Deed)]

    assert [deed.command["command"] for deed in deeds] == ["cutoff-add", "draft-lift"]
    assert deeds[-1] is BRAKE.parts[-1]


def test_one_family_stops_and_another_goes_on() -> None:
    """Between the two, immigration enforcement is refused and a sheriff answered."""
    found = {p.requester: p.expects for p in BRAKE.parts if isinstance(p, Scene)}

    assert found == {"ice-hsi": "refused", "neighbour-sheriff": "released"}
