"""What is tortured: one test of the suite each, with far more trials than there.

To add a part: a test that takes its number and seed from ``tests/tortured.py`` and
tells its figures, and a line here.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["PARTS", "Part"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """A test of chances: its name, what is done to what, and how often."""

    name: str
    title: str
    test: str
    trials: int


PARTS = (
    Part(
        name="gateway",
        title="gateways killed under load (SIGKILL)",
        test="tests/exchange/test_kill.py"
        "::test_gateways_killed_at_random_moments_under_load",
        trials=200,
    ),
    Part(
        name="replicas",
        title="gateways that share a log killed in turn (SIGKILL)",
        test="tests/exchange/test_replicas_killed.py"
        "::test_gateways_that_share_a_log_killed_in_turn",
        trials=50,
    ),
    Part(
        name="log",
        title="writers of the log killed (SIGKILL)",
        test="tests/audit/test_kill.py::test_writers_killed_at_random_moments",
        trials=1000,
    ),
    Part(
        name="sealed",
        title="records sealed between two reads",
        test="tests/exchange/test_threats_meanwhile.py"
        "::test_a_record_sealed_between_the_statements_is_never_released",
        trials=1000,
    ),
)
"""Every part, in the order in which they run."""
