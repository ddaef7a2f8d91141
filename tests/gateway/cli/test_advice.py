"""For every fault there is, the doctor says what to do."""

from __future__ import annotations

import pytest

from audit import (
    AuditError,
    KeyFileRefused,
    LogBehind,
    LogDamaged,
    LogForked,
    LogLocked,
    LogUnavailable,
)
from connectors import DriverMissing, Fault, SourceTimeout, SourceUnavailable
from gateway.acts import NotActivated
from gateway.cli.advice import (
    A_PART,
    A_SOURCE,
    AN_ENGINE,
    BROKEN_LOG,
    of_ledger,
    of_part,
    of_source,
)
from gateway.errors import Cause, EngineFault, GatewayError, Unavailable
from gateway.state import StateRefused


def test_each_closed_list_is_answered_wholly() -> None:
    """A new fault of a source or an engine needs its sentence here."""
    assert set(A_SOURCE) == set(Fault)
    assert set(AN_ENGINE) == set(EngineFault)
    for sentence in (*A_SOURCE.values(), *AN_ENGINE.values(), *A_PART.values()):
        assert len(sentence.split()) > 3


def test_a_source_is_told_apart_by_its_fault() -> None:
    """The connector's own word decides; without one its sentence says what to do."""
    assert of_source(SourceUnavailable("jail", Fault.GONE)) == A_SOURCE[Fault.GONE]
    assert of_source(SourceTimeout("jail")) == A_SOURCE[Fault.TIMEOUT]
    assert "install" in of_source(DriverMissing("needs the extra"))


def test_a_part_of_a_running_gateway() -> None:
    """Each part of /readyz by its name, all sources alike."""
    assert of_part("log") == A_PART["log"]
    assert of_part("source jail") == A_PART["source"]


@pytest.mark.parametrize(
    ("error", "part", "advice"),
    [
        (LogLocked("x"), "log", "look again in a moment"),
        (LogBehind("x"), "log", "newest copy"),
        (LogForked("x"), "log", "which of the two is the log"),
        (LogUnavailable("x"), "log", "heals when that answers"),
        (LogDamaged("x"), "log", BROKEN_LOG),
        (AuditError("x"), "log", BROKEN_LOG),
        (KeyFileRefused("x"), "log", "name the log's own keys under log.keys"),
        (NotActivated("x"), "activation", "sallyport activate"),
        (StateRefused("x"), "state", "belong together"),
        (Unavailable(Cause.STATE_UNAVAILABLE), "state", "its server answers"),
        (GatewayError("x"), "activation", "fault of the program"),
    ],
)
def test_log_and_state(error: GatewayError, part: str, advice: str) -> None:
    """What does not open is said under its own part."""
    assert of_ledger(error)[0] == part
    assert advice in of_ledger(error)[1]
