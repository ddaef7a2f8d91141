"""Exit codes: few, different, and the same for ever."""

from __future__ import annotations

from gateway.cli.exit_codes import ExitCode


def test_the_numbers_do_not_change() -> None:
    """Scripts depend on them."""
    assert {code.name: int(code) for code in ExitCode} == {
        "DONE": 0,
        "NOT_DONE": 1,
        "MISTAKES": 2,
        "UNWITNESSED": 3,
        "UNAVAILABLE": 4,
    }
